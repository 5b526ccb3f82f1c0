// Transposes of squares held in registers, one row a vector. They move bits only and are their own
// inverse. Included once per instruction set (Highway's toggle guard).
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#if defined(PAPILIO_KERNELS_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_TRANSPOSE_INL_H
#undef PAPILIO_KERNELS_TRANSPOSE_INL_H
#else
#define PAPILIO_KERNELS_TRANSPOSE_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose(D, V*) {}

#else

/// Within every 128-bit block, the square of rows x[0..K) and the block's K columns is transposed.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_in_blocks(D d, V* x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    const V a = x[0];
    x[0] = hn::InterleaveLower(d, a, x[1]);
    x[1] = hn::InterleaveUpper(d, a, x[1]);
  } else {
    const hn::Repartition<double, D> wide;
    const auto a = hn::BitCast(wide, hn::InterleaveLower(d, x[0], x[1]));
    const auto b = hn::BitCast(wide, hn::InterleaveUpper(d, x[0], x[1]));
    const auto c = hn::BitCast(wide, hn::InterleaveLower(d, x[2], x[3]));
    const auto e = hn::BitCast(wide, hn::InterleaveUpper(d, x[2], x[3]));
    x[0] = hn::BitCast(d, hn::InterleaveLower(wide, a, c));
    x[1] = hn::BitCast(d, hn::InterleaveUpper(wide, a, c));
    x[2] = hn::BitCast(d, hn::InterleaveLower(wide, b, e));
    x[3] = hn::BitCast(d, hn::InterleaveUpper(wide, b, e));
  }
}

#if HWY_TARGET == HWY_AVX3
template <int kBlocks, class V>
HWY_INLINE V pick_blocks(V a, V b) {
  if constexpr (sizeof(hn::TFromV<V>) == 4) {
    return V{_mm512_shuffle_f32x4(a.raw, b.raw, kBlocks)};
  } else {
    return V{_mm512_shuffle_f64x2(a.raw, b.raw, kBlocks)};
  }
}
#endif

/// Transposes the square of 128-bit blocks: x[0], x[step], x[2 step], ...
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_blocks(D d, V* x, std::size_t step) {
  constexpr std::size_t blocks = sizeof(V) / 16;
  if constexpr (blocks == 2) {
    const V a = x[0];
    x[0] = hn::ConcatLowerLower(d, x[step], a);
    x[step] = hn::ConcatUpperUpper(d, x[step], a);
  }
#if HWY_TARGET == HWY_AVX3
  if constexpr (blocks == 4) {
    const V a = pick_blocks<0x44>(x[0], x[step]);
    const V b = pick_blocks<0xEE>(x[0], x[step]);
    const V c = pick_blocks<0x44>(x[2 * step], x[3 * step]);
    const V e = pick_blocks<0xEE>(x[2 * step], x[3 * step]);
    x[0] = pick_blocks<0x88>(a, c);
    x[step] = pick_blocks<0xDD>(a, c);
    x[2 * step] = pick_blocks<0x88>(b, e);
    x[3 * step] = pick_blocks<0xDD>(b, e);
  }
#endif
}

/// Transposes the V x V square held in x[0..V).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose(D d, V* x) {
  constexpr std::size_t lanes = hn::MaxLanes(D()), block = 16 / sizeof(hn::TFromD<D>);
  for (std::size_t g = 0; g < lanes; g += block) transpose_in_blocks(d, x + g);
  for (std::size_t i = 0; i < block; ++i) transpose_blocks(d, x + i, block);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_TRANSPOSE_INL_H
