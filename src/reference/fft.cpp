// Decimation in time: n = p m gives p transforms of length m, joined by m sums of p terms each.
#include "reference/fft.h"

#include <cmath>
#include <numbers>

namespace papilio::reference {
namespace {

using Complex = std::complex<double>;

std::int64_t smallest_factor(std::int64_t n) {
  for (std::int64_t p = 2; p * p <= n; ++p) {
    if (n % p == 0) return p;
  }
  return n;
}

/// Transforms in[0], in[stride], ... (n elements) into out. `roots` are those of the whole
/// transform.
void transform(const Complex* in, std::int64_t stride, std::int64_t n,
               const std::vector<Complex>& roots, Complex* out) {
  if (n == 1) {
    out[0] = in[0];
    return;
  }
  const std::int64_t p = smallest_factor(n);
  const std::int64_t m = n / p;
  for (std::int64_t q = 0; q < p; ++q)
    transform(in + q * stride, stride * p, m, roots, out + q * m);
  std::vector<Complex> part(static_cast<std::size_t>(p));
  for (std::int64_t k = 0; k < m; ++k) {
    for (std::int64_t q = 0; q < p; ++q) part[static_cast<std::size_t>(q)] = out[q * m + k];
    for (std::int64_t r = 0; r < p; ++r) {
      const std::int64_t bin = k + r * m;
      Complex sum = 0.0;
      for (std::int64_t q = 0, turn = 0; q < p; ++q, turn = (turn + bin) % n) {
        const Complex w = roots[static_cast<std::size_t>(turn * stride)];
        const Complex x = part[static_cast<std::size_t>(q)];
        sum += Complex(w.real() * x.real() - w.imag() * x.imag(),
                       w.real() * x.imag() + w.imag() * x.real());
      }
      out[bin] = sum;
    }
  }
}

}  // namespace

Complex unit_root(std::int64_t k, std::int64_t n) {
  const std::int64_t quarter = 4 * k / n;
  const std::int64_t rest = 4 * k - quarter * n;  // the angle is (quarter + rest / n) quarter turns
  const auto angle = [n](std::int64_t part) {
    return std::numbers::pi / 2 * static_cast<double>(part) / static_cast<double>(n);
  };
  // Above an eighth of a turn the other leg of the triangle is the accurate one.
  const bool small = 2 * rest <= n;
  const double c = small ? std::cos(angle(rest)) : std::sin(angle(n - rest));
  const double s = small ? std::sin(angle(rest)) : std::cos(angle(n - rest));
  switch (quarter) {
    case 0:
      return {c, -s};
    case 1:
      return {-s, -c};
    case 2:
      return {-c, s};
    default:
      return {s, c};
  }
}

std::vector<Complex> dft(const std::vector<Complex>& x, bool inverse) {
  const auto n = static_cast<std::int64_t>(x.size());
  std::vector<Complex> roots(x.size());
  for (std::int64_t k = 0; k < n; ++k) {
    const Complex root = unit_root(k, n);
    roots[static_cast<std::size_t>(k)] = inverse ? std::conj(root) : root;
  }
  std::vector<Complex> out(x.size());
  if (n > 0) transform(x.data(), 1, n, roots, out.data());
  return out;
}

}  // namespace papilio::reference
