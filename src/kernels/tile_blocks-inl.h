// Stages of butterfly networks on tiles (tile_blocks.h states what they compute). Included once per
// instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_shuffle-inl.h"
#include "kernels/fft_tile-inl.h"
#include "kernels/tile_blocks.h"
#include "kernels/transpose-inl.h"

#if defined(PAPILIO_KERNELS_TILE_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_TILE_BLOCKS_INL_H
#undef PAPILIO_KERNELS_TILE_BLOCKS_INL_H
#else
#define PAPILIO_KERNELS_TILE_BLOCKS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

inline constexpr int kLargestBlock = 32;

/// sum + a b.
template <class V>
HWY_INLINE Cx<V> mul_add(const Cx<V>& a, const Cx<V>& b, const Cx<V>& sum) {
  return {hn::NegMulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re)),
          hn::MulAdd(a.im, b.re, hn::MulAdd(a.re, b.im, sum.im))};
}

/// sum + a conj(b).
template <class V>
HWY_INLINE Cx<V> mul_conj_add(const Cx<V>& a, const Cx<V>& b, const Cx<V>& sum) {
  return {hn::MulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re)),
          hn::NegMulAdd(a.re, b.im, hn::MulAdd(a.im, b.re, sum.im))};
}

template <class V>
HWY_INLINE Cx<V> times_conj(const Cx<V>& a, const Cx<V>& b) {
  return {hn::MulAdd(a.im, b.im, hn::Mul(a.re, b.re)),
          hn::NegMulAdd(a.re, b.im, hn::Mul(a.im, b.re))};
}

template <class V>
HWY_INLINE Cx<V> exchanged(const Cx<V>& a) {
  return {a.im, a.re};
}

#if HWY_TARGET != HWY_SCALAR
/// at[0], at[1] += the sums of the even and of the odd lanes of one or two 128-bit blocks.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void add_alternating(D d, hn::Vec<D> sum, T* HWY_RESTRICT at) {
  const hn::CappedTag<T, 16 / sizeof(T)> block;
  hn::Vec<decltype(block)> one;
  if constexpr (kLanes<D> * sizeof(T) == 32) {
    one = hn::Add(hn::LowerHalf(block, sum), hn::UpperHalf(block, sum));
  } else {
    (void)d;
    one = sum;
  }
  alignas(16) T lanes[16 / sizeof(T)];
  if constexpr (sizeof(T) == 4) one = hn::Add(one, hn::Shuffle1032(one));
  hn::Store(one, block, lanes);
  at[0] += lanes[0];
  at[1] += lanes[1];
}
#endif

/// at[0], at[1] += the sum of a conj(b) over the lanes.
template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void add_product(D d, const Cx<V>& a, const Cx<V>& b, T* HWY_RESTRICT at) {
  const Cx<V> product = times_conj(a, b);
#if HWY_TARGET == HWY_SCALAR
  (void)d;
  at[0] += hn::GetLane(product.re);
  at[1] += hn::GetLane(product.im);
#else
  // Sums of re and of im side by side need half the steps.
  const V sum = hn::Add(hn::InterleaveLower(d, product.re, product.im),
                        hn::InterleaveUpper(d, product.re, product.im));
  if constexpr (kLanes<D> * sizeof(T) == 64) {
    const hn::Half<D> half;
    add_alternating(half, hn::Add(hn::LowerHalf(half, sum), hn::UpperHalf(half, sum)), at);
  } else {
    add_alternating(d, sum, at);
  }
#endif
}

template <class D, class T>
HWY_INLINE void load_block(D d, const Source<T>& src, std::int64_t at, std::int64_t stride,
                           int radix, Cx<hn::Vec<D>>* x) {
  for (int j = 0; j < radix; ++j) x[j] = load_element(d, src, at + j * stride);
}

/// Row `out` of M times x (of M^T: column `out`).
template <bool kTransposed, bool kConjugate, class D, class T, class V = hn::Vec<D>>
HWY_INLINE Cx<V> row_product(D d, const T* HWY_RESTRICT m, int radix, int out, const Cx<V>* x) {
  const int step = kTransposed ? radix : 1;
  const T* HWY_RESTRICT row = m + 2 * (kTransposed ? out : out * radix);
  Cx<V> sum{hn::Zero(d), hn::Zero(d)};
  for (int in = 0; in < radix; ++in) {
    const Cx<V> entry = broadcast(d, row + 2 * in * step);
    sum = kConjugate ? mul_conj_add(x[in], entry, sum) : mul_add(x[in], entry, sum);
  }
  return sum;
}

/// R = 0: the radix of the shape.
template <int R, bool kTransposed, class D, class T = hn::TFromD<D>>
void run_blocks(const TileStageShape& shape, const T* table, Source<T> src, Target<T> dst) {
  const D d;
  const int radix = R == 0 ? shape.radix : R;
  const std::int64_t m = shape.stride;
  for (std::int64_t group = 0; group < shape.groups; ++group) {
    for (std::int64_t k = 0; k < m; ++k, table += 2 * radix * radix) {
      const std::int64_t at = group * radix * m + k;
      Cx<hn::Vec<D>> x[R == 0 ? kLargestBlock : R];
      load_block(d, src, at, m, radix, x);
      for (int out = 0; out < radix; ++out) {
        store_element(d, row_product<kTransposed, false>(d, table, radix, out, x), dst,
                      at + out * m);
      }
    }
  }
}

template <int R, bool kTransposed, class D, class T = hn::TFromD<D>>
void blocks_gradient(const TileStageShape& shape, const T* table, Source<T> src, Target<T> g,
                     T* gradient) {
  const D d;
  const int radix = R == 0 ? shape.radix : R;
  const std::int64_t m = shape.stride;
  const Source<T> upstream = as_source(g);
  for (std::int64_t group = 0; group < shape.groups; ++group) {
    for (std::int64_t k = 0; k < m; ++k, table += 2 * radix * radix) {
      const std::int64_t at = group * radix * m + k;
      Cx<hn::Vec<D>> x[R == 0 ? kLargestBlock : R], dy[R == 0 ? kLargestBlock : R];
      load_block(d, src, at, m, radix, x);
      load_block(d, upstream, at, m, radix, dy);
      for (int q = 0; q < radix; ++q) {
        for (int j = 0; j < radix; ++j, gradient += 2) {
          add_product(d, kTransposed ? dy[j] : dy[q], kTransposed ? x[q] : x[j], gradient);
        }
      }
      for (int j = 0; j < radix; ++j) {
        store_element(d, row_product<!kTransposed, true>(d, table, radix, j, dy), g, at + j * m);
      }
    }
  }
}

/// x_j times w_j, or its conjugate, j > 0.
template <int R, bool kConjugate, class D, class T, class V = hn::Vec<D>>
HWY_INLINE void twiddle_block(D d, const T* HWY_RESTRICT w, Cx<V>* x) {
  HWY_UNROLL(16)
  for (int j = 1; j < R; ++j) {
    const Cx<V> factor = broadcast(d, w + 2 * (j - 1));
    x[j] = kConjugate ? times_conj(x[j], factor) : mul(x[j], factor);
  }
}

/// The DFT of the other direction: conj(F) x is F x between exchanged parts.
template <int R, class D, class V = hn::Vec<D>>
HWY_INLINE void inverse_dft(D d, Cx<V>* x) {
  for (int j = 0; j < R; ++j) x[j] = exchanged(x[j]);
  dft<R>(d, x);
  for (int j = 0; j < R; ++j) x[j] = exchanged(x[j]);
}

template <int R, bool kTransposed, class D, class T = hn::TFromD<D>>
void run_twiddles(const TileStageShape& shape, const T* table, Source<T> src, Target<T> dst) {
  const D d;
  const std::int64_t m = shape.stride;
  for (std::int64_t group = 0; group < shape.groups; ++group) {
    for (std::int64_t k = 0; k < m; ++k, table += 2 * (R - 1)) {
      const std::int64_t at = group * R * m + k;
      Cx<hn::Vec<D>> x[R];
      load_block(d, src, at, m, R, x);
      if constexpr (!kTransposed) twiddle_block<R, false>(d, table, x);
      dft<R>(d, x);
      if constexpr (kTransposed) twiddle_block<R, false>(d, table, x);
      for (int q = 0; q < R; ++q) store_element(d, x[q], dst, at + q * m);
    }
  }
}

/// y = F w x: with u = F^H g, dL/dw = u conj(x) and dL/dx = u conj(w). y = w u, u = F x: dL/dw =
/// g conj(u) and dL/dx = F^H g conj(w).
template <int R, bool kTransposed, class D, class T = hn::TFromD<D>>
void twiddles_gradient(const TileStageShape& shape, const T* table, Source<T> src, Target<T> g,
                       T* gradient) {
  const D d;
  const std::int64_t m = shape.stride;
  const Source<T> upstream = as_source(g);
  for (std::int64_t group = 0; group < shape.groups; ++group) {
    for (std::int64_t k = 0; k < m; ++k, table += 2 * (R - 1), gradient += 2 * (R - 1)) {
      const std::int64_t at = group * R * m + k;
      Cx<hn::Vec<D>> dy[R];
      load_block(d, upstream, at, m, R, dy);
      if constexpr (kTransposed) {
        Cx<hn::Vec<D>> u[R];
        load_block(d, src, at, m, R, u);
        dft<R>(d, u);
        for (int j = 1; j < R; ++j) add_product(d, dy[j], u[j], gradient + 2 * (j - 1));
        twiddle_block<R, true>(d, table, dy);
      }
      inverse_dft<R>(d, dy);
      if constexpr (!kTransposed) {
        for (int j = 1; j < R; ++j) {
          add_product(d, dy[j], load_element(d, src, at + j * m), gradient + 2 * (j - 1));
        }
        twiddle_block<R, true>(d, table, dy);
      }
      for (int q = 0; q < R; ++q) store_element(d, dy[q], g, at + q * m);
    }
  }
}

#if HWY_TARGET != HWY_SCALAR

/// Pairs of a vector.
template <class D>
inline constexpr std::int64_t kPairs = kLanes<D> / 2;

/// Transposes the square of x[0..kPairs), a row of pairs each.
template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void transpose_pairs(D d, V* x) {
  if constexpr (sizeof(T) == 4) {
    const hn::Repartition<double, D> wide;
    hn::Vec<decltype(wide)> pairs[kPairs<D>];
    for (std::int64_t i = 0; i < kPairs<D>; ++i) pairs[i] = hn::BitCast(wide, x[i]);
    transpose(wide, pairs);
    for (std::int64_t i = 0; i < kPairs<D>; ++i) x[i] = hn::BitCast(d, pairs[i]);
  } else {
    transpose_blocks(d, x, 1);
  }
}

/// x[i] = the values i of kPairs rows from `first` on; rows that are not there are zeros.
template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_pair_square(D d, const T* src, std::int64_t step, std::int64_t first,
                                 std::int64_t rows, V* x) {
  for (std::int64_t i = 0; i < kPairs<D>; ++i) {
    x[i] = first + i < rows ? hn::LoadU(d, src + (first + i) * step) : hn::Zero(d);
  }
  transpose_pairs(d, x);
}

template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_pair_square(D d, V* x, std::int64_t first, std::int64_t rows, T* dst,
                                  std::int64_t step) {
  transpose_pairs(d, x);
  for (std::int64_t i = 0; i < kPairs<D> && first + i < rows; ++i) {
    hn::StoreU(x[i], d, dst + (first + i) * step);
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

/// Whether rows of `count` values fill the squares that vectors are transposed in.
template <class D>
constexpr bool fills_squares(std::int64_t count) {
  return HWY_TARGET != HWY_SCALAR && 2 * count >= kLanes<D>;
}

template <class D, class T = hn::TFromD<D>>
void load_pair_rows(const T* src, std::int64_t step, std::int64_t rows, std::int64_t count,
                    const std::int32_t* place, Target<T> tile) {
  constexpr std::int64_t kV = kLanes<D>;
  if (!fills_squares<D>(count)) {
    std::fill_n(tile.re, count * kV, T(0));
    std::fill_n(tile.im, count * kV, T(0));
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t e = 0; e < count; ++e) {
        tile.re[place[e] * kV + row] = src[row * step + 2 * e];
        tile.im[place[e] * kV + row] = src[row * step + 2 * e + 1];
      }
    }
    return;
  }
#if HWY_TARGET != HWY_SCALAR
  const D d;
  for (std::int64_t block = 0; block < count; block += kPairs<D>) {
    const std::int64_t e = std::min(block, count - kPairs<D>);
    hn::Vec<D> low[kPairs<D>], high[kPairs<D>];
    load_pair_square(d, src + 2 * e, step, 0, rows, low);
    load_pair_square(d, src + 2 * e, step, kPairs<D>, rows, high);
    for (std::int64_t i = 0; i < kPairs<D>; ++i) {
      hn::StoreU(hn::ConcatEven(d, high[i], low[i]), d, tile.re + place[e + i] * kV);
      hn::StoreU(hn::ConcatOdd(d, high[i], low[i]), d, tile.im + place[e + i] * kV);
    }
  }
#endif
}

template <class D, class T = hn::TFromD<D>>
void store_pair_rows(Source<T> tile, const std::int32_t* place, std::int64_t rows,
                     std::int64_t count, T* dst, std::int64_t step) {
  constexpr std::int64_t kV = kLanes<D>;
  if (!fills_squares<D>(count)) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t e = 0; e < count; ++e) {
        dst[row * step + 2 * e] = tile.re[place[e] * kV + row];
        dst[row * step + 2 * e + 1] = tile.im[place[e] * kV + row];
      }
    }
    return;
  }
#if HWY_TARGET != HWY_SCALAR
  const D d;
  for (std::int64_t block = 0; block < count; block += kPairs<D>) {
    const std::int64_t e = std::min(block, count - kPairs<D>);
    hn::Vec<D> low[kPairs<D>], high[kPairs<D>];
    for (std::int64_t i = 0; i < kPairs<D>; ++i) {
      low[i] = hn::LoadU(d, tile.re + place[e + i] * kV);
      high[i] = hn::LoadU(d, tile.im + place[e + i] * kV);
      interleave(d, low[i], high[i]);
    }
    store_pair_square(d, low, 0, rows, dst + 2 * e, step);
    store_pair_square(d, high, kPairs<D>, rows, dst + 2 * e, step);
  }
#endif
}

template <class D, int R, class T = hn::TFromD<D>>
constexpr void add_blocks(TileBlockKernels<T>& table) {
  table.blocks[R][0] = {&run_blocks<R, false, D>, &blocks_gradient<R, false, D>};
  table.blocks[R][1] = {&run_blocks<R, true, D>, &blocks_gradient<R, true, D>};
}

template <class D, int R, class T = hn::TFromD<D>>
constexpr void add_twiddles(TileBlockKernels<T>& table) {
  table.twiddles[radix_slot(R)][0] = {&run_twiddles<R, false, D>, &twiddles_gradient<R, false, D>};
  table.twiddles[radix_slot(R)][1] = {&run_twiddles<R, true, D>, &twiddles_gradient<R, true, D>};
}

template <class D, class T = hn::TFromD<D>>
constexpr TileBlockKernels<T> make_tile_blocks() {
  TileBlockKernels<T> table;
  table.lanes = kLanes<D>;
  add_blocks<D, 0>(table);
  add_blocks<D, 2>(table);
  add_blocks<D, 3>(table);
  add_blocks<D, 4>(table);
  add_blocks<D, 5>(table);
  add_blocks<D, 8>(table);
  add_twiddles<D, 2>(table);
  add_twiddles<D, 3>(table);
  add_twiddles<D, 4>(table);
  add_twiddles<D, 5>(table);
  add_twiddles<D, 8>(table);
  add_twiddles<D, 16>(table);
  table.load_pairs = &load_pair_rows<D>;
  table.store_pairs = &store_pair_rows<D>;
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_TILE_BLOCKS_INL_H
