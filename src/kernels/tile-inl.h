/// Tiles inside one ISA: the full-vector tag, its lane count, and the L x L register transpose that
/// turns L rows in memory into L tile elements and back.
#if defined(PAPILIO_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_TILE_INL_H_
#undef PAPILIO_KERNELS_TILE_INL_H_
#else
#define PAPILIO_KERNELS_TILE_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
using Tag = hn::ScalableTag<T>;
template <typename T>
using Vector = hn::Vec<Tag<T>>;

/// L: lanes of a full vector. Every target we compile has vectors of a fixed size.
template <typename T>
inline constexpr std::size_t kLanes = hn::MaxLanes(Tag<T>());

#if HWY_TARGET == HWY_SCALAR

template <typename T>
HWY_INLINE void transpose(Vector<T> (&)[kLanes<T>]) {}

#else

/// Transposes 128-bit blocks: afterwards block q of v[b * step] is what was block b of v[q * step].
template <typename T, std::size_t step>
HWY_INLINE void transpose_blocks(Vector<T>* HWY_RESTRICT v) {
  const Tag<T> d;
  constexpr std::size_t blocks = kLanes<T> / step;
  if constexpr (blocks == 2) {
    const auto low = hn::ConcatLowerLower(d, v[step], v[0]);
    v[step] = hn::ConcatUpperUpper(d, v[step], v[0]);
    v[0] = low;
  } else if constexpr (blocks == 4) {
    const auto low_even = hn::ConcatLowerLower(d, v[2 * step], v[0]);
    const auto high_even = hn::ConcatUpperUpper(d, v[2 * step], v[0]);
    const auto low_odd = hn::ConcatLowerLower(d, v[3 * step], v[step]);
    const auto high_odd = hn::ConcatUpperUpper(d, v[3 * step], v[step]);
    v[0] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(low_odd), low_even);
    v[step] = hn::OddEvenBlocks(low_odd, hn::SwapAdjacentBlocks(low_even));
    v[2 * step] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(high_odd), high_even);
    v[3 * step] = hn::OddEvenBlocks(high_odd, hn::SwapAdjacentBlocks(high_even));
  } else {
    static_assert(blocks == 1);
  }
}

/// Transposes inside each 128-bit block the 4 (float) or 2 (double) vectors at v.
template <typename T>
HWY_INLINE void transpose_in_blocks(Vector<T>* HWY_RESTRICT v) {
  const Tag<T> d;
  if constexpr (std::is_same_v<T, double>) {
    const auto low = hn::InterleaveLower(d, v[0], v[1]);
    v[1] = hn::InterleaveUpper(d, v[0], v[1]);
    v[0] = low;
  } else {
    const hn::RepartitionToWide<Tag<T>> wide;
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, v[0], v[1]));
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, v[2], v[3]));
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, v[0], v[1]));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, v[2], v[3]));
    v[0] = hn::BitCast(d, hn::InterleaveLower(wide, low01, low23));
    v[1] = hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23));
    v[2] = hn::BitCast(d, hn::InterleaveLower(wide, high01, high23));
    v[3] = hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23));
  }
}

/// In: v[r] holds L consecutive elements of row r. Out: v[e] holds element e of the L rows.
/// Its own inverse; moves bits only.
template <typename T>
HWY_INLINE void transpose(Vector<T> (&v)[kLanes<T>]) {
  constexpr std::size_t per_block = 16 / sizeof(T);
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < per_block; ++i) transpose_blocks<T, per_block>(v + i);
  HWY_UNROLL(4)
  for (std::size_t b = 0; b < kLanes<T>; b += per_block) transpose_in_blocks<T>(v + b);
}

#endif

/// Bit l is set where a sum of x * 0 shows that lane l held an x that is not finite.
template <typename T>
HWY_INLINE std::uint64_t lane_mask(Vector<T> bad) {
  alignas(64) T gathered[kLanes<T>];
  hn::Store(bad, Tag<T>(), gathered);
  std::uint64_t mask = 0;
  for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
    if (!(gathered[lane] == T(0))) mask |= std::uint64_t{1} << lane;
  }
  return mask;
}

/// A full vector of double from or to the same number of lanes of a tile of T.
template <typename T>
HWY_INLINE Vector<double> load_double(const T* in) {
  const hn::Rebind<T, Tag<double>> d;
  if constexpr (std::is_same_v<T, double>) {
    return hn::Load(d, in);
  } else {
    return hn::PromoteTo(Tag<double>(), hn::Load(d, in));
  }
}

template <typename T>
HWY_INLINE void store_double(Vector<double> v, T* out) {
  const hn::Rebind<T, Tag<double>> d;
  if constexpr (std::is_same_v<T, double>) {
    hn::Store(v, d, out);
  } else {
    hn::Store(hn::DemoteTo(d, v), d, out);
  }
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
