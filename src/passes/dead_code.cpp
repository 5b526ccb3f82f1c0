// Marks backwards from the outputs, rebuilds what is marked.
#include "passes/dead_code.h"

#include <vector>

namespace papilio::passes {

ir::Graph dead_code(const ir::Graph& graph, const base::Target&) {
  const auto nodes = graph.nodes();
  std::vector<bool> live(nodes.size(), false);
  for (const ir::Output& output : graph.outputs())
    live[static_cast<std::size_t>(output.node)] = true;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    if (ir::is_port(nodes[i].op)) live[i] = true;
    if (!live[i]) continue;
    for (const ir::NodeId input : nodes[i].inputs) live[static_cast<std::size_t>(input)] = true;
  }
  std::size_t next = 0;
  return ir::rewrite(graph,
                     [&](ir::GraphBuilder& builder, const ir::Node& node,
                         std::vector<ir::NodeId> inputs) -> ir::NodeId {
                       constexpr ir::NodeId nowhere = -1;  // no live node reads a dead one
                       return live[next++] ? builder.add(node.op, std::move(inputs), node.attrs)
                                           : nowhere;
                     });
}

}  // namespace papilio::passes
