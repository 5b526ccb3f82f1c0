/// Roots of unity from exact integer fractions, and the plain extended-precision FFT that makes
/// Bluestein's tables. Slow, accurate, used when plans are made.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace papilio::kernels {

using ExtendedComplex = std::complex<long double>;

/// exp(-2 pi i k / n) for one n, in extended precision (error far below half an ulp of double, so
/// that rounding to double or float once is correct to 0.51 ulp). Multiples of 1/8 of a turn are
/// exact: octants are folded in integers before any sine is taken. Memory O(sqrt(n)).
class Roots {
 public:
  explicit Roots(std::int64_t n);
  /// 0 <= k < n.
  ExtendedComplex at(std::int64_t k) const;

 private:
  std::int64_t n_;
  int shift_;
  // exp(+i pi/4 u / n) for u = i << shift_, and for u = i.
  std::vector<ExtendedComplex> coarse_, fine_;
};

/// Forward DFT of 5-smooth length in extended precision, in place.
void extended_fft(std::vector<ExtendedComplex>& x);

}  // namespace papilio::kernels
