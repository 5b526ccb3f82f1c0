// Kernels of learned butterflies, compiled for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/butterfly_kernels.cpp"
#include "kernels/butterfly_kernels.h"

#include <hwy/foreach_target.h>  // keep before highway.h: includes this file once per target
#include <hwy/highway.h>

#include "kernels/butterfly_passes-inl.h"
#include "kernels/butterfly_square-inl.h"
#include "kernels/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <class D, class T = hn::TFromD<D>>
constexpr ButterflyKernels<T> make_all() {
  ButterflyKernels<T> table = make_butterfly_kernels<D>();
  add_square<D>(table);
  return table;
}

const ButterflyKernels<float>& butterfly_table_f32() {
  static constexpr auto table = make_all<hn::ScalableTag<float>>();
  return table;
}

const ButterflyKernels<double>& butterfly_table_f64() {
  static constexpr auto table = make_all<hn::ScalableTag<double>>();
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(butterfly_table_f32);
HWY_EXPORT(butterfly_table_f64);

template <>
const ButterflyKernels<float>& butterfly_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(butterfly_table_f32, isa)();
}
template <>
const ButterflyKernels<double>& butterfly_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(butterfly_table_f64, isa)();
}

}  // namespace papilio::kernels
#endif
