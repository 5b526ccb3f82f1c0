// Register shuffles of transforms: (de)interleaving complex pairs, squares side by side.
// Included once per instruction set (Highway's toggle guard).
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/transpose-inl.h"

#if defined(PAPILIO_KERNELS_FFT_SHUFFLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_SHUFFLE_INL_H
#undef PAPILIO_KERNELS_FFT_SHUFFLE_INL_H
#else
#define PAPILIO_KERNELS_FFT_SHUFFLE_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

/// Lanes of tag D.
template <class D>
inline constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));

/// V complex values starting at value `at`.
template <Layout kLayout, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE Cx<V> load(D d, const Source<T>& src, std::int64_t at) {
  if constexpr (kLayout == Layout::split) {
    return {hn::LoadU(d, src.re + at), hn::LoadU(d, src.im + at)};
  } else {
    const T* HWY_RESTRICT pairs = src.re + 2 * at;
    const V low = hn::LoadU(d, pairs), high = hn::LoadU(d, pairs + kLanes<D>);
#if HWY_TARGET == HWY_SCALAR
    const V first = low, second = high;
#else
    const V first = hn::ConcatEven(d, high, low), second = hn::ConcatOdd(d, high, low);
#endif
    if constexpr (kLayout == Layout::interleaved) return {first, second};
    return {second, first};
  }
}

/// V complex values of one row, or half of them from each of two rows `row` T apart.
template <int kRows, Layout kIn, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE Cx<V> load_beside(D d, const Source<T>& src, std::int64_t row, std::int64_t at) {
#if HWY_TARGET == HWY_SCALAR
  static_assert(kRows == 1);
  (void)row;
  return load<kIn>(d, src, at);
#else
  if constexpr (kRows == 1) {
    (void)row;
    return load<kIn>(d, src, at);
  } else if constexpr (kIn == Layout::split) {
    const hn::Half<D> half;
    return {hn::Combine(d, hn::LoadU(half, src.re + row + at), hn::LoadU(half, src.re + at)),
            hn::Combine(d, hn::LoadU(half, src.im + row + at), hn::LoadU(half, src.im + at))};
  } else {
    const V low = hn::LoadU(d, src.re + 2 * at), high = hn::LoadU(d, src.re + row + 2 * at);
    const V first = hn::ConcatEven(d, high, low), second = hn::ConcatOdd(d, high, low);
    if constexpr (kIn == Layout::interleaved) return {first, second};
    return {second, first};
  }
#endif
}

#if HWY_TARGET != HWY_SCALAR
/// interleave() for vectors of one or two 128-bit blocks.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void interleave_blocks(D d, V& re, V& im) {
  const V low = hn::InterleaveLower(d, re, im), high = hn::InterleaveUpper(d, re, im);
  if constexpr (kLanes<D> * sizeof(hn::TFromD<D>) == 32) {
    re = hn::ConcatLowerLower(d, high, low);
    im = hn::ConcatUpperUpper(d, high, low);
  } else {
    re = low;
    im = high;
  }
}
#endif

/// re and im become the vectors re[0] im[0] re[1] im[1] ...
template <class D, class V = hn::Vec<D>>
HWY_INLINE void interleave(D d, V& re, V& im) {
#if HWY_TARGET == HWY_SCALAR
  (void)d, (void)re, (void)im;
#elif HWY_TARGET == HWY_AVX3
  using T = hn::TFromD<D>;
  // Two permutes instead of four shuffles.
  if constexpr (kLanes<D> * sizeof(T) == 64) {
    const V a = re;
    if constexpr (sizeof(T) == 4) {
      const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
      re = V{_mm512_permutex2var_ps(a.raw, low, im.raw)};
      im = V{_mm512_permutex2var_ps(a.raw, high, im.raw)};
    } else {
      const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
      const __m512i high = _mm512_add_epi64(low, _mm512_set1_epi64(4));
      re = V{_mm512_permutex2var_pd(a.raw, low, im.raw)};
      im = V{_mm512_permutex2var_pd(a.raw, high, im.raw)};
    }
  } else {
    interleave_blocks(d, re, im);
  }
#else
  interleave_blocks(d, re, im);
#endif
}

/// V complex values to value `at`; `scale` applies to pairs only. Streamed pairs bypass the caches
/// and must be aligned.
template <Layout kLayout, bool kStreamed = false, class D, class T = hn::TFromD<D>,
          class V = hn::Vec<D>>
HWY_INLINE void store(D d, const Cx<V>& x, V scale, const Target<T>& dst, std::int64_t at) {
  if constexpr (kLayout == Layout::split) {
    hn::StoreU(x.re, d, dst.re + at);
    hn::StoreU(x.im, d, dst.im + at);
  } else {
    constexpr bool swapped = kLayout == Layout::swapped;
    V low = hn::Mul(swapped ? x.im : x.re, scale), high = hn::Mul(swapped ? x.re : x.im, scale);
    interleave(d, low, high);
    T* HWY_RESTRICT pairs = dst.re + 2 * at;
    if constexpr (kStreamed) {
      hn::Stream(low, d, pairs);
      hn::Stream(high, d, pairs + kLanes<D>);
    } else {
      hn::StoreU(low, d, pairs);
      hn::StoreU(high, d, pairs + kLanes<D>);
    }
  }
}

/// Asks for what the caller of a kernel will want next.
HWY_INLINE void visit(Ahead& ahead) {
  if (ahead.at >= ahead.end) return;
  for (int i = 0; i < ahead.lines; ++i, ahead.at += 64) {
    __builtin_prefetch(reinterpret_cast<const void*>(ahead.at));
    if (ahead.other == 0) continue;
    __builtin_prefetch(
        reinterpret_cast<const void*>(ahead.at + static_cast<std::uintptr_t>(ahead.other)));
  }
}

#if HWY_TARGET != HWY_SCALAR

/// Transposes the R x R squares that lie side by side in the lanes of x[0..R).
template <int R, class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_squares(D d, V* x) {
  if constexpr (R == kLanes<D>) {
    transpose(d, x);
  } else {
#if HWY_TARGET == HWY_AVX3
    using T = hn::TFromD<D>;
    static_assert(R * sizeof(T) == 32 && kLanes<D> == 2 * R);
    constexpr std::size_t block = 16 / sizeof(T);
    for (std::size_t g = 0; g < R; g += block) transpose_in_blocks(d, x + g);
    // Within each half, the lower block of a row stays and the upper one is exchanged.
    const hn::Repartition<double, D> wide;
    const __m512i lower = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i upper = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    for (std::size_t i = 0; i < block; ++i) {
      const __m512d a = hn::BitCast(wide, x[i]).raw, b = hn::BitCast(wide, x[i + block]).raw;
      x[i] = hn::BitCast(d, hn::Vec<decltype(wide)>{_mm512_permutex2var_pd(a, lower, b)});
      x[i + block] = hn::BitCast(d, hn::Vec<decltype(wide)>{_mm512_permutex2var_pd(a, upper, b)});
    }
#else
    static_assert(R == kLanes<D>, "no other instruction set has vectors of two squares");
#endif
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

/// Values src[e + lane * stride] -> dst[e * V + lane] for V consecutive e.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void transpose_square(D d, const T* HWY_RESTRICT src, std::int64_t src_stride,
                                 T* HWY_RESTRICT dst, std::int64_t dst_stride) {
  hn::Vec<D> x[kLanes<D>];
  for (std::int64_t i = 0; i < kLanes<D>; ++i) x[i] = hn::LoadU(d, src + i * src_stride);
  transpose(d, x);
  for (std::int64_t i = 0; i < kLanes<D>; ++i) hn::StoreU(x[i], d, dst + i * dst_stride);
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_SHUFFLE_INL_H
