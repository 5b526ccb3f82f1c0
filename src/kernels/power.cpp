/// Powers and elementwise kernels: one pass over a tile each, memory order, no reordering of sums.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/power.cpp"
#include "kernels/power.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

template <typename T>
HWY_INLINE Vector<T> power_at(const T* re, const T* im, std::int64_t at) {
  const Tag<T> d;
  const auto x = hn::Load(d, re + at);
  const auto y = hn::Load(d, im + at);
  return hn::MulAdd(y, y, hn::Mul(x, x));
}

/// The larger one; `b` where a is NaN (hn::Max differs between targets there).
template <typename T>
HWY_INLINE Vector<T> larger(Vector<T> a, Vector<T> b) {
  return hn::IfThenElse(hn::Gt(a, b), a, b);
}

template <typename T>
void power_store(const T* re, const T* im, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(power_at(re, im, i), Tag<T>(), out + i);
  }
}

template <typename T>
void power_add(const T* re, const T* im, std::int64_t count, T* sums) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(hn::Add(hn::Load(d, sums + i), power_at(re, im, i)), d, sums + i);
  }
}

template <typename T>
void power_fold_pairs(std::int64_t n, T* sums) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t k = 1; k <= n / 2; ++k) {
    const auto both = hn::Add(hn::Load(d, sums + k * lanes), hn::Load(d, sums + (n - k) * lanes));
    hn::Store(hn::Mul(both, hn::Set(d, T(0.5))), d, sums + k * lanes);
  }
}

template <typename T>
void element_sqrt(const T* in, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(hn::Sqrt(hn::Load(d, in + i)), d, out + i);
  }
}

template <typename T>
void element_add(const T* in, std::int64_t count, T* acc) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(hn::Add(hn::Load(d, acc + i), hn::Load(d, in + i)), d, acc + i);
  }
}

template <typename T>
void element_max(const T* in, std::int64_t count, T* acc) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(larger<T>(hn::Load(d, in + i), hn::Load(d, acc + i)), d, acc + i);
  }
}

template <typename T>
void element_scale_elements(const T* in, const T* factor, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto x = hn::Mul(hn::Load(d, in + i * lanes), hn::Set(d, factor[i]));
    hn::Store(x, d, out + i * lanes);
  }
}

template <typename T>
void element_scale_lanes(const T* in, const T* factor, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto by = hn::LoadU(d, factor);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(hn::Mul(hn::Load(d, in + i), by), d, out + i);
  }
}

template <typename T>
void element_affine(const T* in, std::int64_t count, T factor, T offset, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto a = hn::Set(d, factor);
  const auto b = hn::Set(d, offset);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(hn::MulAdd(hn::Load(d, in + i), a, b), d, out + i);
  }
}

template <typename T>
void element_lane_max(const T* in, std::int64_t count, T* largest) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  auto best = hn::LoadU(d, largest);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    best = larger<T>(hn::Load(d, in + i), best);
  }
  hn::StoreU(best, d, largest);
}

template <typename T>
void element_floor_lanes(const T* in, const T* floor, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto least = hn::LoadU(d, floor);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    hn::Store(larger<T>(least, hn::Load(d, in + i)), d, out + i);
  }
}

template <typename T>
const PowerKernels<T>& power_table() {
  static constexpr PowerKernels<T> table{
      .store = power_store<T>,
      .add = power_add<T>,
      .fold_pairs = power_fold_pairs<T>,
  };
  return table;
}

template <typename T>
const ElementKernels<T>& element_table() {
  static constexpr ElementKernels<T> table{
      .sqrt = element_sqrt<T>,
      .add = element_add<T>,
      .max = element_max<T>,
      .scale_elements = element_scale_elements<T>,
      .scale_lanes = element_scale_lanes<T>,
      .affine = element_affine<T>,
      .lane_max = element_lane_max<T>,
      .floor_lanes = element_floor_lanes<T>,
  };
  return table;
}

const PowerKernels<float>& power_f32() { return power_table<float>(); }
const PowerKernels<double>& power_f64() { return power_table<double>(); }
const ElementKernels<float>& elements_f32() { return element_table<float>(); }
const ElementKernels<double>& elements_f64() { return element_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(power_f32);
HWY_EXPORT(power_f64);
HWY_EXPORT(elements_f32);
HWY_EXPORT(elements_f64);

template <>
const PowerKernels<float>& power_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(power_f32, isa)();
}
template <>
const PowerKernels<double>& power_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(power_f64, isa)();
}
template <>
const ElementKernels<float>& element_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(elements_f32, isa)();
}
template <>
const ElementKernels<double>& element_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(elements_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
