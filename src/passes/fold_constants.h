/// Evaluates what depends on constants only.
#pragma once

#include <vector>

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// Needs: nothing. Guarantees: no node has constants as its only inputs, unless its value is no
/// vector (a top-k of a constant). Values come from the reference device, in double. Leaves dead
/// constants.
ir::Graph fold_constants(const ir::Graph& graph, const base::Target& target);

/// Adds a node, or its value where fold_constants would make it a constant: for rules that make new
/// nodes out of constants.
ir::NodeId add_folded(ir::GraphBuilder& builder, ir::OpKind op, std::vector<ir::NodeId> inputs,
                      ir::Attrs attrs = ir::NoAttrs{});

}  // namespace papilio::passes
