/// Rows between the caller's memory and dense values of the compute type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/tensor.h"
#include "kernels/sample.h"

namespace papilio::runtime::cpu {

/// Row `row` of [rows, elements].
inline const std::byte* row_of(const base::TensorView& view, std::int64_t row) {
  return static_cast<const std::byte*>(view.data) + row * view.byte_strides[0];
}

/// Copies `count` elements at `from`, that lie as the last axis of `view` does, as T (pairs if
/// `complex`), times its scale; `size` - count zeros follow.
template <typename T>
void convert_row(const std::byte* from, const base::TensorView& view, std::int64_t count,
                 std::int64_t size, bool complex, T* to) {
  const DType part = kernels::part_of(view.dtype);
  const auto part_bytes = static_cast<std::int64_t>(size_of(part));
  const auto scale = static_cast<T>(view.scale);
  const std::int64_t stride = view.byte_strides[view.rank - 1];
  kernels::with_sample_type(part, [&]<typename Source>() {
    for (std::int64_t i = 0; i < count; ++i, from += stride) {
      T* element = to + (complex ? 2 * i : i);
      element[0] = kernels::read_sample<T, Source>(from) * scale;
      if (!complex) continue;
      element[1] = is_complex(view.dtype)
                       ? kernels::read_sample<T, Source>(from + part_bytes) * scale
                       : T(0);
    }
  });
  std::fill(to + (complex ? 2 : 1) * count, to + (complex ? 2 : 1) * size, T(0));
}

/// Row `row` of a stack as a view of its own.
inline base::TensorView row_view(base::TensorView view, std::int64_t row) {
  view.data = static_cast<std::byte*>(view.data) + row * view.byte_strides[0];
  view.rank -= 1;
  std::copy_n(view.shape.begin() + 1, view.rank, view.shape.begin());
  std::copy_n(view.byte_strides.begin() + 1, view.rank, view.byte_strides.begin());
  return view;
}

/// Writes `count` elements of the view's own type along its last axis.
template <typename T>
void write_item(const T* values, std::int64_t count, const base::TensorView& to) {
  const auto bytes = static_cast<std::int64_t>(size_of(to.dtype));
  const auto* from = reinterpret_cast<const std::byte*>(values);
  auto* out = static_cast<std::byte*>(to.data);
  const std::int64_t stride = to.byte_strides[to.rank - 1];
  if (stride == bytes) {
    std::memcpy(out, from, static_cast<std::size_t>(count * bytes));
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) std::copy_n(from + i * bytes, bytes, out + i * stride);
}

}  // namespace papilio::runtime::cpu
