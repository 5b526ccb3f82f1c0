/// Read access to a feature's numbers, whatever its element type.
#pragma once

#include <cstdint>

#include "api/feature.h"

namespace papilio::app {

/// Element `index` of the flat data.
inline double value_at(const api::FeatureResult& result, std::int64_t index) {
  const std::byte* bytes = result.bytes.data();
  if (result.dtype == DType::f64) return reinterpret_cast<const double*>(bytes)[index];
  return static_cast<double>(reinterpret_cast<const float*>(bytes)[index]);
}

/// Values per row.
inline std::int64_t row_size(const api::FeatureResult& result) {
  std::int64_t product = 1;
  for (std::size_t axis = 1; axis < result.shape.size(); ++axis) product *= result.shape[axis];
  return product;
}

}  // namespace papilio::app
