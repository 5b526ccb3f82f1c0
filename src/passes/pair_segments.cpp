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

/// Frames 2p and 2p + 1 ride as the two parts of one complex value: what lies between the frame op
/// and the transform must treat both parts alike and keep zeros (a missing odd frame) zero.
bool keeps_pairs_apart(const ir::Graph& graph, NodeId id) {
  const ir::Node& node = graph.node(id);
  const auto input = [&](std::size_t i) { return node.inputs[i]; };
  switch (node.op) {
    case OpKind::Frame:
      return true;
    case OpKind::Detrend:
    case OpKind::Preemphasis:
    case OpKind::Pad:
    case OpKind::Slice:
      return keeps_pairs_apart(graph, input(0));
    case OpKind::Affine:
      return node.as<ir::AffineAttrs>().add == 0.0 && keeps_pairs_apart(graph, input(0));
    case OpKind::Mul:
      return graph.node(input(1)).op == OpKind::Const && keeps_pairs_apart(graph, input(0));
    case OpKind::Add:
    case OpKind::Concat:
      return keeps_pairs_apart(graph, input(0)) && keeps_pairs_apart(graph, input(1));
    case OpKind::Input:
    case OpKind::Const:
    case OpKind::Rfft:
    case OpKind::Irfft:
    case OpKind::Fft:
    case OpKind::Ifft:
    case OpKind::Power:
    case OpKind::Magnitude:
    case OpKind::MeanFrames:
    case OpKind::MaxFrames:
    case OpKind::MedianFrames:
    case OpKind::PairedMeanPower:
    case OpKind::Filterbank:
    case OpKind::Log:
    case OpKind::ClampRange:
    case OpKind::TopBins:
    case OpKind::Peaks:
      return false;
  }
  return false;
}

bool can_pair(const ir::Graph& graph, const ir::Node& rfft) {
  return rfft.as<ir::FftAttrs>().scale == 1.0 && keeps_pairs_apart(graph, rfft.inputs[0]);
}

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
  if (only(spectrum, OpKind::Rfft) && can_pair(graph, graph.node(spectrum))) chain.rfft = spectrum;
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
