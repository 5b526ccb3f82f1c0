/// Networks whose numbers follow a formula: what the exact inits and structures share.
#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "transform/network.h"

namespace papilio::transform {

/// All of a network but its parameters: the norm's scale, the digit reversal, empty stages. Throws
/// UserError for an invalid spec.
Network frame_of(const NetworkSpec& spec);

/// Writes the parameters of stage s: value(q, j, k) is the entry (q, j) of the blocks with b mod m
/// = k. The twiddle form takes w_j from its row q = 0, where the DFT has ones.
void fill_stage(Network& network, int s,
                base::FunctionRef<Complex(std::int64_t q, std::int64_t j, std::int64_t k)> value);

}  // namespace papilio::transform
