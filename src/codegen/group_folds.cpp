// Samples may reach results through folds over frames alone.
#include "codegen/group_folds.h"

#include <vector>

#include "codegen/assembly.h"

namespace papilio::codegen {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

bool folds_groups(const Graph& graph) {
  std::vector<bool> of_rows(graph.nodes().size(), false);  // values of whole rows, not constants
  bool folds = false;
  for (std::size_t id = 0; id < of_rows.size(); ++id) {
    const Node& node = graph.nodes()[id];
    if (node.op == OpKind::MedianFrames || node.op == OpKind::ClampRange) return false;
    if (node.op == OpKind::Frame) {
      const auto& frame = node.as<ir::FrameAttrs>();
      if (frame.pad != ir::PadMode::none || frame.rule.fixed_samples > 0) return false;
    }
    folds = folds || is_fold(node);
    const bool frames = node.type.has_frames();
    bool rows = node.op == OpKind::Input || is_fold(node);
    for (const NodeId input : node.inputs) {
      const bool reads_row = of_rows[static_cast<std::size_t>(input)];
      const bool reads_samples = graph.node(input).op == OpKind::Input;
      if (reads_samples && node.op != OpKind::Frame) return false;
      if (frames && reads_row && !reads_samples) return false;
      rows = rows || (reads_row && !reads_samples);
    }
    of_rows[id] = rows && !frames;
  }
  for (const ir::Output& output : graph.outputs()) {
    if (graph.node(output.node).type.has_frames()) return false;
  }
  return folds;
}

}  // namespace papilio::codegen
