/// The judge: checks every rule that a graph must keep, between all passes.
#pragma once

#include "ir/graph.h"

namespace papilio::ir {

/// Throws InternalError naming the node: order, arity, attribute kind, inferred type, one compute
/// type, uniqueness, named outputs, and that regions only depend on earlier regions.
void verify(const Graph& graph);

}  // namespace papilio::ir
