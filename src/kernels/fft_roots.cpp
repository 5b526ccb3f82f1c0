// Roots of unity by octant folding, and a recursive mixed-radix FFT in long double.
#include "kernels/fft_roots.h"

#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

namespace papilio::kernels {
namespace {

// exp(i pi/4 u / n).
ExtendedComplex eighth_turn_fraction(std::int64_t u, std::int64_t n) {
  const long double angle = std::numbers::pi_v<long double> / 4 * static_cast<long double>(u) /
                            static_cast<long double>(n);
  return {std::cos(angle), std::sin(angle)};
}

// The smallest of 2, 3, 5 that divides n.
std::size_t smallest_factor(std::size_t n) { return n % 2 == 0 ? 2 : n % 3 == 0 ? 3 : 5; }

ExtendedComplex product(const ExtendedComplex& a, const ExtendedComplex& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// Decimation in time: out[0..n) = DFT of in[0], in[step], ...; `roots` belong to length n * step.
void transform(const ExtendedComplex* in, std::size_t step, std::span<ExtendedComplex> out,
               const std::vector<ExtendedComplex>& roots) {
  const std::size_t n = out.size();
  if (n == 1) {
    out[0] = in[0];
    return;
  }
  const std::size_t r = smallest_factor(n), m = n / r;
  for (std::size_t j = 0; j < r; ++j) {
    transform(in + j * step, step * r, out.subspan(j * m, m), roots);
  }
  std::array<ExtendedComplex, 5> column;
  for (std::size_t k = 0; k < m; ++k) {
    for (std::size_t j = 0; j < r; ++j) column[j] = product(out[j * m + k], roots[j * k * step]);
    if (r == 2) {
      out[k] = column[0] + column[1];
      out[m + k] = column[0] - column[1];
      continue;
    }
    for (std::size_t q = 0; q < r; ++q) {
      ExtendedComplex sum = column[0];
      for (std::size_t j = 1; j < r; ++j) sum += product(column[j], roots[j * q % r * m * step]);
      out[q * m + k] = sum;
    }
  }
}

}  // namespace

Roots::Roots(std::int64_t n) : n_(n), shift_(0) {
  while ((std::int64_t{1} << (2 * shift_)) < n) ++shift_;
  for (std::int64_t u = 0; u <= n; u += std::int64_t{1} << shift_) {
    coarse_.push_back(eighth_turn_fraction(u, n));
  }
  for (std::int64_t u = 0; u < std::int64_t{1} << shift_; ++u) {
    fine_.push_back(eighth_turn_fraction(u, n));
  }
}

ExtendedComplex Roots::at(std::int64_t k) const {
  // u counts eighths of 1/n of a turn; fold [0, 8n) down to the first octant [0, n].
  std::int64_t u = 8 * k;
  const bool below_axis = u > 4 * n_;
  if (below_axis) u = 8 * n_ - u;
  const bool left = u > 2 * n_;
  if (left) u = 4 * n_ - u;
  const bool steep = u > n_;
  if (steep) u = 2 * n_ - u;

  long double c, s;
  if (u == n_) {
    c = s = std::numbers::sqrt2_v<long double> / 2;
  } else {
    const ExtendedComplex& a = coarse_[static_cast<std::size_t>(u >> shift_)];
    const ExtendedComplex& b =
        fine_[static_cast<std::size_t>(u & ((std::int64_t{1} << shift_) - 1))];
    const ExtendedComplex both = product(a, b);
    c = both.real();
    s = both.imag();
  }
  if (steep) std::swap(c, s);
  return {left ? -c : c, below_axis ? s : -s};
}

void extended_fft(std::vector<ExtendedComplex>& x) {
  const Roots exact(static_cast<std::int64_t>(x.size()));
  std::vector<ExtendedComplex> roots(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) roots[k] = exact.at(static_cast<std::int64_t>(k));
  const std::vector<ExtendedComplex> in = x;
  transform(in.data(), 1, x, roots);
}

}  // namespace papilio::kernels
