/// Banded filterbank on tiles [element][lane] (load.h): out[b] = sum of weight * power over the
/// bins of band b. Only the bins under a band are stored and visited.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/isa.h"

namespace papilio::kernels {

/// One band: bins first .. first + count - 1 with weights[offset .. offset + count - 1].
struct Band {
  std::int64_t first;
  /// 0 for a band between two bins; its output is 0.
  std::int64_t count;
  std::int64_t offset;
};

template <typename T>
struct FilterbankKernels {
  /// out[bands.size()][L] from power[bins][L]; sums run in a fixed order of the bins.
  void (*apply)(const T* power, std::span<const Band> bands, const T* weights, T* out);
};

template <typename T>
const FilterbankKernels<T>& filterbank_kernels(Isa isa);

}  // namespace papilio::kernels
