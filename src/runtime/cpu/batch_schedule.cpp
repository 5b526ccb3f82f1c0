// Phases: a sum over the rows is there one sweep later than what it adds.
#include "runtime/cpu/batch_schedule.h"

#include <algorithm>
#include <set>
#include <string>

#include "papilio/error.h"
#include "runtime/cpu/tile.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

bool is_sum(const Node& node) { return ir::info_of(node.op).space == ir::Space::batch; }

bool is_per_row(const ir::Type& type) { return type.dims[0].extent == ir::Extent::rows; }

BatchValue value_of(const Node& node) {
  BatchValue value{is_per_row(node.type), node.type.complex(), 1, -1};
  for (const ir::Dim& dim : node.type.dims) {
    if (dim.extent == ir::Extent::fixed) value.length *= dim.size;
    if (dim.extent == ir::Extent::samples) {
      throw UserError(
          "[cpu] a graph with params needs rows of a fixed length; give its inputs one");
    }
    if (dim.extent == ir::Extent::frames) {
      throw DeviceError(
          "[device] cpu has no kernel for frames beside params yet; use --device "
          "reference");
    }
  }
  return value;
}

class Scheduler {
 public:
  explicit Scheduler(const Graph& graph) : graph_(graph), phase_(graph.nodes().size(), 0) {}

  BatchSchedule run() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const Node& node = graph_.nodes()[i];
      schedule_.values.push_back(value_of(node));
      for (const NodeId input : node.inputs) phase_[i] = std::max(phase_[i], phase_of(input));
      if (is_sum(node) && value(node.inputs[0]).per_row) ++phase_[i];
    }
    const int last = *std::max_element(phase_.begin(), phase_.end());
    for (int phase = 0; phase <= last; ++phase) add_sweep(phase);
    place_rows();
    return std::move(schedule_);
  }

 private:
  int phase_of(NodeId id) const { return phase_[static_cast<std::size_t>(id)]; }
  BatchValue& value(NodeId id) { return schedule_.values[static_cast<std::size_t>(id)]; }

  /// A sum over rows; of what rows share it is computed like any other shared value.
  bool sweeps_rows(NodeId id) {
    const Node& node = graph_.node(id);
    return is_sum(node) && value(node.inputs[0]).per_row;
  }

  void add_sweep(int phase) {
    BatchSweep sweep;
    std::set<NodeId> needed;
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (sweeps_rows(id)) {
        if (phase_of(id) != phase + 1) continue;
        sweep.sums.push_back(id);
        for (const NodeId input : graph_.node(id).inputs) require(input, needed);
      } else if (!value(id).per_row && phase_of(id) == phase) {
        sweep.shared.push_back(id);
      }
    }
    for (std::size_t i = 0; i < graph_.outputs().size(); ++i) {
      const NodeId id = graph_.outputs()[i].node;
      if (!value(id).per_row || phase_of(id) != phase) continue;
      sweep.outputs.push_back(i);
      require(id, needed);
    }
    sweep.rows.assign(needed.begin(), needed.end());
    schedule_.sweeps.push_back(std::move(sweep));
  }

  void require(NodeId id, std::set<NodeId>& needed) {
    if (!value(id).per_row || !needed.insert(id).second) return;
    // Of the second operand of spread only the extents matter.
    const std::size_t read =
        graph_.node(id).op == OpKind::Spread ? 1 : graph_.node(id).inputs.size();
    for (std::size_t i = 0; i < read; ++i) require(graph_.node(id).inputs[i], needed);
  }

  /// Slots of one row; a value's slot is free again after its last reader of a sweep.
  void place_rows() {
    SlotAllocator slots;
    for (const BatchSweep& sweep : schedule_.sweeps) {
      for (const NodeId id : sweep.rows) {
        // One place for all sweeps keeps the schedule small; sweeps are few.
        if (value(id).slot < 0) value(id).slot = slots.take(padded(value(id).width()));
      }
    }
    schedule_.row_values = slots.size();
  }

  static std::int64_t padded(std::int64_t width) { return (width + 15) / 16 * 16; }

  const Graph& graph_;
  BatchSchedule schedule_;
  std::vector<int> phase_;
};

}  // namespace

BatchSchedule schedule_batch(const Graph& graph) { return Scheduler(graph).run(); }

}  // namespace papilio::runtime::cpu
