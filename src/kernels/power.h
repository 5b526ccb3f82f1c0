/// Powers of spectra and the elementwise work around them, on tiles [element][lane] (load.h). Every
/// function may write where it reads (out == in), lanes never influence one another, and the result
/// of an element depends on nothing but its operands.
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

/// `count` is a number of elements (bins), each of L lanes.
template <typename T>
struct PowerKernels {
  /// out = re^2 + im^2.
  void (*store)(const T* re, const T* im, std::int64_t count, T* out);
  /// sums += re^2 + im^2.
  void (*add)(const T* re, const T* im, std::int64_t count, T* sums);
  /// Two real segments a, b in one complex transform of length n, z = a + i b: sums of |Z|^2 become
  /// those of both segments, P_a[k] + P_b[k] = (|Z[k]|^2 + |Z[(n - k) mod n]|^2) / 2 for k <= n/2.
  void (*fold_pairs)(std::int64_t n, T* sums);
};

template <typename T>
struct ElementKernels {
  /// out = sqrt(in).
  void (*sqrt)(const T* in, std::int64_t count, T* out);
  /// acc += in.
  void (*add)(const T* in, std::int64_t count, T* acc);
  /// acc = max(acc, in).
  void (*max)(const T* in, std::int64_t count, T* acc);
  /// out = in * factor[element].
  void (*scale_elements)(const T* in, const T* factor, std::int64_t count, T* out);
  /// out = in * factor[lane].
  void (*scale_lanes)(const T* in, const T* factor, std::int64_t count, T* out);
  /// out = in * factor + offset, rounded once where the ISA has fused multiply-add.
  void (*affine)(const T* in, std::int64_t count, T factor, T offset, T* out);
  /// largest[lane] = max(largest[lane], its elements); NaN elements are passed over.
  void (*lane_max)(const T* in, std::int64_t count, T* largest);
  /// out = max(in, floor[lane]); NaN stays NaN.
  void (*floor_lanes)(const T* in, const T* floor, std::int64_t count, T* out);
};

template <typename T>
const PowerKernels<T>& power_kernels(Isa isa);
template <typename T>
const ElementKernels<T>& element_kernels(Isa isa);

}  // namespace papilio::kernels
