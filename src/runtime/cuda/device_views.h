/// What the device asks of a run's views, beside the shapes that runtime/check.h looks at.
#pragma once

#include "base/tensor.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// A UserError unless the elements of an item (all axes behind row and frame) lie in one stride, as
/// kernels write them.
void check_items(const OutputSpec& spec, const base::TensorView& view);

/// Whether every result lies at a multiple of what kernels store at once.
bool lies_aligned(const base::TensorView& view);

/// A UserError unless every element lies at a multiple of what kernels load or store at once: a
/// fault in the middle of a kernel would take the whole context along. For views of device memory.
void check_input_alignment(const std::string& name, const base::TensorView& view);
void check_output_alignment(const std::string& name, const base::TensorView& view);

}  // namespace papilio::runtime::cuda
