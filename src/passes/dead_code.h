/// Removes every node that no named output depends on.
#pragma once

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// Needs: nothing. Guarantees: outputs keep their names and order; Input and Param nodes stay
/// even when nothing reads them, because the caller hands in a value for each.
ir::Graph dead_code(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
