// Matches the chain from its end, mean_frames.
#include "passes/pair_segments.h"

#include <algorithm>
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
/// and the transform must treat both parts alike and keep zeros (a missing odd frame) zero. Tells
/// for each node whether it is made of frames in that way.
std::vector<bool> keep_pairs_apart(const ir::Graph& graph) {
  std::vector<bool> apart;
  for (const ir::Node& node : graph.nodes()) {
    const auto is_apart = [&](NodeId id) { return apart[static_cast<std::size_t>(id)]; };
    bool keeps = has(node.op, ir::apart);
    if (node.op == OpKind::Affine) keeps = node.as<ir::AffineAttrs>().add == 0.0;
    if (node.op == OpKind::Mul) {
      keeps = graph.node(node.inputs[1]).op == OpKind::Const && is_apart(node.inputs[0]);
    } else if (node.op != OpKind::Frame) {
      keeps = keeps && std::all_of(node.inputs.begin(), node.inputs.end(), is_apart);
    }
    apart.push_back(keeps);
  }
  return apart;
}

Chain match(const ir::Graph& graph, const ir::Node& mean, const std::vector<int>& uses,
            const std::vector<bool>& apart) {
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
  if (!only(spectrum, OpKind::Rfft)) return chain;
  const ir::Node& rfft = graph.node(spectrum);
  const bool unscaled = rfft.as<ir::FftAttrs>().scale == 1.0;
  if (unscaled && apart[static_cast<std::size_t>(rfft.inputs[0])]) chain.rfft = spectrum;
  return chain;
}

/// Pairs save work within a block; beyond it a half-size transform of each frame does. Lengths with
/// primes above 5 take a convolution of twice as many points.
bool leaves_block(const ir::Node& rfft, const base::Target& target) {
  const std::int64_t n = rfft.as<ir::FftAttrs>().n;
  std::int64_t rest = n;
  for (const int prime : {2, 3, 5}) {
    while (rest % prime == 0) rest /= prime;
  }
  return target.block_fft > 0 && (rest == 1 ? n : 2 * n - 1) > target.block_fft;
}

}  // namespace

ir::Graph pair_segments(const ir::Graph& graph, const base::Target& target) {
  const std::vector<int> uses = count_uses(graph);
  const std::vector<bool> apart = keep_pairs_apart(graph);
  std::vector<NodeId> moved;
  return ir::rewrite(
      graph, [&](ir::GraphBuilder& builder, const ir::Node& node, std::vector<NodeId> inputs) {
        const Chain chain = match(graph, node, uses, apart);
        NodeId id = -1;
        if (chain.rfft < 0 || leaves_block(graph.node(chain.rfft), target)) {
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
