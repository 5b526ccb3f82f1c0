/// Small graphs and shorthands for the tests of passes.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/target.h"
#include "ir/graph.h"
#include "ir/print.h"

namespace papilio::passes {

using ir::Graph;
using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

inline ir::FrameAttrs frames_of(std::int64_t length, std::int64_t hop) {
  ir::FrameAttrs attrs;
  attrs.rule.length = length;
  attrs.rule.hop = hop;
  return attrs;
}

/// Frames of 8 samples, hop 4, of the real input `x`.
inline NodeId frames8(GraphBuilder& b) {
  return b.add(OpKind::Frame, {b.input("x")}, frames_of(8, 4));
}

inline NodeId rfft8(GraphBuilder& b) {
  return b.add(OpKind::Rfft, {frames8(b)}, ir::FftAttrs{8, 1.0});
}

/// The text of the graph that `build` makes; its node is the output y.
template <typename Build>
Graph graph_of(Build build) {
  GraphBuilder b(DType::f64);
  b.output("y", build(b));
  return b.finish();
}

template <typename Build>
std::string text_of(Build build) {
  return ir::to_text(graph_of(build));
}

inline bool has(const Graph& graph, OpKind op) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [op](const ir::Node& node) { return node.op == op; });
}

inline std::vector<std::string> output_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const ir::Output& output : graph.outputs()) names.push_back(output.name);
  return names;
}

}  // namespace papilio::passes
