/// Nodes whose step does the work of those before it as well, so that what lies between is never
/// written: the few patterns that losses and their gradients are made of.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace papilio::runtime::cpu {

enum class Fusion {
  none,
  add_scaled,    ///< x + factor y
  mul_add,       ///< x m + factor y, x and y complex, m real and without rows
  pair_products  ///< the sum over rows of Re(x conj(y)), x and y complex
};

/// What a node's step computes, and from what.
struct FusedNode {
  Fusion fusion = Fusion::none;
  std::vector<ir::NodeId> operands;  ///< that are read, in order
  double factor = 1.0;
};

FusedNode fused_node(const ir::Graph& graph, ir::NodeId id);

}  // namespace papilio::runtime::cpu
