// Counts of positions and parameters.
#include "ir/butterfly.h"

namespace papilio::ir {

std::int64_t butterfly_size(const ButterflyAttrs& attrs) {
  constexpr std::int64_t most = std::int64_t{1} << 30;
  std::int64_t n = attrs.radices.empty() ? 0 : 1;
  for (const int radix : attrs.radices) {
    n *= radix;
    if (n > most) return 0;
  }
  return n;
}

std::int64_t stage_parameters(const ButterflyAttrs& attrs, int s) {
  const std::int64_t n = butterfly_size(attrs);
  const std::int64_t radix = attrs.radices[static_cast<std::size_t>(s)];
  return attrs.block ? n * radix : n / radix * (radix - 1);
}

std::int64_t butterfly_parameters(const ButterflyAttrs& attrs) {
  std::int64_t count = 0;
  for (int s = attrs.first; s < attrs.last; ++s) count += stage_parameters(attrs, s);
  return count;
}

}  // namespace papilio::ir
