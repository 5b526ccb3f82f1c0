/// What the public functions ask of views, executions and sizes before any work, in the same words.
#pragma once

#include <cstdint>
#include <string>

#include "base/tensor.h"
#include "papilio/execution.h"
#include "papilio/view.h"

namespace papilio::api {

/// Throws UserError for a negative number of threads or bytes.
void check_execution(const Execution& execution, const std::string& tag);

/// Throws UserError for a negative extent, missing memory or a scale that is no number.
void check_view(const base::TensorView& view, const std::string& tag);

/// Throws UserError for a factor that is infinite or zero once it is of the compute type.
void check_scale(double scale, DType compute, const std::string& tag);

/// A public view, type-erased and checked.
template <typename T>
base::TensorView tensor_of(const View<T>& view, const std::string& tag) {
  base::TensorView tensor;
  tensor.data = const_cast<std::remove_const_t<T>*>(view.data);
  tensor.dtype = dtype_of<T>();
  tensor.rank = 2;
  tensor.scale = view.scale;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    tensor.shape[axis] = view.shape[axis];
    tensor.byte_strides[axis] = view.strides[axis] * static_cast<std::int64_t>(sizeof(T));
  }
  check_view(tensor, tag);
  return tensor;
}

}  // namespace papilio::api
