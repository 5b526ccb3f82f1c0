// Element-wise work along one row: chirps and recombination of real spectra; vectors that overrun
// the end step back and redo some values. Included once per instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_shuffle-inl.h"
#include "kernels/fft_tile-inl.h"

#if defined(PAPILIO_KERNELS_FFT_ROW_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_ROW_INL_H
#undef PAPILIO_KERNELS_FFT_ROW_INL_H
#else
#define PAPILIO_KERNELS_FFT_ROW_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <Layout kIn, class D, class T = hn::TFromD<D>>
void row_chirp_in(Source<T> src, Source<T> chirp, std::int64_t n, std::int64_t m, Target<T> dst) {
  const D d;
  for (std::int64_t block = 0; block < n; block += kLanes<D>) {
    const std::int64_t e = std::min(block, n - kLanes<D>);
    const auto x = mul(load<kIn>(d, src, e), load<Layout::split>(d, chirp, e));
    store<Layout::split>(d, x, x.re, dst, e);
  }
  std::fill(dst.re + n, dst.re + m, T(0));
  std::fill(dst.im + n, dst.im + m, T(0));
}

template <class D, class T = hn::TFromD<D>>
void row_product(Source<T> src, Source<T> factors, std::int64_t count, Target<T> dst) {
  const D d;
  for (std::int64_t block = 0; block < count; block += kLanes<D>) {
    const std::int64_t e = std::min(block, count - kLanes<D>);
    const auto x = mul(load<Layout::split>(d, src, e), load<Layout::split>(d, factors, e));
    store<Layout::split>(d, x, x.re, dst, e);
  }
}

template <Layout kOut, class D, class T = hn::TFromD<D>>
void row_chirp_out(Source<T> src, Source<T> chirp, std::int64_t n, T scale, Target<T> dst) {
  const D d;
  const auto factor = hn::Set(d, scale);
  for (std::int64_t block = 0; block < n; block += kLanes<D>) {
    const std::int64_t e = std::min(block, n - kLanes<D>);
    const auto x = mul(load<Layout::split>(d, src, e), load<Layout::split>(d, chirp, e));
    store<kOut>(d, x, factor, dst, e);
  }
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE Cx<V> reversed(D d, const Cx<V>& x) {
  return {hn::Reverse(d, x.re), hn::Reverse(d, x.im)};
}

template <class D, class T = hn::TFromD<D>>
void row_recombine(Source<T> z, Source<T> roots, std::int64_t h, T scale, T* x) {
  using V = hn::Vec<D>;
  const D d;
  constexpr std::int64_t kV = kLanes<D>;
  const V half = hn::Set(d, T(0.5) * scale), one = hn::Set(d, T(1));
  const Target<T> out{x, nullptr};
  for (std::int64_t block = 1; block <= h / 2; block += kV) {
    const std::int64_t k = std::min(block, h / 2 - kV + 1), mirror = h - k - kV + 1;
    Cx<V> low, high;
    recombine_pair(d, load<Layout::split>(d, z, k), reversed(d, load<Layout::split>(d, z, mirror)),
                   load<Layout::split>(d, roots, k), half, low, high);
    store<Layout::interleaved>(d, low, one, out, k);
    store<Layout::interleaved>(d, reversed(d, high), one, out, mirror);
  }
  x[0] = scale * (z.re[0] + z.im[0]);
  x[1] = T(0);
  x[2 * h] = scale * (z.re[0] - z.im[0]);
  x[2 * h + 1] = T(0);
}

template <class D, class T = hn::TFromD<D>>
void row_unrecombine(const T* x, Source<T> roots, std::int64_t h, Target<T> z) {
  using V = hn::Vec<D>;
  const D d;
  constexpr std::int64_t kV = kLanes<D>;
  const Source<T> in{x, nullptr};
  for (std::int64_t block = 1; block <= h / 2; block += kV) {
    const std::int64_t k = std::min(block, h / 2 - kV + 1), mirror = h - k - kV + 1;
    Cx<V> low, high;
    unrecombine_pair(d, load<Layout::interleaved>(d, in, k),
                     reversed(d, load<Layout::interleaved>(d, in, mirror)),
                     load<Layout::split>(d, roots, k), low, high);
    store<Layout::split>(d, low, low.re, z, k);
    high = reversed(d, high);
    store<Layout::split>(d, high, high.re, z, mirror);
  }
  z.re[0] = x[0] + x[2 * h];
  z.im[0] = x[0] - x[2 * h];
}

template <class D, class T = hn::TFromD<D>>
constexpr RowKernels<T> row_kernels() {
  return {{&row_chirp_in<Layout::split, D>, &row_chirp_in<Layout::interleaved, D>,
           &row_chirp_in<Layout::swapped, D>},
          &row_product<D>,
          {&row_chirp_out<Layout::split, D>, &row_chirp_out<Layout::interleaved, D>,
           &row_chirp_out<Layout::swapped, D>},
          &row_recombine<D>,
          &row_unrecombine<D>};
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_ROW_INL_H
