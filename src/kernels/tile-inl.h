/// Tiles inside one ISA: the full-vector tag, its lane count, and what the kernels on tiles share.
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
#include "kernels/transpose-inl.h"

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

/// A sum of x * 0 over the vectors of v: NaN in the lanes that hold an x that is not finite. Four
/// chains, so that no addition waits long for the one before it.
template <typename T>
HWY_INLINE Vector<T> sum_of_zeros(const Vector<T>* HWY_RESTRICT v) {
  constexpr std::size_t lanes = kLanes<T>, chains = lanes < 4 ? lanes : 4;
  const auto zero = hn::Zero(Tag<T>());
  Vector<T> sum[chains];
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < chains; ++i) sum[i] = hn::Mul(v[i], zero);
  HWY_UNROLL(16)
  for (std::size_t i = chains; i < lanes; ++i) {
    sum[i % chains] = hn::MulAdd(v[i], zero, sum[i % chains]);
  }
  for (std::size_t step = chains / 2; step > 0; step /= 2) {
    for (std::size_t i = 0; i < step; ++i) sum[i] = hn::Add(sum[i], sum[i + step]);
  }
  return sum[0];
}

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
