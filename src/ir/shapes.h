/// Shape rules: the type of a node from the types of its inputs and its attributes.
#pragma once

#include <span>

#include "ir/graph.h"

namespace papilio::ir {

/// Throws InternalError naming the op when the inputs do not fit.
Type infer_type(OpKind op, std::span<const Type> inputs, const Attrs& attrs, DType compute);

}  // namespace papilio::ir
