/// All feature kernels (everything but the FFT) of one ISA in one place. Tiles are [element][lane]
/// with L = lanes_of<T>(isa) lanes, 64-byte aligned; each part's header says what it does.
#pragma once

#include "kernels/filterbank.h"
#include "kernels/load.h"
#include "kernels/logs.h"
#include "kernels/power.h"
#include "kernels/store.h"
#include "kernels/window.h"

namespace papilio::kernels {

template <typename T>
struct FeatureKernels {
  /// Samples to tiles.
  LoadKernels<T> load;
  /// Detrend, window, zero padding, pre-emphasis of a segment.
  WindowKernels<T> window;
  /// Spectrum to power.
  PowerKernels<T> power;
  /// Elementwise arithmetic.
  ElementKernels<T> element;
  /// Powers to bands.
  FilterbankKernels<T> filterbank;
  /// Logarithms.
  LogKernels<T> log;
  /// Tiles to rows.
  StoreKernels<T> store;
};

/// The table for one of usable_isas(); cheap, meant to be taken when a plan is made.
template <typename T>
FeatureKernels<T> feature_kernels(Isa isa) {
  return {load_kernels<T>(isa),    window_kernels<T>(isa),     power_kernels<T>(isa),
          element_kernels<T>(isa), filterbank_kernels<T>(isa), log_kernels<T>(isa),
          store_kernels<T>(isa)};
}

}  // namespace papilio::kernels
