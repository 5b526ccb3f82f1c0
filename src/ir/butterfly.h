/// What follows from the attributes of a butterfly: its size and the number of its parameters.
#pragma once

#include <cstdint>

#include "ir/attrs.h"

namespace papilio::ir {

/// n, the product of the radices; 0 when there are none, or it exceeds 2^30.
std::int64_t butterfly_size(const ButterflyAttrs& attrs);

/// Complex parameters of stage s: n/r (r-1), or n r of blocks.
std::int64_t stage_parameters(const ButterflyAttrs& attrs, int s);

/// The same of the stages [first, last), which the parameters hold one after the other.
std::int64_t butterfly_parameters(const ButterflyAttrs& attrs);

}  // namespace papilio::ir
