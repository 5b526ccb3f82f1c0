/// Type-erased strided tensors, as data travel outside a graph (DLPack-compatible fields).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "papilio/view.h"

namespace papilio::base {

inline constexpr int kMaxRank = 4;

enum class DeviceKind : std::uint8_t { cpu, cuda };

/// A strided block of memory that somebody else owns. Strides are in bytes and may be negative
/// or zero. `scale` multiplies every element when it is read.
struct TensorView {
  void* data = nullptr;
  DType dtype = DType::f32;
  int rank = 0;
  std::array<std::int64_t, kMaxRank> shape{};
  std::array<std::int64_t, kMaxRank> byte_strides{};
  DeviceKind device = DeviceKind::cpu;
  double scale = 1.0;

  /// Product of the shape.
  std::int64_t count() const {
    std::int64_t product = 1;
    for (int axis = 0; axis < rank; ++axis) product *= shape[axis];
    return product;
  }
};

/// Dense row-major view.
inline TensorView dense(void* data, DType dtype, std::initializer_list<std::int64_t> shape) {
  TensorView view;
  view.data = data;
  view.dtype = dtype;
  for (std::int64_t extent : shape) view.shape[view.rank++] = extent;
  std::int64_t stride = static_cast<std::int64_t>(size_of(dtype));
  for (int axis = view.rank - 1; axis >= 0; --axis) {
    view.byte_strides[axis] = stride;
    stride *= view.shape[axis];
  }
  return view;
}

}  // namespace papilio::base
