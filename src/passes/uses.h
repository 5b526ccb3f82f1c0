/// How often each node is read.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace papilio::passes {

/// Readers of each node; being a named output counts as one.
inline std::vector<int> count_uses(const ir::Graph& graph) {
  std::vector<int> uses(graph.nodes().size(), 0);
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::NodeId input : node.inputs) ++uses[static_cast<std::size_t>(input)];
  }
  for (const ir::Output& output : graph.outputs()) ++uses[static_cast<std::size_t>(output.node)];
  return uses;
}

}  // namespace papilio::passes
