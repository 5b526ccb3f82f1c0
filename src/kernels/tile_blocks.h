/// Stages of butterfly networks of any radix on tiles [element][lane] of L rows, re and im apart:
/// y = M x for every block of a stage, and the gradients. M is r x r free numbers, or DFT_r behind
/// twiddles w: M = F diag(1, w_1, ..). Block b of stride m holds the elements
///   r m (b div m) + m j + b mod m,  j < r.
/// Idle lanes hold zeros: they stay zeros, and add nothing to a gradient.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/fft_kernels.h"
#include "kernels/isa.h"

namespace papilio::kernels {

/// n = groups * radix * stride.
struct TileStageShape {
  int radix = 2;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

/// y = M x, or M^T x; y may be x. `table` holds (re, im) block by block: r x r in row order, or r-1
/// twiddles.
template <typename T>
using TileStage = void (*)(const TileStageShape& shape, const T* table, Source<T> x, Target<T> y);

/// From the input x of a stage and g = dL/dy: g becomes dL/dx = M^H g, and `gradient`, laid out as
/// the table, gets dL/dM added, for blocks sum g_q conj(x_j) over the lanes. The order of that sum
/// depends on the instruction set alone. Complex gradients are dL/d(re) + i dL/d(im).
template <typename T>
using TileStageGradient = void (*)(const TileStageShape& shape, const T* table, Source<T> x,
                                   Target<T> g, T* gradient);

template <typename T>
struct TileStageKernels {
  TileStage<T> run = nullptr;
  TileStageGradient<T> gradient = nullptr;
};

/// Kernels of tiles of `lanes` rows.
template <typename T>
struct TileBlockKernels {
  std::int64_t lanes = 0;
  /// [0] any radix up to 32; [r] this radix in registers, where there is one: 2, 3, 4, 5, 8;
  /// then [1] transposed.
  std::array<std::array<TileStageKernels<T>, 2>, 9> blocks{};
  /// The same of twiddles, [radix_slot].
  std::array<std::array<TileStageKernels<T>, 2>, kRadices.size()> twiddles{};
  /// Pairs of the first `rows` <= lanes rows, `step` T apart, to a tile: value e to element
  /// place[e]. Other lanes become zero.
  void (*load_pairs)(const T* src, std::int64_t step, std::int64_t rows, std::int64_t count,
                     const std::int32_t* place, Target<T> tile) = nullptr;
  /// And back: value e from element place[e].
  void (*store_pairs)(Source<T> tile, const std::int32_t* place, std::int64_t rows,
                      std::int64_t count, T* dst, std::int64_t step) = nullptr;

  /// Whether a DFT of this radix is known behind twiddles.
  static bool has_twiddles(int radix) { return radix_slot(radix) < kRadices.size(); }
  const TileStageKernels<T>& of_blocks(int radix, bool transposed) const {
    const auto slot = static_cast<std::size_t>(radix);
    const bool own = slot < blocks.size() && blocks[slot][0].run != nullptr;
    return blocks[own ? slot : 0][transposed ? 1 : 0];
  }
  const TileStageKernels<T>& of_twiddles(int radix, bool transposed) const {
    return twiddles[radix_slot(radix)][transposed ? 1 : 0];
  }
};

/// [0] tiles of full vectors; [1] of 128 bits, for rows so long that a tile would not fit.
template <typename T>
using TileBlockWidths = std::array<TileBlockKernels<T>, 2>;

/// T = float, double. Throws InternalError if `isa` is not compiled in.
template <typename T>
const TileBlockWidths<T>& tile_block_kernels(Isa isa);

}  // namespace papilio::kernels
