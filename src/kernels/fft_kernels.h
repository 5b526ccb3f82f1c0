/// The vector kernels that transforms are made of, one table of function pointers per element type
/// and instruction set. Everything that is not vector code (which passes, which buffers) lies in
/// fft_tables, tile_fft and row_fft.
///
/// Stockham decimation in frequency: a pass of radix r with stride s and count m (r s m = n) maps
///   y[q + s (r p + k)] = w_{rm}^{p k} sum_j x[q + s (p + j m)] w_r^{j k},   q < s, p < m, k < r
/// so that after all passes the result is in natural order. q is the contiguous axis that vectors
/// run along: in a tile it is lanes x earlier outputs, in a row the earlier outputs alone.
/// Kernels whose vectors overrun a contiguous run step back and redo some values: source and
/// destination do not overlap, each lane's arithmetic is the same wherever it sits, so the bits
/// are. A wide pass may work in place where it writes each element where it read it and spans are
/// V.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

inline constexpr std::array kRadices{2, 3, 4, 5, 8, 16};

/// Index of `radix` in kRadices and in the tables below.
constexpr std::size_t radix_slot(int radix) {
  std::size_t slot = 0;
  while (slot < kRadices.size() && kRadices[slot] != radix) ++slot;
  return slot;
}

/// How complex values lie in memory: two arrays, one of (re, im) pairs, or pairs read or written
/// with re and im exchanged. An inverse transform is a forward one between exchanged values.
enum class Layout : std::uint8_t { split, interleaved, swapped };
inline constexpr std::size_t kLayouts = 3;

/// Complex values to read: `im` is unused unless split.
template <typename T>
struct Source {
  const T* re = nullptr;
  const T* im = nullptr;
};

/// Complex values to write: `im` is unused unless split.
template <typename T>
struct Target {
  T* re = nullptr;
  T* im = nullptr;
};

template <typename T>
constexpr Source<T> as_source(const Target<T>& target) {
  return {target.re, target.im};
}

/// Memory that a kernel asks the cache for while it computes: up to `end`, `lines` of 64 bytes at
/// each visit (requests in one burst would wait for one another), and the same `other` bytes
/// further on unless that is 0.
struct Ahead {
  std::uintptr_t at = 0, end = 0;
  std::intptr_t other = 0;
  int lines = 0;
};

/// Asks the cache for `size` values at once.
template <typename T>
[[gnu::always_inline]] inline void prefetch(const T* values, std::int64_t size) {
  constexpr std::int64_t line = 64 / sizeof(T);
  for (std::int64_t i = 0; i < size; i += line) __builtin_prefetch(values + i);
}

/// The rows that the next call will read and write: whoever transforms rows asks the cache for them
/// while computing.
template <typename T>
struct NextRows {
  const T* in = nullptr;
  const T* out = nullptr;                  ///< nullptr: only `in` is asked for
  std::int64_t in_step = 0, out_step = 0;  ///< T from row to row
  std::int64_t size = 0;                   ///< T of a row, the longer of the two
};

/// What is fixed of a Stockham pass; strides count values of T in a split array, complex values
/// otherwise.
template <typename T>
struct PassShape {
  const T* twiddles = nullptr;  ///< per p, per k = 1..r-1: re, im (wide) or two vectors (first)
  std::int64_t count = 1;       ///< m
  std::int64_t span = 1;        ///< contiguous values per p
  std::int64_t in_p = 0;        ///< source step from p to p + 1
  std::int64_t in_j = 0;        ///< source step from j to j + 1
  std::int64_t out_p = 0;
  std::int64_t out_k = 0;
  std::int64_t out_row = 0;  ///< T from a row to the second one that shares its vectors
};

/// What changes from run to run of a pass.
template <typename T>
struct PassArgs {
  std::int64_t in_row = 0;  ///< T from a row to the second one that shares its vectors
  T scale = T(1);           ///< multiplies what is written in pairs; split outputs are never scaled
  /// Pairs are written past the caches; dst and its spans start on cache lines.
  bool streamed = false;
  Ahead ahead;  ///< wide passes: a visit is a butterfly of vectors
};

/// Addresses travel in registers: a short row would wait for their way through memory.
template <typename T>
using PassKernel = void (*)(const PassShape<T>&, const PassArgs<T>&, Source<T> src, Target<T> dst);

/// A matrix of `rows` x `columns` complex values in row order, seen through a window of V columns
/// (or rows) that becomes a tile of V lanes.
template <typename T>
struct ColumnArgs {
  Source<T> src;
  Target<T> dst;
  std::int64_t count = 0;       ///< elements of the tile
  std::int64_t src_stride = 0;  ///< complex values (or T, if split) from element to element
  std::int64_t dst_stride = 0;
  const T* twiddles = nullptr;      ///< per element: V re, V im
  const double* scalars = nullptr;  ///< per element: re, im
  T scale = T(1);
  /// Pairs are written past the caches; dst and its elements start on cache lines.
  bool streamed = false;
  /// T from an element in memory to what a later call moves, which the cache is asked for; 0: none.
  std::int64_t ahead = 0;
};

template <typename T>
using ColumnKernel = void (*)(const ColumnArgs<T>&);

/// Rows of R^2 complex values, steps in T.
template <typename T>
struct SquareArgs {
  Source<T> src;
  Target<T> dst;
  std::int64_t rows = 0, src_step = 0, dst_step = 0;
  const T* twiddles = nullptr;        ///< per k = 1..R-1: V re, V im; lane l belongs to p = l mod R
  T scale = T(1);                     ///< of pairs
  bool streamed = false;              ///< as in PassArgs
  const NextRows<T>* next = nullptr;  ///< nullptr: nothing to ask for
};

/// Whole transforms of n = radix^2 in registers.
template <typename T>
struct SquareKernels {
  int radix = 0;          ///< 0: not there
  std::int64_t rows = 1;  ///< that ride side by side in the lanes
  /// [layout in][layout out]; combinations that no caller has are nullptr.
  std::array<std::array<void (*)(const SquareArgs<T>&), kLayouts>, kLayouts> run{};
};

/// Kernels of one vector width: `lanes` values of T.
template <typename T>
struct WidthKernels {
  std::int64_t lanes = 0;
  /// Passes along a contiguous span >= lanes: [radix][0] with twiddles, split to split;
  /// [radix][1 + layout] the last pass (m = 1, no twiddles), written in that layout.
  std::array<std::array<PassKernel<T>, 1 + kLayouts>, kRadices.size()> wide{};
  /// The last pass, whose results are only squared: dst.re = |X|^2 in [radix][0], += in [1].
  std::array<std::array<PassKernel<T>, 2>, kRadices.size()> power{};
  /// First pass of a row (s = 1), read in [layout], split output, count >= lanes; exists where the
  /// radix is a multiple of the lanes, which lets registers be transposed on the way out.
  std::array<std::array<PassKernel<T>, kLayouts>, kRadices.size()> first{};
  /// The same for two rows side by side in the lanes, count = lanes / 2.
  std::array<std::array<PassKernel<T>, kLayouts>, kRadices.size()> first_of_two{};
  /// dst tile[e][lane] = src[e * src_stride + lane], read in [layout].
  std::array<ColumnKernel<T>, kLayouts> load_columns{};
  /// dst[e * dst_stride + lane] = scale * src tile[e][lane], written in [layout].
  std::array<ColumnKernel<T>, kLayouts> store_columns{};
  /// Split store_columns of tile times `twiddles`, a vector each.
  ColumnKernel<T> store_columns_twiddled = nullptr;
  /// The same with twiddle = `twiddles` (a vector) times `scalars` (one complex).
  ColumnKernel<T> store_columns_twiddled_twice = nullptr;
  /// dst tile[e][lane] = src[e + lane * src_stride]: a transpose of split data; count >= lanes.
  ColumnKernel<T> load_rows = nullptr;
};

/// Kernels on whole tiles [element][lane] of L lanes; factors are one (re, im) per element.
template <typename T>
struct TileKernels {
  /// dst[e] = src[e * src_stride] * chirp[e] for e < n, 0 for n <= e < m.
  void (*chirp_in)(Source<T> src, std::int64_t src_stride, const T* chirp, std::int64_t n,
                   std::int64_t m, Target<T> dst);
  /// dst[e] = src[e] * factors[e], e < count; may be in place.
  void (*product)(Source<T> src, const T* factors, std::int64_t count, Target<T> dst);
  /// Spectrum Z of h complex values -> bins 0..h of the real transform of 2h; may be in place.
  void (*recombine)(Source<T> z, const T* roots, std::int64_t h, Target<T> x);
  /// The inverse of recombine up to a factor 2; element step of x given; not in place.
  void (*unrecombine)(Source<T> x, std::int64_t x_stride, const T* roots, std::int64_t h,
                      Target<T> z);
  /// dst[2e] = scale re[e], dst[2e + 1] = scale im[e].
  void (*interleave)(Source<T> src, std::int64_t count, T scale, T* dst);
  /// dst[e] = scale src[e].
  void (*scale)(const T* src, std::int64_t count, T scale, T* dst);
  /// Rows in memory (row r at src + r * row_stride) -> tile; lanes past `rows` are zero.
  void (*load_rows)(const T* src, std::int64_t row_stride, std::int64_t rows, std::int64_t count,
                    T* tile);
  /// Tile -> the first `rows` rows in memory.
  void (*store_rows)(const T* tile, std::int64_t rows, std::int64_t count, T* dst,
                     std::int64_t row_stride);
};

/// Kernels along one row of at least 2 L complex values, never in place; factors are split (re[],
/// im[]).
template <typename T>
struct RowKernels {
  /// dst[e] = src[e] * chirp[e] for e < n, 0 for n <= e < m; src in [layout].
  std::array<void (*)(Source<T> src, Source<T> chirp, std::int64_t n, std::int64_t m,
                      Target<T> dst),
             kLayouts>
      chirp_in{};
  /// dst[e] = src[e] * factors[e], e < count, all split.
  void (*product)(Source<T> src, Source<T> factors, std::int64_t count, Target<T> dst);
  /// dst[e] = scale * src[e] * chirp[e], e < n, written in [layout].
  std::array<void (*)(Source<T> src, Source<T> chirp, std::int64_t n, T scale, Target<T> dst),
             kLayouts>
      chirp_out{};
  /// Split Z of h values -> h + 1 (re, im) pairs of the real transform of 2h, times scale.
  void (*recombine)(Source<T> z, Source<T> roots, std::int64_t h, T scale, T* x);
  /// h + 1 pairs -> split Z of h values: the inverse of recombine up to a factor 2.
  void (*unrecombine)(const T* x, Source<T> roots, std::int64_t h, Target<T> z);
};

/// Every FFT kernel for T on one instruction set.
template <typename T>
struct FftKernels {
  std::int64_t lanes = 0;  ///< L
  /// Full vectors, half, quarter, as far as they are whole 128-bit blocks (lanes 0: not there).
  std::array<WidthKernels<T>, 3> widths;
  SquareKernels<T> square;
  TileKernels<T> tile;
  RowKernels<T> row;
};

/// T = float, double. Throws InternalError if `isa` is not compiled in.
template <typename T>
const FftKernels<T>& fft_kernels(Isa isa);

}  // namespace papilio::kernels
