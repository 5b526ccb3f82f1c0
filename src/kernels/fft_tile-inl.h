// Element-wise work on tiles [element][lane]: chirps, recombination of real spectra, rows in and
// out. Included once per instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_FFT_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_TILE_INL_H
#undef PAPILIO_KERNELS_FFT_TILE_INL_H
#else
#define PAPILIO_KERNELS_FFT_TILE_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <class D, class T = hn::TFromD<D>>
HWY_INLINE Cx<hn::Vec<D>> broadcast(D d, const T* pair) {
  return {hn::Set(d, pair[0]), hn::Set(d, pair[1])};
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE Cx<hn::Vec<D>> load_element(D d, const Source<T>& x, std::int64_t e) {
  return load<Layout::split>(d, x, e * kLanes<D>);
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_element(D d, const Cx<hn::Vec<D>>& v, const Target<T>& x, std::int64_t e) {
  store<Layout::split>(d, v, v.re, x, e * kLanes<D>);
}

template <class D, class T = hn::TFromD<D>>
void tile_chirp_in(Source<T> src, std::int64_t src_stride, const T* chirp, std::int64_t n,
                   std::int64_t m, Target<T> dst) {
  const D d;
  for (std::int64_t e = 0; e < n; ++e) {
    store_element(d, mul(load_element(d, src, e * src_stride), broadcast(d, chirp + 2 * e)), dst,
                  e);
  }
  const auto zero = hn::Zero(d);
  for (std::int64_t e = n; e < m; ++e) store_element(d, {zero, zero}, dst, e);
}

template <class D, class T = hn::TFromD<D>>
void tile_product(Source<T> src, const T* factors, std::int64_t count, Target<T> dst) {
  const D d;
  for (std::int64_t e = 0; e < count; ++e) {
    store_element(d, mul(load_element(d, src, e), broadcast(d, factors + 2 * e)), dst, e);
  }
}

/// With A = Z[k], B = Z[h - k], w = exp(-i pi k / h): E = (A + B*) / 2, O = (A - B*) / 2,
/// X[k] = E - i w O, X[h - k] = (E + i w O)*.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void recombine_pair(D d, const Cx<V>& a, const Cx<V>& b, const Cx<V>& w, V half,
                               Cx<V>& x_low, Cx<V>& x_high) {
  (void)d;
  const Cx<V> even{hn::Mul(half, hn::Add(a.re, b.re)), hn::Mul(half, hn::Sub(a.im, b.im))};
  const Cx<V> odd{hn::Mul(half, hn::Sub(a.re, b.re)), hn::Mul(half, hn::Add(a.im, b.im))};
  const Cx<V> turned = mul(odd, w);
  x_low = sub_i(even, turned);
  x_high = {hn::Sub(even.re, turned.im), hn::Neg(hn::Add(even.im, turned.re))};
}

/// P = X[k] + X[h-k]*, Q = i w* (X[k] - X[h-k]*): Z[k] = P + Q, Z[h-k] = (P - Q)*.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void unrecombine_pair(D d, const Cx<V>& low, const Cx<V>& high, const Cx<V>& w,
                                 Cx<V>& z_low, Cx<V>& z_high) {
  (void)d;
  const Cx<V> sum{hn::Add(low.re, high.re), hn::Sub(low.im, high.im)};
  const Cx<V> diff{hn::Sub(low.re, high.re), hn::Add(low.im, high.im)};
  // i conj(w) = w.im + i w.re.
  const Cx<V> turned = mul(diff, Cx<V>{w.im, w.re});
  z_low = add(sum, turned);
  z_high = {hn::Sub(sum.re, turned.re), hn::Sub(turned.im, sum.im)};
}

template <class D, class T = hn::TFromD<D>>
void tile_recombine(Source<T> z, const T* roots, std::int64_t h, Target<T> x) {
  using V = hn::Vec<D>;
  const D d;
  const V half = hn::Set(d, T(0.5)), zero = hn::Zero(d);
  const Cx<V> first = load_element(d, z, 0);
  store_element(d, {hn::Add(first.re, first.im), zero}, x, 0);
  store_element(d, {hn::Sub(first.re, first.im), zero}, x, h);
  for (std::int64_t k = 1; k <= h - k; ++k) {
    Cx<V> low, high;
    recombine_pair(d, load_element(d, z, k), load_element(d, z, h - k), broadcast(d, roots + 2 * k),
                   half, low, high);
    store_element(d, low, x, k);
    store_element(d, high, x, h - k);
  }
}

template <class D, class T = hn::TFromD<D>>
void tile_unrecombine(Source<T> x, std::int64_t x_stride, const T* roots, std::int64_t h,
                      Target<T> z) {
  using V = hn::Vec<D>;
  const D d;
  const V dc = hn::LoadU(d, x.re), nyquist = hn::LoadU(d, x.re + h * x_stride * kLanes<D>);
  store_element(d, {hn::Add(dc, nyquist), hn::Sub(dc, nyquist)}, z, 0);
  for (std::int64_t k = 1; k <= h - k; ++k) {
    Cx<V> low, high;
    unrecombine_pair(d, load_element(d, x, k * x_stride), load_element(d, x, (h - k) * x_stride),
                     broadcast(d, roots + 2 * k), low, high);
    store_element(d, low, z, k);
    store_element(d, high, z, h - k);
  }
}

template <class D, class T = hn::TFromD<D>>
void tile_interleave(Source<T> src, std::int64_t count, T scale, T* dst) {
  const D d;
  const auto factor = hn::Set(d, scale);
  for (std::int64_t e = 0; e < count; ++e) {
    const Cx<hn::Vec<D>> x = load_element(d, src, e);
    hn::StoreU(hn::Mul(x.re, factor), d, dst + 2 * e * kLanes<D>);
    hn::StoreU(hn::Mul(x.im, factor), d, dst + (2 * e + 1) * kLanes<D>);
  }
}

template <class D, class T = hn::TFromD<D>>
void tile_scale(const T* src, std::int64_t count, T scale, T* dst) {
  const D d;
  const auto factor = hn::Set(d, scale);
  for (std::int64_t i = 0; i < count * kLanes<D>; i += kLanes<D>) {
    hn::StoreU(hn::Mul(hn::LoadU(d, src + i), factor), d, dst + i);
  }
}

template <class D, class T = hn::TFromD<D>>
void tile_load_rows(const T* src, std::int64_t row_stride, std::int64_t rows, std::int64_t count,
                    T* tile) {
  const D d;
  constexpr std::int64_t kV = kLanes<D>;
  if (count < kV) {
    std::fill_n(tile, count * kV, T(0));
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t e = 0; e < count; ++e) tile[e * kV + row] = src[row * row_stride + e];
    }
    return;
  }
  for (std::int64_t block = 0; block < count; block += kV) {
    const std::int64_t e = std::min(block, count - kV);
    hn::Vec<D> x[kV];
    for (std::int64_t i = 0; i < kV; ++i) {
      x[i] = i < rows ? hn::LoadU(d, src + e + i * row_stride) : hn::Zero(d);
    }
    transpose(d, x);
    for (std::int64_t i = 0; i < kV; ++i) hn::StoreU(x[i], d, tile + (e + i) * kV);
  }
}

template <class D, class T = hn::TFromD<D>>
void tile_store_rows(const T* tile, std::int64_t rows, std::int64_t count, T* dst,
                     std::int64_t row_stride) {
  const D d;
  constexpr std::int64_t kV = kLanes<D>;
  if (count < kV) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t e = 0; e < count; ++e) dst[row * row_stride + e] = tile[e * kV + row];
    }
    return;
  }
  for (std::int64_t block = 0; block < count; block += kV) {
    const std::int64_t e = std::min(block, count - kV);
    hn::Vec<D> x[kV];
    for (std::int64_t i = 0; i < kV; ++i) x[i] = hn::LoadU(d, tile + (e + i) * kV);
    transpose(d, x);
    for (std::int64_t i = 0; i < rows; ++i) hn::StoreU(x[i], d, dst + e + i * row_stride);
  }
}

template <class D, class T = hn::TFromD<D>>
constexpr TileKernels<T> tile_kernels() {
  return {&tile_chirp_in<D>,   &tile_product<D>, &tile_recombine<D>, &tile_unrecombine<D>,
          &tile_interleave<D>, &tile_scale<D>,   &tile_load_rows<D>, &tile_store_rows<D>};
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_TILE_INL_H
