/// Permutations as lists of sources.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace papilio::base {

/// Whether `source` holds each of 0 .. size-1 once.
inline bool is_permutation(std::span<const std::int32_t> source) {
  std::vector<bool> seen(source.size(), false);
  for (const std::int32_t position : source) {
    if (position < 0 || position >= static_cast<std::int64_t>(source.size())) return false;
    if (seen[static_cast<std::size_t>(position)]) return false;
    seen[static_cast<std::size_t>(position)] = true;
  }
  return true;
}

}  // namespace papilio::base
