/// Evaluates what depends on constants only.
#pragma once

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// Needs: nothing. Guarantees: no node has constants as its only inputs, unless its value is no
/// vector (a top-k of a constant). Values come from the reference device, in double. Leaves dead
/// constants.
ir::Graph fold_constants(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
