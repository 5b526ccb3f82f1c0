/// One body per row of ir/ops.def: what the op means. Shapes are [rows, .., last]; every op works
/// on the last axis of each item unless it says otherwise.
#pragma once

#include <span>

#include "ir/graph.h"
#include "reference/tensor.h"

namespace papilio::reference {

using Inputs = std::span<const Tensor* const>;

#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient) \
  Tensor run_##Kind(const ir::Node& node, Inputs in);
#include "ir/ops.def"
#undef PAPILIO_OP

/// Calls the body of the node's op.
Tensor run(const ir::Node& node, Inputs in);

}  // namespace papilio::reference
