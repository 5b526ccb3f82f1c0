/// Logarithms with a floor, on tiles [element][lane] (load.h).
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

/// Both within 2 ulp for every positive argument, subnormal ones too. 0 gives -inf, a negative
/// argument (below a negative floor) NaN, NaN stays NaN. out == in is allowed.
template <typename T>
struct LogKernels {
  /// out = ln(max(in, floor)).
  void (*ln)(const T* in, std::int64_t count, T floor, T* out);
  /// out = log10(max(in, floor)).
  void (*log10)(const T* in, std::int64_t count, T floor, T* out);
};

template <typename T>
const LogKernels<T>& log_kernels(Isa isa);

}  // namespace papilio::kernels
