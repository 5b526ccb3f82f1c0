// Recombination: one butterfly per bin below n/2, and the second output of bin 0's.
#include "transform/recombination.h"

#include <string>

#include "transform/blocks.h"

namespace papilio::transform {
namespace {

constexpr Complex kI(0.0, 1.0);

/// Row -k modulo h.
std::size_t mirrored(std::size_t k, std::size_t h) { return k == 0 ? 0 : h - k; }

}  // namespace

std::vector<Complex> recombine(std::span<const Complex> twiddles, std::span<const Complex> u,
                               std::span<const Complex> v, std::int64_t columns) {
  const std::size_t h = twiddles.size();
  const std::size_t width = static_cast<std::size_t>(columns);
  std::vector<Complex> bins((h + 1) * width);
  for (std::size_t k = 0; k < h; ++k) {
    for (std::size_t c = 0; c < width; ++c) {
      const Complex a = u[k * width + c];
      const Complex b = v[mirrored(k, h) * width + c];
      const Complex even = 0.5 * (a + b);
      const Complex odd = -0.5 * kI * (a - b);
      bins[k * width + c] = even + twiddles[k] * odd;
      if (k == 0) bins[h * width + c] = even - twiddles[0] * odd;
    }
  }
  return bins;
}

Halves recombine_transposed(std::span<const Complex> twiddles, std::span<const Complex> bins,
                            std::int64_t columns) {
  const std::size_t h = twiddles.size();
  const std::size_t width = static_cast<std::size_t>(columns);
  Halves halves{std::vector<Complex>(h * width), std::vector<Complex>(h * width)};
  for (std::size_t k = 0; k < h; ++k) {
    for (std::size_t c = 0; c < width; ++c) {
      const Complex nyquist = k == 0 ? bins[h * width + c] : 0.0;
      const Complex even = bins[k * width + c] + nyquist;
      const Complex odd = twiddles[k] * (bins[k * width + c] - nyquist);
      halves.u[k * width + c] = 0.5 * (even - kI * odd);
      halves.v[mirrored(k, h) * width + c] = 0.5 * (even + kI * odd);
    }
  }
  return halves;
}

std::vector<Complex> undo_recombination(std::span<const Complex> twiddles,
                                        std::span<const Complex> bins) {
  const std::size_t h = twiddles.size();
  std::vector<Complex> u(h);
  Matrix pair(2, 2);
  pair.at(0, 0) = pair.at(1, 0) = 1.0;
  for (std::size_t k = 0; k < h; ++k) {
    // E[-k] = conj(E[k]) and O[-k] = conj(O[k]) for a real signal: bins k and -k give two
    // equations.
    pair.at(0, 1) = twiddles[k];
    pair.at(1, 1) = k == 0 ? -twiddles[0] : std::conj(twiddles[h - k]);
    const Matrix inverse = invert_block(pair, "the recombination, bin " + std::to_string(k));
    const Complex second = k == 0 ? bins[h] : std::conj(bins[h - k]);
    Complex even = inverse.at(0, 0) * bins[k] + inverse.at(0, 1) * second;
    Complex odd = inverse.at(1, 0) * bins[k] + inverse.at(1, 1) * second;
    if (k == 0) {
      even = even.real();
      odd = odd.real();
    }
    u[k] = even + kI * odd;
  }
  return u;
}

}  // namespace papilio::transform
