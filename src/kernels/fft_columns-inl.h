// Windows of V columns or rows of a complex matrix, as the four-step transform moves them between
// memory and tiles. Included once per instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_FFT_COLUMNS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_COLUMNS_INL_H
#undef PAPILIO_KERNELS_FFT_COLUMNS_INL_H
#else
#define PAPILIO_KERNELS_FFT_COLUMNS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <Layout kIn, class D>
void load_columns(const ColumnArgs<hn::TFromD<D>>& a) {
  const D d;
  for (std::int64_t e = 0; e < a.count; ++e) {
    if (kIn != Layout::split && a.ahead != 0)
      prefetch(a.src.re + 2 * e * a.src_stride + a.ahead, 2 * kLanes<D>);
    const Cx<hn::Vec<D>> x = load<kIn>(d, a.src, e * a.src_stride);
    store<Layout::split>(d, x, x.re, a.dst, e * kLanes<D>);
  }
}

template <Layout kOut, bool kStreamed, class D>
HWY_INLINE void store_each_column(const ColumnArgs<hn::TFromD<D>>& a) {
  const D d;
  const hn::Vec<D> scale = hn::Set(d, a.scale);
  for (std::int64_t e = 0; e < a.count; ++e) {
    if (kOut != Layout::split && !kStreamed && a.ahead != 0) {
      prefetch<hn::TFromD<D>>(a.dst.re + 2 * e * a.dst_stride + a.ahead, 2 * kLanes<D>);
    }
    const Cx<hn::Vec<D>> x = load<Layout::split>(d, a.src, e * kLanes<D>);
    store<kOut, kStreamed>(d, x, scale, a.dst, e * a.dst_stride);
  }
}

template <Layout kOut, class D>
void store_columns(const ColumnArgs<hn::TFromD<D>>& a) {
  if constexpr (kOut != Layout::split) {
    if (a.streamed) return store_each_column<kOut, true, D>(a);
  }
  store_each_column<kOut, false, D>(a);
}

template <bool kTwice, class D>
void store_columns_twiddled(const ColumnArgs<hn::TFromD<D>>& a) {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  const D d;
  const T* HWY_RESTRICT w = a.twiddles;
  for (std::int64_t e = 0; e < a.count; ++e, w += 2 * kLanes<D>) {
    Cx<V> factor{hn::LoadU(d, w), hn::LoadU(d, w + kLanes<D>)};
    if constexpr (kTwice) {
      factor = mul(factor, Cx<V>{hn::Set(d, static_cast<T>(a.scalars[2 * e])),
                                 hn::Set(d, static_cast<T>(a.scalars[2 * e + 1]))});
    }
    const Cx<V> x = mul(load<Layout::split>(d, a.src, e * kLanes<D>), factor);
    store<Layout::split>(d, x, x.re, a.dst, e * a.dst_stride);
  }
}

template <class D>
void load_rows(const ColumnArgs<hn::TFromD<D>>& a) {
  const D d;
  constexpr std::int64_t kV = kLanes<D>;
  for (std::int64_t block = 0; block < a.count; block += kV) {
    const std::int64_t e = std::min(block, a.count - kV);
    transpose_square(d, a.src.re + e, a.src_stride, a.dst.re + e * kV, kV);
    transpose_square(d, a.src.im + e, a.src_stride, a.dst.im + e * kV, kV);
  }
}

template <class D>
constexpr void add_columns(WidthKernels<hn::TFromD<D>>& table) {
  table.load_columns = {&load_columns<Layout::split, D>, &load_columns<Layout::interleaved, D>,
                        &load_columns<Layout::swapped, D>};
  table.store_columns = {&store_columns<Layout::split, D>, &store_columns<Layout::interleaved, D>,
                         &store_columns<Layout::swapped, D>};
  table.store_columns_twiddled = &store_columns_twiddled<false, D>;
  table.store_columns_twiddled_twice = &store_columns_twiddled<true, D>;
  table.load_rows = &load_rows<D>;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_COLUMNS_INL_H
