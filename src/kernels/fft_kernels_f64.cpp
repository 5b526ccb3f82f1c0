// FFT kernels on double, compiled for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fft_kernels_f64.cpp"
#include <hwy/foreach_target.h>  // keep before highway.h: includes this file once per target
#include <hwy/highway.h>

#include "kernels/dispatch.h"
#include "kernels/fft_kernels-inl.h"
#include "kernels/fft_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

const FftKernels<double>& fft_table_f64() {
  static constexpr FftKernels<double> table = make_fft_kernels<double>();
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(fft_table_f64);

template <>
const FftKernels<double>& fft_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(fft_table_f64, isa)();
}

}  // namespace papilio::kernels
#endif
