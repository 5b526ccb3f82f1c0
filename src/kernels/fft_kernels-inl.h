// Assembles the table of FFT kernels of one element type. Included once per instruction set.
#include <hwy/highway.h>

#include "kernels/fft_columns-inl.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_passes-inl.h"
#include "kernels/fft_row-inl.h"
#include "kernels/fft_square-inl.h"
#include "kernels/fft_tile-inl.h"

#if defined(PAPILIO_KERNELS_FFT_KERNELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_KERNELS_INL_H
#undef PAPILIO_KERNELS_FFT_KERNELS_INL_H
#else
#define PAPILIO_KERNELS_FFT_KERNELS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <class D, class T = hn::TFromD<D>>
constexpr WidthKernels<T> width_kernels() {
  WidthKernels<T> table;
  table.lanes = kLanes<D>;
  add_radix<D, 2>(table);
  add_radix<D, 3>(table);
  add_radix<D, 4>(table);
  add_radix<D, 5>(table);
  add_radix<D, 8>(table);
  add_radix<D, 16>(table);
  add_columns<D>(table);
  return table;
}

template <typename T>
constexpr FftKernels<T> make_fft_kernels() {
  using Full = hn::ScalableTag<T>;
  constexpr std::int64_t lanes = kLanes<Full>;
  FftKernels<T> table;
  table.lanes = lanes;
  table.widths[0] = width_kernels<Full>();
  if constexpr (lanes * sizeof(T) >= 32) {
    table.widths[1] = width_kernels<hn::CappedTag<T, lanes / 2>>();
  }
  if constexpr (lanes * sizeof(T) >= 64) {
    table.widths[2] = width_kernels<hn::CappedTag<T, lanes / 4>>();
  }
#if HWY_TARGET != HWY_SCALAR
  // 64 points; 256 of them would leave no registers for the work.
  if constexpr (lanes == 8 || lanes == 16) table.square = square_kernels<Full, 8>();
#endif
  table.tile = tile_kernels<Full>();
  table.row = row_kernels<Full>();
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_KERNELS_INL_H
