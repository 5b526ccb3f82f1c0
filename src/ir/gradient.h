/// Reverse-mode gradients: nodes in, nodes out, by the rules that ops.def names.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"

namespace papilio::ir {

/// The gradient of `loss` (real, [1]) for each node of `wrt`, of that node's extents, as new nodes
/// of `builder`. Of a complex tensor z it is dL/d(re z) + i dL/d(im z). Where the loss does not
/// depend on a node its gradient is zero. The new nodes have gradients themselves.
///
/// Throws UserError when the loss is no single real number, or depends on a node of `wrt` through
/// an op that has no gradient; InternalError when a node is not in the graph.
std::vector<NodeId> gradients(GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt);

/// The Hessian of `loss` with respect to all of `wrt` together, times `direction`, which has a node
/// of the same type and extents for each of them: the gradient of <gradient, direction>, where the
/// inner product is the sum of Re(a conj(b)) over items and elements (Pearlmutter 1994). Exact, at
/// a small multiple of the gradient's cost. Throws as gradients does, InternalError for another
/// number of directions.
std::vector<NodeId> hessian_product(GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt,
                                    std::span<const NodeId> direction);

}  // namespace papilio::ir
