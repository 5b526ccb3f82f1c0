// Radices of transforms on the device, and their tables in extended precision.
#include "codegen/fft_shape.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "kernels/fft_factors.h"
#include "kernels/fft_roots.h"

namespace papilio::codegen {
namespace {

/// Radices with codelets (device/dft.cuh). More than 16 points spill in double.
constexpr std::array kRadices{25, 20, 16, 15, 12, 10, 9, 8, 6, 5, 4, 3, 2};

/// Fewest passes first, then the least largest radix, then equal ones: registers and threads follow
/// the largest.
struct Best {
  std::vector<int> radices;
  std::size_t passes = std::numeric_limits<std::size_t>::max();
  int largest = 0;
  int smallest = 0;
};

void search(std::int64_t rest, std::vector<int>& open, Best& best) {
  if (rest == 1) {
    const auto [low, high] = std::minmax_element(open.begin(), open.end());
    const bool fewer = open.size() < best.passes;
    const bool even = open.size() == best.passes &&
                      (*high < best.largest || (*high == best.largest && *low > best.smallest));
    if (fewer || even) best = {open, open.size(), *high, *low};
    return;
  }
  if (open.size() + 1 > best.passes) return;
  for (const int radix : kRadices) {
    if (rest % radix != 0 || (!open.empty() && radix > open.back())) continue;
    open.push_back(radix);
    search(rest / radix, open, best);
    open.pop_back();
  }
}

/// What was measured to be faster on an H200 than what the search finds; behind it microseconds for
/// 2^24 points in single, with this shape and with the search's, where both were measured.
struct Measured {
  bool mirrored;
  FftShape shape;
};
const std::vector<Measured>& measured() {
  static const std::vector<Measured> table = {
      {false, {480, {4, 8, 15}, 32, false, 512}},      // 69.3, 84.0
      {false, {1024, {32, 32}, 32, false, 512}},       // Welch PSD 33.3, 33.8 for 16 x 8 x 8
      {false, {4096, {32, 16, 8}, 128, false, 512}},   // Welch PSD 39.1, 41.3
      {false, {8192, {32, 16, 16}, 256, false, 512}},  // 72.7, 81.7
      {true, {32, {8, 4}, 8, false, 768}},             // 45.5, 56.8
      {true, {128, {4, 8, 4}, 16, false, 768}},        // 39.3, 53.1
      {true, {200, {20, 10}, 10, true, 384}},          // 51.6; log-mel 1188, 1270 not paired
      {true, {240, {5, 6, 8}, 16, true, 512}},         // 44.0, 58.7 paired too
      {true, {500, {10, 10, 5}, 50, true, 768}},       // 46.0
      {true, {1024, {16, 8, 8}, 64, true, 768}},       // 39.5, 40.5
      {true, {2048, {16, 16, 8}, 128, true, 768}},     // 39.0, 41.8
  };
  return table;
}

std::complex<double> rounded(const kernels::ExtendedComplex& z) {
  return {static_cast<double>(z.real()), static_cast<double>(z.imag())};
}

}  // namespace

// Teams within a warp need no barrier of the block: worth up to a quarter of idle threads.
int team_size(std::int64_t threads) {
  std::int64_t power = 1;
  while (power < threads) power *= 2;
  return static_cast<int>(power <= 32 && 4 * threads >= 3 * power ? power : threads);
}

std::int64_t longest_fft(std::size_t real_bytes, std::int64_t shared_per_block) {
  const std::int64_t room = shared_per_block * 3 / 5;
  const std::int64_t points = room / static_cast<std::int64_t>(2 * real_bytes);
  return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(points)));
}

FftShape fft_shape(std::int64_t n, bool mirrored) {
  if (n == 1) return {1, {1}, 1};
  for (const Measured& known : measured()) {
    if (known.shape.n == n && known.mirrored == mirrored) return known.shape;
  }
  Best best;
  std::vector<int> open;
  search(n, open, best);
  constexpr std::int64_t kMostThreads = 1024;  // of a block
  FftShape shape = {n, best.radices, team_size(std::min(kMostThreads, n / best.largest))};
  // A butterfly of more than 16 points spills in 80 registers.
  if (best.largest > 16) shape.resident = 512;
  return shape;
}

std::string radices_text(const FftShape& shape) {
  std::string text;
  for (const int radix : shape.radices) {
    text += (text.empty() ? "" : ", ") + std::to_string(radix);
  }
  return text;
}

std::vector<std::complex<double>> pass_roots(const FftShape& shape) {
  std::vector<std::complex<double>> table;
  std::int64_t m = 1;
  for (const int radix : shape.radices) {
    const kernels::Roots roots(m * radix);
    for (std::int64_t j = 1; m > 1 && j < radix; ++j) {
      for (std::int64_t k = 0; k < m; ++k) table.push_back(rounded(roots.at(j * k)));
    }
    m *= radix;
  }
  return table;
}

std::vector<std::complex<double>> roots_of_unity(std::int64_t n, std::int64_t count) {
  const kernels::Roots roots(n);
  std::vector<std::complex<double>> table;
  for (std::int64_t k = 0; k < count; ++k) table.push_back(rounded(roots.at(k % n)));
  return table;
}

std::int64_t bluestein_size(std::int64_t n) {
  return kernels::bluestein_length(n, [](std::int64_t m) {
    const FftShape shape = fft_shape(m);
    return static_cast<double>(m) * static_cast<double>(shape.radices.size());
  });
}

std::vector<std::complex<double>> bluestein_tables(std::int64_t n, std::int64_t size) {
  const kernels::Roots roots(2 * n);
  std::vector<kernels::ExtendedComplex> wrapped(static_cast<std::size_t>(size));
  std::vector<std::complex<double>> table;
  for (std::int64_t k = 0; k < n; ++k) {
    // k^2 modulo 2n without overflow: n is far below 2^31.
    const kernels::ExtendedComplex root = roots.at(k * k % (2 * n));
    table.push_back(rounded(root));
    const kernels::ExtendedComplex value = std::conj(root) / static_cast<long double>(size);
    wrapped[static_cast<std::size_t>(k)] = value;
    wrapped[static_cast<std::size_t>(k == 0 ? 0 : size - k)] = value;
  }
  kernels::extended_fft(wrapped);
  for (const auto& value : wrapped) table.push_back(rounded(value));
  return table;
}

}  // namespace papilio::codegen
