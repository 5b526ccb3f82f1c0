/// Reverse-mode gradients: nodes in, nodes out, by the rules that ops.def names.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"

namespace papilio::ir {

/// The gradient of `loss` (real, [1]) for each node of `wrt`, of that node's extents, as new nodes
/// of `builder`. Of a complex tensor z it is dL/d(re z) + i dL/d(im z). Where the loss does not
/// depend on a node its gradient is zero. The new nodes have gradients themselves: calling this
/// again on a sum of their products gives Hessian-vector products.
///
/// Throws UserError when the loss is no single real number, or depends on a node of `wrt` through
/// an op that has no gradient; InternalError when a node is not in the graph.
std::vector<NodeId> gradients(GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt);

}  // namespace papilio::ir
