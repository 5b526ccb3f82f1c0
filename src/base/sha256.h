/// SHA-256 (FIPS 180-4): names the content of a file as sha256sum does.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace papilio::base {

/// 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace papilio::base
