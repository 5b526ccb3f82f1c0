/// Complex transforms along one row in memory, lanes = columns within the transform: the part of
/// row_fft that differs by length. Plans choose one per length, element type and instruction set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "kernels/fft_kernels.h"
#include "kernels/isa.h"

namespace papilio::kernels {

/// One call of a core: 1 to group() rows, `src_step` and `dst_step` T apart.
template <typename T>
struct RowCall {
  Layout in = Layout::split, out = Layout::split;
  Source<T> src;
  Target<T> dst;
  std::int64_t rows = 1, src_step = 0, dst_step = 0;
  T scale = T(1);  ///< of pairs only
  T* scratch = nullptr;
  const NextRows<T>* next = nullptr;  ///< nullptr: nothing to ask for
  /// Pairs are written past the caches: dst and dst_step are aligned to 64 bytes, streams() is
  /// true.
  bool streamed = false;
};

/// A forward transform of one length; the inverse exchanges re and im on both sides (swap the
/// pointers of split data, or use Layout::swapped). Immutable and thread-safe.
template <typename T>
class RowCore {
 public:
  virtual ~RowCore() = default;
  /// Rows that one call may take: short ones share vectors, which changes no bit.
  virtual std::int64_t group() const { return 1; }
  /// Whether pairs can be written past the caches.
  virtual bool streams() const { return false; }
  /// Values of T that run needs.
  virtual std::int64_t scratch_size() const = 0;
  /// dst = DFT(src), times `scale` if written in pairs. src is not written; no overlap.
  virtual void run(const RowCall<T>& call) const = 0;
};

/// Predicted time per element in units of pass_cost, or < 0 where no core of this kind exists.
template <typename T>
double row_passes_cost(std::int64_t n, Isa isa);
template <typename T>
double row_four_step_cost(std::int64_t n, Isa isa);

/// Stockham passes over the whole row: registers are transposed once, in the first pass.
template <typename T>
std::unique_ptr<const RowCore<T>> make_row_passes(std::int64_t n, Isa isa);
/// Lengths that fit into registers; nullptr for all others.
template <typename T>
std::unique_ptr<const RowCore<T>> make_row_square(std::int64_t n, Isa isa);
/// n = n1 n2, tiles of columns, twiddles, transpose, tiles of rows: any split with n1, n2 >= V.
template <typename T>
std::unique_ptr<const RowCore<T>> make_row_four_step(std::int64_t n, Isa isa);
/// Any n, by convolution of a 5-smooth length.
template <typename T>
std::unique_ptr<const RowCore<T>> make_row_bluestein(std::int64_t n, Isa isa);

/// The best of the above, or nullptr where the length is too short or too awkward for any.
template <typename T>
std::unique_ptr<const RowCore<T>> make_row_core(std::int64_t n, Isa isa);

/// What the passes after the first ask for while they make `visits` butterflies of vectors: the
/// lines of the next rows, spread over the first half, as the first pass has its own loads to wait
/// for. Rows read and written are about as long. Reaches as far as the row after the next: what is
/// asked for twice comes closer the second time.
template <typename T>
Ahead ask_ahead(const NextRows<T>& next, std::int64_t row, std::int64_t visits) {
  const auto address = [row](const T* first, std::int64_t step) {
    return reinterpret_cast<std::uintptr_t>(first + row * step);
  };
  int spread = 0;  // log2 of the visits, rounded down
  while ((std::int64_t{2} << spread) <= visits) ++spread;
  const std::int64_t bytes = next.size * static_cast<std::int64_t>(sizeof(T));
  Ahead ahead;
  ahead.lines = static_cast<int>((bytes / 64 >> std::max(spread - 1, 0)) + 1);
  ahead.at = address(next.in, next.in_step);
  ahead.end = ahead.at + static_cast<std::uintptr_t>(2 * bytes);
  if (next.out != nullptr) {
    ahead.other = static_cast<std::intptr_t>(address(next.out, next.out_step) - ahead.at);
  }
  return ahead;
}

/// Where Ahead::at stands after so many visits.
inline std::uintptr_t after_visits(std::uintptr_t at, int lines, std::int64_t visits) {
  return at + static_cast<std::uintptr_t>(64 * visits * lines);
}

/// Array length rounded up so that arrays laid one after the other start on cache lines and do not
/// all fall on the same cache sets.
constexpr std::int64_t padded(std::int64_t values) { return (values + 15) / 16 * 16 + 16; }

/// Runs of `values` pairs, one after the other, start on cache lines if the first one does.
template <typename T>
constexpr bool fills_lines(std::int64_t values) {
  return values * 2 * static_cast<std::int64_t>(sizeof(T)) % 64 == 0;
}

/// A split array of `values` carved from scratch.
template <typename T>
Target<T> carve_split(T*& scratch, std::int64_t values) {
  const Target<T> array{scratch, scratch + padded(values)};
  scratch += 2 * padded(values);
  return array;
}

}  // namespace papilio::kernels
