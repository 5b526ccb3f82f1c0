// Strides and addresses.
#include "runtime/cuda/device_views.h"

#include <string>

#include "papilio/error.h"

namespace papilio::runtime::cuda {
namespace {

bool lies_at_multiples(const base::TensorView& view, std::int64_t bytes) {
  bool fits = reinterpret_cast<std::uintptr_t>(view.data) % static_cast<std::uint64_t>(bytes) == 0;
  for (int axis = 0; axis < view.rank; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    fits = fits && (view.shape[a] <= 1 || view.byte_strides[a] % bytes == 0);
  }
  return fits || view.count() == 0;
}

void check_alignment(const std::string& port, const base::TensorView& view, std::int64_t bytes) {
  if (lies_at_multiples(view, bytes)) return;
  throw UserError("[cuda] " + port + " is " + name_of(view.dtype) +
                  " in device memory: its address and strides must be multiples of " +
                  std::to_string(bytes) + " bytes; copy it");
}

}  // namespace

bool lies_aligned(const base::TensorView& view) {
  return lies_at_multiples(view, static_cast<std::int64_t>(size_of(view.dtype)));
}

void check_items(const OutputSpec& spec, const base::TensorView& view) {
  const auto& dims = spec.type.dims;
  for (std::size_t axis = dims.size() - 1; axis-- > 0;) {
    if (dims[axis].extent != ir::Extent::fixed) return;
    const std::int64_t stride = view.shape[axis + 1] * view.byte_strides[axis + 1];
    if (view.shape[axis] <= 1 || view.byte_strides[axis] == stride) continue;
    throw UserError("[cuda] output " + spec.name + ": axis " + std::to_string(axis) +
                    " has a stride of " + std::to_string(view.byte_strides[axis]) +
                    " bytes, its elements must lie one behind the other (" +
                    std::to_string(stride) + "); only rows and frames may lie apart");
  }
}

void check_input_alignment(const std::string& name, const base::TensorView& view) {
  const auto bytes = static_cast<std::int64_t>(size_of(view.dtype));
  check_alignment("input " + name, view,
                  view.dtype == DType::i24 ? 1
                  : is_complex(view.dtype) ? bytes / 2
                                           : bytes);
}

void check_output_alignment(const std::string& name, const base::TensorView& view) {
  check_alignment("output " + name, view, static_cast<std::int64_t>(size_of(view.dtype)));
}

}  // namespace papilio::runtime::cuda
