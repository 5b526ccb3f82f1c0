// Stockham passes (fft_kernels.h states the recurrence). Included once per instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_FFT_PASSES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_PASSES_INL_H
#undef PAPILIO_KERNELS_FFT_PASSES_INL_H
#else
#define PAPILIO_KERNELS_FFT_PASSES_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

/// R complex vectors in, R out.
template <int R, bool kTwiddled, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void wide_butterfly(D d, const PassShape<T>& shape, const Source<T>& src,
                               const T* HWY_RESTRICT twiddles, hn::Vec<D> scale,
                               const Target<T>& dst) {
  using V = hn::Vec<D>;
  Cx<V> x[R];
  for (int j = 0; j < R; ++j) x[j] = load<Layout::split>(d, src, j * shape.in_j);
  dft<R>(d, x);
  if constexpr (kTwiddled) {
    for (int k = 1; k < R; ++k) {
      x[k] = mul(x[k], Cx<V>{hn::Set(d, twiddles[2 * k - 2]), hn::Set(d, twiddles[2 * k - 1])});
    }
  }
  for (int k = 0; k < R; ++k) store<kOut, kStreamed>(d, x[k], scale, dst, k * shape.out_k);
}

template <int R, bool kTwiddled, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void wide_butterflies(D d, const PassShape<T>& shape, const PassArgs<T>& a,
                                 const Source<T>& src, const Target<T>& dst) {
  const hn::Vec<D> scale = hn::Set(d, a.scale);
  constexpr std::int64_t kPair = kOut == Layout::split ? 1 : 2;
  Ahead ahead = a.ahead;
  for (std::int64_t p = 0; p < shape.count; ++p) {
    const std::int64_t in = p * shape.in_p, out = p * shape.out_p;
    const T* twiddles = kTwiddled ? shape.twiddles + p * (2 * R - 2) : nullptr;
    for (std::int64_t block = 0; block < shape.span; block += kLanes<D>) {
      visit(ahead);
      const std::int64_t q = std::min(block, shape.span - kLanes<D>);
      const Source<T> from{src.re + in + q, src.im + in + q};
      Target<T> to{dst.re + kPair * (out + q), nullptr};
      if constexpr (kOut == Layout::split) to.im = dst.im + out + q;
      wide_butterfly<R, kTwiddled, kOut, kStreamed>(d, shape, from, twiddles, scale, to);
    }
  }
}

/// A pass whose vectors run along spans of at least V contiguous values.
template <int R, bool kTwiddled, Layout kOut, class D>
void pass_wide(const PassShape<hn::TFromD<D>>& shape, const PassArgs<hn::TFromD<D>>& a,
               Source<hn::TFromD<D>> src, Target<hn::TFromD<D>> dst) {
  if constexpr (kOut != Layout::split) {
    if (a.streamed) return wide_butterflies<R, kTwiddled, kOut, true>(D(), shape, a, src, dst);
  }
  wide_butterflies<R, kTwiddled, kOut, false>(D(), shape, a, src, dst);
}

/// A last pass whose results are only wanted as sums of powers.
template <int R, bool kAdd, class D>
void pass_power(const PassShape<hn::TFromD<D>>& shape, const PassArgs<hn::TFromD<D>>&,
                Source<hn::TFromD<D>> src, Target<hn::TFromD<D>> dst) {
  const D d;
  for (std::int64_t p = 0; p < shape.count; ++p) {
    for (std::int64_t block = 0; block < shape.span; block += kLanes<D>) {
      const std::int64_t in = p * shape.in_p + block;
      Cx<hn::Vec<D>> x[R];
      for (int j = 0; j < R; ++j) x[j] = load<Layout::split>(d, src, in + j * shape.in_j);
      dft<R>(d, x);
      for (int k = 0; k < R; ++k) {
        auto* sum = dst.re + p * shape.out_p + block + k * shape.out_k;
        const auto square = hn::Mul(x[k].re, x[k].re);
        const auto power = hn::MulAdd(x[k].im, x[k].im, square);
        if constexpr (kAdd) {
          hn::StoreU(hn::Add(hn::LoadU(d, sum), power), d, sum);
        } else {
          hn::StoreU(power, d, sum);
        }
      }
    }
  }
}

/// The first pass of a row: vectors run along p, and registers are transposed so that the R outputs
/// of each p are stored side by side. R is a multiple of V. With kRows = 2 one block is the whole
/// row, and another row fills the upper half of the lanes.
template <int R, int kRows, Layout kIn, class D>
void pass_first(const PassShape<hn::TFromD<D>>& shape, const PassArgs<hn::TFromD<D>>& a,
                Source<hn::TFromD<D>> src, Target<hn::TFromD<D>> dst) {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  const D d;
  constexpr std::int64_t kV = kLanes<D>, kOwn = kV / kRows;
  const T* HWY_RESTRICT twiddles = shape.twiddles;
  for (std::int64_t block = 0; block < shape.count; block += kOwn) {
    const std::int64_t p = std::min(block, shape.count - kOwn);
    Cx<V> x[R];
    for (int j = 0; j < R; ++j) {
      x[j] = load_beside<kRows, kIn>(d, src, a.in_row, p + j * shape.in_j);
    }
    dft<R>(d, x);
    for (int k = 1; k < R; ++k, twiddles += 2 * kV) {
      x[k] = mul(x[k], Cx<V>{hn::LoadU(d, twiddles), hn::LoadU(d, twiddles + kV)});
    }
    for (int group = 0; group < R; group += static_cast<int>(kV)) {
      V re[kV], im[kV];
      for (int i = 0; i < kV; ++i) {
        re[i] = x[group + i].re;
        im[i] = x[group + i].im;
      }
      transpose(d, re);
      transpose(d, im);
      for (int i = 0; i < kV; ++i) {
        const std::int64_t to = i / kOwn * shape.out_row + (p + i % kOwn) * R + group;
        hn::StoreU(re[i], d, dst.re + to);
        hn::StoreU(im[i], d, dst.im + to);
      }
    }
  }
}

template <class D, int R>
constexpr void add_radix(WidthKernels<hn::TFromD<D>>& table) {
  constexpr std::size_t slot = radix_slot(R);
  table.wide[slot] = {&pass_wide<R, true, Layout::split, D>, &pass_wide<R, false, Layout::split, D>,
                      &pass_wide<R, false, Layout::interleaved, D>,
                      &pass_wide<R, false, Layout::swapped, D>};
  table.power[slot] = {&pass_power<R, false, D>, &pass_power<R, true, D>};
  if constexpr (R % kLanes<D> == 0) {
    table.first[slot] = {&pass_first<R, 1, Layout::split, D>,
                         &pass_first<R, 1, Layout::interleaved, D>,
                         &pass_first<R, 1, Layout::swapped, D>};
    if constexpr (kLanes<D> > 1) {
      table.first_of_two[slot] = {&pass_first<R, 2, Layout::split, D>,
                                  &pass_first<R, 2, Layout::interleaved, D>,
                                  &pass_first<R, 2, Layout::swapped, D>};
    }
  }
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_PASSES_INL_H
