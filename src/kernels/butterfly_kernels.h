/// The vector kernels of learned butterflies: several radix-2 stages with twiddles of their own for
/// every butterfly at one visit of the data.
///
/// Stockham decimation in time. Before a stage of stride m the element (k, q), k < m, q < n / m,
/// lies at k + m q; the stage maps, with its own w for every (k, q),
///   (k, q), (k, q + n / 2m)  ->  y(k, q) = a + w b,  y(k + m, q) = a - w b,
/// so that the input is read, and the result written, in natural order. A pass of `stages` such
/// stages holds R = 2^stages elements at a time: it reads (k, p + j n / mR), j < R, and writes
/// (k + m c, p), c < R. Transposed passes run the other way.
///
/// Tables hold V real parts, then V imaginary ones, for each butterfly of a visit: by stage, then
/// by the register that holds `a`. Registers are combined at distance R/2, R/4, .., 1, so that
/// register r ends up with c = r read backwards in `stages` bits.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/fft_kernels.h"
#include "kernels/isa.h"

namespace papilio::kernels {

/// Stages of a pass at most: more elements than there are registers would not pay.
inline constexpr int kMostStages = 4;

/// Where a pass finds its elements; steps count complex values.
struct ButterflyShape {
  std::int64_t count = 1;  ///< p
  std::int64_t span = 1;   ///< m
  std::int64_t in_j = 0;   ///< n / R
};

/// What changes from call to call of a pass. Rows take turns at every visit, so that the table is
/// read once for all of them.
struct ButterflyCall {
  std::int64_t rows = 1;
  std::int64_t src_step = 0, dst_step = 0;  ///< T from row to row
  bool streamed = false;  ///< pairs are written past the caches: they start on cache lines
  Ahead ahead;            ///< wide passes
};

/// `table` in the order of visits: p, then blocks of V along k (first passes: blocks of V along p).
template <typename T>
using ButterflyKernel = void (*)(const ButterflyShape& shape, const T* table,
                                 const ButterflyCall& call, Source<T> src, Target<T> dst);

/// The gradient of a pass: from its input x and dL/d(output), dL/d(input) into dx and dL/d(w) added
/// to `gradient`, which is laid out as `table` is. First passes and squares take a dx of nullptr:
/// not wanted.
template <typename T>
using ButterflyGradient = void (*)(const ButterflyShape& shape, const T* table, T* gradient,
                                   const ButterflyCall& call, Source<T> x, Source<T> dy,
                                   std::int64_t dy_step, Target<T> dx);

/// Passes of as many stages as the index says.
template <typename T>
struct ButterflyPasses {
  /// [0] split to split, [1] split to pairs.
  std::array<ButterflyKernel<T>, 2> forward{};
  /// [0] split to split, [1] pairs to split.
  std::array<ButterflyKernel<T>, 2> transposed{};
  /// x and dx split; dy [0] split, [1] in pairs.
  std::array<ButterflyGradient<T>, 2> gradient{};
};

/// Passes at stride 1: vectors run along p and registers are transposed on the other side.
template <typename T>
struct FirstButterflyPasses {
  ButterflyKernel<T> forward = nullptr;     ///< pairs to split
  ButterflyKernel<T> transposed = nullptr;  ///< split to pairs
  ButterflyGradient<T> gradient = nullptr;  ///< x and dx in pairs, dy split
};

/// Whole networks of 2 `stages` stages in registers, two rows side by side: an even number of rows,
/// pairs on both sides. Tables are those of two passes, spans 1 and 2^stages, one after the other.
template <typename T>
struct SquareButterflies {
  int stages = 0;  ///< 0: not there
  void (*forward)(const T* table, const ButterflyCall& call, Source<T> src,
                  Target<T> dst) = nullptr;
  void (*transposed)(const T* table, const ButterflyCall& call, Source<T> src,
                     Target<T> dst) = nullptr;
  void (*gradient)(const T* table, T* gradient, const ButterflyCall& call, Source<T> x,
                   Source<T> dy, std::int64_t dy_step, Target<T> dx) = nullptr;
};

template <typename T>
struct ButterflyKernels {
  std::int64_t lanes = 0;  ///< V
  /// span >= V; [stages].
  std::array<ButterflyPasses<T>, kMostStages + 1> wide{};
  /// count >= V, [stages]; exists where R is a multiple of V.
  std::array<FirstButterflyPasses<T>, kMostStages + 1> first{};
  /// count = V / 2: rows 2i and 2i + 1 side by side in the vectors; an even number of rows.
  std::array<FirstButterflyPasses<T>, kMostStages + 1> first_of_two{};
  SquareButterflies<T> square;
};

/// T = float, double. Throws InternalError if `isa` is not compiled in.
template <typename T>
const ButterflyKernels<T>& butterfly_kernels(Isa isa);

}  // namespace papilio::kernels
