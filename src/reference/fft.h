/// The discrete Fourier transform in double precision: mixed radix, O(n p) for each prime factor p.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace papilio::reference {

/// exp(-2 pi i k / n), 0 <= k < n, from the exact fraction: exact at multiples of a quarter turn.
std::complex<double> unit_root(std::int64_t k, std::int64_t n);

/// X[k] = sum_t x[t] exp(-2 pi i k t / n), unscaled; `inverse` turns the sign of the exponent.
std::vector<std::complex<double>> dft(const std::vector<std::complex<double>>& x, bool inverse);

}  // namespace papilio::reference
