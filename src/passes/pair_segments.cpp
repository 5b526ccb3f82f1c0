// Matches the chain from its end, mean_frames.
#include "passes/pair_segments.h"

#include <vector>

#include "passes/uses.h"

namespace papilio::passes {
namespace {

using ir::NodeId;
using ir::OpKind;

/// The nodes of a chain that can be paired; -1: there is none.
struct Chain {
  NodeId slice = -1;
  NodeId rfft = -1;
};

Chain match(const ir::Graph& graph, const ir::Node& mean, const std::vector<int>& uses) {
  const auto only = [&](NodeId id, OpKind op) {
    return graph.node(id).op == op && uses[static_cast<std::size_t>(id)] == 1;
  };
  if (mean.op != OpKind::MeanFrames || !only(mean.inputs[0], OpKind::Power)) return {};
  Chain chain;
  NodeId spectrum = graph.node(mean.inputs[0]).inputs[0];
  if (only(spectrum, OpKind::Slice)) {
    chain.slice = spectrum;
    spectrum = graph.node(spectrum).inputs[0];
  }
  if (only(spectrum, OpKind::Rfft)) chain.rfft = spectrum;
  return chain;
}

}  // namespace

ir::Graph pair_segments(const ir::Graph& graph, const base::Target&) {
  const std::vector<int> uses = count_uses(graph);
  std::vector<NodeId> moved;
  return ir::rewrite(
      graph, [&](ir::GraphBuilder& builder, const ir::Node& node, std::vector<NodeId> inputs) {
        const Chain chain = match(graph, node, uses);
        NodeId id = -1;
        if (chain.rfft < 0) {
          id = builder.add(node.op, std::move(inputs), node.attrs);
        } else {
          const ir::Node& rfft = graph.node(chain.rfft);
          const NodeId frames = moved[static_cast<std::size_t>(rfft.inputs[0])];
          id = builder.add(OpKind::PairedMeanPower, {frames}, rfft.attrs);
          if (chain.slice >= 0)
            id = builder.add(OpKind::Slice, {id}, graph.node(chain.slice).attrs);
        }
        moved.push_back(id);
        return id;
      });
}

}  // namespace papilio::passes
