// Sweeps with places for their values.
#include "runtime/cpu/batch_schedule.h"

#include <algorithm>
#include <span>
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

/// Of every row: all inputs have as many samples.
std::int64_t samples_of(const Graph& graph) {
  std::int64_t samples = 0;
  bool inputs = false;
  for (const Node& node : graph.nodes()) {
    if (node.op != OpKind::Input) continue;
    inputs = true;
    samples = std::max(samples, node.as<ir::InputAttrs>().samples);
  }
  if (inputs && samples == 0) {
    throw UserError("[cpu] a graph with params needs rows of a fixed length; give its inputs one");
  }
  return samples;
}

BatchValue value_of(const Node& node, std::int64_t samples) {
  BatchValue value{false, node.type.complex(), node.type.last().resolve(1, samples)};
  for (std::size_t i = 0; i + 1 < node.type.dims.size(); ++i) {
    value.items *= node.type.dims[i].resolve(1, samples);
  }
  return value;
}

class Scheduler {
 public:
  explicit Scheduler(const Graph& graph) : graph_(graph) {}

  BatchSchedule run() {
    schedule_.samples = samples_of(graph_);
    const std::vector<bool> by_row = ir::differ_by_row(graph_);
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const Node& node = graph_.node(id);
      schedule_.values.push_back(value_of(node, schedule_.samples));
      schedule_.values.back().per_row = by_row[i];
      schedule_.nodes.push_back(fused_node(graph_, id));
      // Sums of shared values stay plain.
      if (is_sum(node) && !ir::sums_rows(graph_, by_row, id)) {
        schedule_.nodes.back() = {Fusion::none, node.inputs};
      }
    }
    const auto operands_of = [this](NodeId id) { return operands(id); };
    for (ir::Sweep& sweep : ir::cut_into_sweeps(graph_, by_row, operands_of)) {
      schedule_.sweeps.push_back({std::move(sweep), {}});
      place_rows(schedule_.sweeps.back());
    }
    return std::move(schedule_);
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  std::span<const NodeId> operands(NodeId id) const { return schedule_.nodes[at(id)].operands; }
  BatchValue& value(NodeId id) { return schedule_.values[at(id)]; }

  /// Slots of one row. A value's slot is free again after its last reader, so that a block of rows
  /// stays in a near cache; no step works in place.
  void place_rows(BatchSweep& sweep) {
    std::vector<std::size_t> last(graph_.nodes().size(), 0);
    for (std::size_t step = 0; step < sweep.steps.size(); ++step) {
      for (const NodeId from : operands(sweep.steps[step])) last[at(from)] = step;
    }
    for (const std::size_t output : sweep.outputs) {
      last[at(graph_.outputs()[output].node)] = sweep.steps.size();
    }
    SlotAllocator slots;
    sweep.slots.assign(graph_.nodes().size(), -1);
    std::vector<NodeId> alive;
    for (std::size_t step = 0; step < sweep.steps.size(); ++step) {
      const NodeId id = sweep.steps[step];
      if (value(id).per_row) {
        sweep.slots[at(id)] = slots.take(padded(value(id).row_width()));
        alive.push_back(id);
      }
      const auto dead =
          std::partition(alive.begin(), alive.end(), [&](NodeId a) { return last[at(a)] > step; });
      std::for_each(dead, alive.end(), [&](NodeId a) { slots.give_back(sweep.slots[at(a)]); });
      alive.erase(dead, alive.end());
    }
    schedule_.row_values = std::max(schedule_.row_values, slots.size());
  }

  /// Never empty: a slot is known by its place.
  static std::int64_t padded(std::int64_t width) {
    return std::max<std::int64_t>(1, (width + 15) / 16) * 16;
  }

  const Graph& graph_;
  BatchSchedule schedule_;
};

}  // namespace

BatchSchedule schedule_batch(const Graph& graph) { return Scheduler(graph).run(); }

}  // namespace papilio::runtime::cpu
