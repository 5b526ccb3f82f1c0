/// Losses, put together from ops: one real number, [1], over all rows, frames and elements.
#pragma once

#include "ir/graph.h"

namespace papilio::ir {

/// The mean of all elements of a real tensor.
NodeId mean_of(GraphBuilder& builder, NodeId x);

/// The mean of |x - y|^2 over all elements; y may be a vector that all items share, and is real if
/// x is.
NodeId mean_squared_error(GraphBuilder& builder, NodeId x, NodeId y);

}  // namespace papilio::ir
