/// Which sizes a bench runs over, as the command line writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace papilio::bench {

/// "64-4096": the powers of two of that range; "64,400,1000": these; both may be mixed. `flag` is
/// named in the UserError of anything else.
std::vector<std::int64_t> parse_sizes(const std::string& flag, const std::string& text);

/// "avx512,avx2", each once. Throws UserError for what this chip cannot run.
std::vector<std::string> parse_isas(const std::string& flag, const std::string& text);

}  // namespace papilio::bench
