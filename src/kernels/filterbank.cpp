/// Banded filterbank kernels.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/filterbank.cpp"
#include "kernels/filterbank.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

/// Two sums (even and odd bins of the band) hide the latency of the multiply-add.
template <typename T>
HWY_INLINE Vector<T> band_sum(const T* power, const T* weights, std::int64_t count) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  auto even = hn::Zero(d);
  auto odd = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    even = hn::MulAdd(hn::Set(d, weights[i]), hn::Load(d, power + i * lanes), even);
    odd = hn::MulAdd(hn::Set(d, weights[i + 1]), hn::Load(d, power + (i + 1) * lanes), odd);
  }
  if (i < count) even = hn::MulAdd(hn::Set(d, weights[i]), hn::Load(d, power + i * lanes), even);
  return hn::Add(even, odd);
}

template <typename T>
void filterbank_apply(const T* power, std::span<const Band> bands, const T* weights, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  for (const Band& band : bands) {
    const auto sum = band_sum<T>(power + band.first * lanes, weights + band.offset, band.count);
    hn::Store(sum, Tag<T>(), out);
    out += lanes;
  }
}

template <typename T>
const FilterbankKernels<T>& filterbank_table() {
  static constexpr FilterbankKernels<T> table{.apply = filterbank_apply<T>};
  return table;
}

const FilterbankKernels<float>& filterbank_f32() { return filterbank_table<float>(); }
const FilterbankKernels<double>& filterbank_f64() { return filterbank_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(filterbank_f32);
HWY_EXPORT(filterbank_f64);

template <>
const FilterbankKernels<float>& filterbank_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(filterbank_f32, isa)();
}
template <>
const FilterbankKernels<double>& filterbank_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(filterbank_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
