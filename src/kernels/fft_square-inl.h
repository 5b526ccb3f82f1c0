// Transforms of n = R^2 without a buffer: R vectors hold a row (or as many as fit side by side into
// the lanes), a DFT of R, twiddles, a transpose of registers, a DFT of R. Included once per
// instruction set.
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_FFT_SQUARE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_SQUARE_INL_H
#undef PAPILIO_KERNELS_FFT_SQUARE_INL_H
#else
#define PAPILIO_KERNELS_FFT_SQUARE_INL_H
#endif

#if HWY_TARGET != HWY_SCALAR  // a vector of one lane has nothing to transpose

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

/// V complex values to value `at` of one row, or half of them to each of two rows `row` T apart.
template <int kRows, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void store_beside(D d, const Cx<hn::Vec<D>>& x, hn::Vec<D> scale, const Target<T>& dst,
                             std::int64_t row, std::int64_t at) {
  if constexpr (kRows == 1) {
    (void)row;
    store<kOut, kStreamed>(d, x, scale, dst, at);
  } else if constexpr (kOut == Layout::split) {
    (void)scale;
    const hn::Half<D> half;
    hn::StoreU(hn::LowerHalf(half, x.re), half, dst.re + at);
    hn::StoreU(hn::LowerHalf(half, x.im), half, dst.im + at);
    hn::StoreU(hn::UpperHalf(half, x.re), half, dst.re + row + at);
    hn::StoreU(hn::UpperHalf(half, x.im), half, dst.im + row + at);
  } else {
    constexpr bool swapped = kOut == Layout::swapped;
    hn::Vec<D> first = hn::Mul(swapped ? x.im : x.re, scale);
    hn::Vec<D> second = hn::Mul(swapped ? x.re : x.im, scale);
    interleave(d, first, second);
    if constexpr (kStreamed) {
      hn::Stream(first, d, dst.re + 2 * at);
      hn::Stream(second, d, dst.re + row + 2 * at);
    } else {
      hn::StoreU(first, d, dst.re + 2 * at);
      hn::StoreU(second, d, dst.re + row + 2 * at);
    }
  }
}

template <int R, Layout kIn, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void square_rows(D d, const SquareArgs<T>& a) {
  using V = hn::Vec<D>;
  constexpr std::int64_t kV = kLanes<D>, kRows = kV / R;
  const V scale = hn::Set(d, a.scale);
  for (std::int64_t row = 0; row < a.rows; row += kRows) {
    // A row alone is its own neighbour.
    const bool alone = row + 1 == a.rows;
    const std::int64_t in_row = alone ? 0 : a.src_step, out_row = alone ? 0 : a.dst_step;
    Source<T> src{a.src.re + row * a.src_step, nullptr};
    if constexpr (kIn == Layout::split) src.im = a.src.im + row * a.src_step;
    Target<T> dst{a.dst.re + row * a.dst_step, nullptr};
    if constexpr (kOut == Layout::split) dst.im = a.dst.im + row * a.dst_step;
    for (std::int64_t i = 0; i < kRows; ++i) {
      if (a.next == nullptr) break;
      prefetch(a.next->in + (row + i) * a.next->in_step, a.next->size);
      if (a.next->out == nullptr) continue;
      prefetch(a.next->out + (row + i) * a.next->out_step, a.next->size);
    }
    Cx<V> x[R];
    for (int j = 0; j < R; ++j) x[j] = load_beside<kRows, kIn>(d, src, in_row, j * R);
    dft<R>(d, x);
    const T* HWY_RESTRICT twiddles = a.twiddles;
    for (int k = 1; k < R; ++k, twiddles += 2 * kV) {
      x[k] = mul(x[k], Cx<V>{hn::LoadU(d, twiddles), hn::LoadU(d, twiddles + kV)});
    }
    V re[R], im[R];
    for (int k = 0; k < R; ++k) {
      re[k] = x[k].re;
      im[k] = x[k].im;
    }
    transpose_squares<R>(d, re);
    transpose_squares<R>(d, im);
    for (int p = 0; p < R; ++p) x[p] = {re[p], im[p]};
    dft<R>(d, x);
    for (int q = 0; q < R; ++q)
      store_beside<kRows, kOut, kStreamed>(d, x[q], scale, dst, out_row, q * R);
  }
}

template <int R, Layout kIn, Layout kOut, class D>
void square(const SquareArgs<hn::TFromD<D>>& a) {
  if constexpr (kOut != Layout::split) {
    if (a.streamed) return square_rows<R, kIn, kOut, true>(D(), a);
  }
  square_rows<R, kIn, kOut, false>(D(), a);
}

template <class D, int R>
constexpr SquareKernels<hn::TFromD<D>> square_kernels() {
  constexpr auto split = static_cast<std::size_t>(Layout::split);
  constexpr auto pairs = static_cast<std::size_t>(Layout::interleaved);
  constexpr auto swapped = static_cast<std::size_t>(Layout::swapped);
  SquareKernels<hn::TFromD<D>> table;
  table.radix = R;
  table.rows = kLanes<D> / R;
  table.run[pairs][pairs] = &square<R, Layout::interleaved, Layout::interleaved, D>;
  table.run[swapped][swapped] = &square<R, Layout::swapped, Layout::swapped, D>;
  table.run[pairs][split] = &square<R, Layout::interleaved, Layout::split, D>;
  table.run[split][swapped] = &square<R, Layout::split, Layout::swapped, D>;
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET != HWY_SCALAR
#endif  // PAPILIO_KERNELS_FFT_SQUARE_INL_H
