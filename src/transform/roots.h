/// Roots of unity, the numbers of every exact network.
#pragma once

#include <complex>
#include <cstdint>

namespace papilio::transform {

/// exp(-2 pi i k / n), correctly rounded but for rare half cases, for any k and n >= 1. Multiples
/// of 1/8 of a turn are exact, and mirrored angles have mirrored bits: octants are folded in
/// integers before a sine is taken in extended precision.
std::complex<double> unit_root(std::int64_t k, std::int64_t n);

}  // namespace papilio::transform
