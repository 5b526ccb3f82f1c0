/// Which radices a transform length is cut into, per instruction set.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/isa.h"

namespace papilio::kernels {

/// True for 2^a 3^b 5^c (1 included).
bool is_five_smooth(std::int64_t n);

/// Relative time per element of one pass of `radix` over data in cache. Measured; ISAs with 32
/// vector registers hold radix 16 without spilling much, the others prefer 4 and 8.
double pass_cost(int radix, Isa isa);

/// Radices whose product is n (5-smooth) with the least summed pass_cost, largest first.
std::vector<int> best_radices(std::int64_t n, Isa isa);

/// Sum of pass_cost over best_radices(n, isa).
double radices_cost(std::int64_t n, Isa isa);

/// The 5-smooth m in [2n - 1, 4n) with the least cost(m); cost < 0 marks lengths that cannot be
/// used.
std::int64_t bluestein_length(std::int64_t n, const std::function<double(std::int64_t)>& cost);

}  // namespace papilio::kernels
