/// How much memory there is, and sizes as people write them.
#pragma once

#include <cstdint>
#include <string>

namespace papilio::base {

/// Bytes that this process can still take without swapping; 0: unknown.
std::int64_t available_memory();

/// "1.5 GB", "640 MB", "12 kB".
std::string size_text(std::int64_t bytes);

}  // namespace papilio::base
