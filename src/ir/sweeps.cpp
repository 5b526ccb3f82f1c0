// Phases: a sum over the rows is there one sweep later than what it adds.
#include "ir/sweeps.h"

#include <algorithm>
#include <set>

namespace papilio::ir {
namespace {

bool is_sum(const Node& node) { return info_of(node.op).space == Space::batch; }

class Cutter {
 public:
  using Operands = std::function<std::span<const NodeId>(NodeId)>;

  Cutter(const Graph& graph, const std::vector<bool>& by_row, const Operands& operands)
      : graph_(graph), by_row_(by_row), operands_(operands), phase_(graph.nodes().size(), 0) {}

  std::vector<Sweep> run() {
    for (std::size_t i = 0; i < phase_.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      for (const NodeId from : operands_(id)) phase_[i] = std::max(phase_[i], phase_of(from));
      if (sums_rows(graph_, by_row_, id)) ++phase_[i];
    }
    std::vector<Sweep> sweeps;
    const int last = *std::max_element(phase_.begin(), phase_.end());
    for (int phase = 0; phase <= last; ++phase) sweeps.push_back(sweep_of(phase));
    return sweeps;
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  int phase_of(NodeId id) const { return phase_[at(id)]; }

  Sweep sweep_of(int phase) const {
    Sweep sweep;
    std::set<NodeId> needed;
    for (std::size_t i = 0; i < phase_.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (sums_rows(graph_, by_row_, id)) {
        if (phase_of(id) != phase + 1) continue;
        sweep.sums.push_back(id);
        require_operands(id, needed);
      } else if (!by_row_[i] && phase_of(id) == phase) {
        sweep.shared.push_back(id);
      }
    }
    for (std::size_t i = 0; i < graph_.outputs().size(); ++i) {
      const NodeId id = graph_.outputs()[i].node;
      if (!by_row_[at(id)] || phase_of(id) != phase) continue;
      sweep.outputs.push_back(i);
      require(id, needed);
    }
    needed.insert(sweep.sums.begin(), sweep.sums.end());
    sweep.steps.assign(needed.begin(), needed.end());
    return sweep;
  }

  void require(NodeId id, std::set<NodeId>& needed) const {
    if (by_row_[at(id)] && needed.insert(id).second) require_operands(id, needed);
  }
  void require_operands(NodeId id, std::set<NodeId>& needed) const {
    for (const NodeId from : operands_(id)) require(from, needed);
  }

  const Graph& graph_;
  const std::vector<bool>& by_row_;
  const Operands& operands_;
  std::vector<int> phase_;
};

}  // namespace

std::vector<bool> differ_by_row(const Graph& graph) {
  std::vector<bool> by_row;
  for (const Node& node : graph.nodes()) {
    // Of the second operand of spread only the extents matter.
    std::span<const NodeId> from = node.inputs;
    if (node.op == OpKind::Spread) from = from.first(1);
    const bool differs = node.op == OpKind::Input || node.type.has_frames() ||
                         std::any_of(from.begin(), from.end(),
                                     [&](NodeId x) { return by_row[static_cast<std::size_t>(x)]; });
    by_row.push_back(differs && node.type.dims[0].extent == Extent::rows);
  }
  return by_row;
}

bool sums_rows(const Graph& graph, const std::vector<bool>& by_row, NodeId id) {
  const Node& node = graph.node(id);
  return is_sum(node) && by_row[static_cast<std::size_t>(node.inputs[0])];
}

std::vector<Sweep> cut_into_sweeps(const Graph& graph, const std::vector<bool>& by_row,
                                   const std::function<std::span<const NodeId>(NodeId)>& operands) {
  return Cutter(graph, by_row, operands).run();
}

}  // namespace papilio::ir
