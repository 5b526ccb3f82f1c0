// From a graph with fusion regions to a tile program. Every region of the program computes a set of
// targets (values that leave the tile): the nodes behind them, cut off at what is already stored.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "papilio/error.h"
#include "runtime/cpu/lower_fft.h"
#include "runtime/cpu/lower_ops.h"
#include "runtime/cpu/tile_program.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;
using ir::Space;

constexpr NodeId kNone = -1;

bool is_fold(const Graph& graph, NodeId id) {
  return ir::info_of(graph.node(id).op).space == Space::fold;
}

/// Elements per item: everything after the row and frame axes.
std::int64_t item_length(const ir::Type& type) {
  std::int64_t length = 1;
  for (const ir::Dim& dim : type.dims) {
    if (dim.extent == ir::Extent::fixed) length *= dim.size;
  }
  return length;
}

template <typename T>
class Lowering {
 public:
  Lowering(const Graph& graph, kernels::Isa isa) : graph_(graph) {
    program_.isa = isa;
    program_.lanes = kernels::lanes_of<T>(isa);
  }

  TileProgram<T> run() {
    number_inputs();
    find_stored();
    find_outputs();
    std::set<int> regions(graph_.regions().begin(), graph_.regions().end());
    for (const int region : regions) {
      lower_folds(region);
      lower_targets(region, true);
      lower_targets(region, false);
    }
    lower_fold_outputs();
    lower_frame_outputs();
    choose_skip_counter();
    if (program_.stored.size() > kMaxStored) {
      throw UserError("[cpu] the graph keeps " + std::to_string(program_.stored.size()) +
                      " intermediate results, at most " + std::to_string(kMaxStored) +
                      " are possible; compile it in parts");
    }
    return std::move(program_);
  }

 private:
  int region_of(NodeId id) const { return graph_.regions()[static_cast<std::size_t>(id)]; }
  bool is_source(NodeId id) const {
    const Space space = ir::info_of(graph_.node(id).op).space;
    return space == Space::source || space == Space::split;
  }

  void number_inputs() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const Node& node = graph_.node(id);
      if (node.op == OpKind::Input) inputs_[id] = program_.inputs++;
      if (node.op != OpKind::Frame) continue;
      const auto& rule = node.as<ir::FrameAttrs>().rule;
      if (graph_.node(node.inputs[0]).op != OpKind::Input) {
        throw UserError("[cpu] frame works on an input of the graph only");
      }
      if (program_.rule && !(*program_.rule == rule)) {
        throw UserError("[cpu] one graph has one framing; compile the second one on its own");
      }
      program_.rule = rule;
    }
  }

  void store(NodeId id) {
    if (stored_.contains(id)) return;
    const Node& node = graph_.node(id);
    stored_[id] = static_cast<int>(program_.stored.size());
    program_.stored.push_back(
        {node.type.has_frames(), item_length(node.type), node.type.complex(), false});
  }

  /// Folds, and whatever a later region reads.
  void find_stored() {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (is_fold(graph_, id)) store(id);
      for (const NodeId input : graph_.node(id).inputs) {
        if (!is_source(input) && region_of(input) != region_of(id)) store(input);
      }
      const Node& node = graph_.node(id);
      if (node.op != OpKind::ClampRange) continue;
      if (node.as<ir::ClampRangeAttrs>().over == ir::RangeMax::clip) {
        program_.stored[static_cast<std::size_t>(stored_.at(node.inputs[0]))].track_max = true;
      }
    }
  }

  void find_outputs() {
    for (const ir::Output& output : graph_.outputs()) {
      const Node& node = graph_.node(output.node);
      if (is_source(output.node) && node.op != OpKind::Frame) {
        throw UserError("[cpu] output " + output.name +
                        " is an input or a constant of the graph; name something computed");
      }
      const bool top = node.op == OpKind::TopBins || node.op == OpKind::Peaks;
      program_.outputs.push_back(
          {node.type.has_frames(), item_length(node.type), node.type.complex(), top});
    }
  }

  std::vector<Sink> sinks_of(NodeId id, const Value& value) const {
    std::vector<Sink> sinks;
    if (const auto found = stored_.find(id); found != stored_.end() && !is_fold(graph_, id)) {
      const bool max = program_.stored[static_cast<std::size_t>(found->second)].track_max;
      sinks.push_back({Sink::To::stored, found->second, max, value});
    }
    for (std::size_t i = 0; i < graph_.outputs().size(); ++i) {
      if (graph_.outputs()[i].node == id) {
        sinks.push_back({Sink::To::output, static_cast<int>(i), false, value});
      }
    }
    return sinks;
  }

  bool is_target(NodeId id) const { return !sinks_of(id, {}).empty(); }

  /// Nodes that `targets` need inside the region, in order; what is stored or a source ends it.
  std::set<NodeId> slice(const std::vector<NodeId>& targets, int region) const {
    std::set<NodeId> nodes;
    std::vector<NodeId> open = targets;
    while (!open.empty()) {
      const NodeId id = open.back();
      open.pop_back();
      if (!nodes.insert(id).second) continue;
      if (is_source(id) || is_fold(graph_, id) || region_of(id) != region) continue;
      for (const NodeId input : graph_.node(id).inputs) open.push_back(input);
    }
    return nodes;
  }

  Source source_of(NodeId id, const Value& value, bool pair) const {
    Source source;
    source.value = value;
    source.pair = pair;
    const Node& node = graph_.node(id);
    if (const auto found = stored_.find(id); found != stored_.end()) {
      source.from = Source::From::stored;
      source.index = found->second;
      source.scaled = node.op == OpKind::MeanFrames || node.op == OpKind::PairedMeanPower;
      return source;
    }
    const bool framed = node.op == OpKind::Frame;
    source.index = inputs_.at(framed ? node.inputs[0] : id);
    if (framed) source.frame = node.as<ir::FrameAttrs>();
    return source;
  }

  static Value take(SlotAllocator& slots, std::int64_t length, bool im) {
    Value value;
    value.length = length;
    value.re = slots.take(length);
    if (im) value.im = slots.take(length);
    return value;
  }

  static void give_back(SlotAllocator& slots, const Value& value) {
    if (value.re >= 0) slots.give_back(value.re);
    if (value.im >= 0) slots.give_back(value.im);
  }

  /// Emits sources and steps for `nodes`; `keep` stay alive to the end. Returns their values.
  std::map<NodeId, Value> emit(Region<T>& region, const std::set<NodeId>& nodes, int number,
                               const std::set<NodeId>& keep, bool pair, SlotAllocator& slots) {
    std::map<NodeId, Value> values;
    std::map<NodeId, NodeId> last_use;
    for (const NodeId id : nodes) {
      for (const NodeId input : graph_.node(id).inputs) last_use[input] = id;
    }
    const auto ends_here = [&](NodeId id) {
      return is_source(id) || is_fold(graph_, id) || region_of(id) != number;
    };
    // All sources are loaded before the first step, so none may lie where a step has been done.
    for (const NodeId id : nodes) {
      const Node& node = graph_.node(id);
      if (node.op == OpKind::Const || !ends_here(id)) continue;
      if (node.op == OpKind::Input && !needed_whole(id, nodes, number)) continue;
      values[id] = take(slots, source_length(id), node.type.complex() || pair);
      region.sources.push_back(source_of(id, values[id], pair));
      const NodeId window = window_of(id, nodes, keep);
      if (window == kNone) continue;
      region.sources.back().window = shared_table(graph_.node(window).inputs[1]);
      values[window] = values[id];
    }
    for (const NodeId id : nodes) {
      if (ends_here(id) || values.contains(id)) continue;
      const NodeId window = window_of(id, nodes, keep);
      emit_node(region, id, window, values, last_use, keep, pair, slots);
    }
    return values;
  }

  /// The one use of a frame or a detrended one, if it is a multiplication by a real constant: what
  /// loads or detrends multiplies as well.
  NodeId window_of(NodeId frame, const std::set<NodeId>& nodes,
                   const std::set<NodeId>& keep) const {
    const OpKind op = graph_.node(frame).op;
    if (op != OpKind::Frame && op != OpKind::Detrend) return kNone;
    if (stored_.contains(frame) || keep.contains(frame)) return kNone;
    NodeId use = kNone;
    for (const NodeId id : nodes) {
      const auto& inputs = graph_.node(id).inputs;
      if (std::count(inputs.begin(), inputs.end(), frame) == 0) continue;
      if (use != kNone) return kNone;
      use = id;
    }
    if (use == kNone || graph_.node(use).op != OpKind::Mul) return kNone;
    const auto& operands = graph_.node(use).inputs;
    const Node& second = graph_.node(operands[1]);
    const bool real = second.op == OpKind::Const && !second.type.complex();
    return operands[0] == frame && real ? use : kNone;
  }

  std::shared_ptr<const void> shared_table(NodeId constant) const {
    auto table = std::make_shared<const std::vector<T>>(table_of<T>(graph_, constant));
    return {table, table->data()};
  }

  /// An input that only frame ops read is not loaded as whole rows.
  bool needed_whole(NodeId input, const std::set<NodeId>& nodes, int number) const {
    return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) {
      const Node& node = graph_.node(id);
      const bool computed = !is_source(id) && !is_fold(graph_, id) && region_of(id) == number;
      return computed && std::count(node.inputs.begin(), node.inputs.end(), input) > 0;
    });
  }

  std::int64_t source_length(NodeId id) const {
    const ir::Type& type = graph_.node(id).type;
    if (type.last().extent != ir::Extent::fixed) {
      throw UserError(
          "[cpu] an op needs rows of a fixed length: give the input a length or frame it");
    }
    return item_length(type);
  }

  /// `window`: the multiplication that this node does as well, or kNone.
  void emit_node(Region<T>& region, NodeId id, NodeId window, std::map<NodeId, Value>& values,
                 const std::map<NodeId, NodeId>& last_use, const std::set<NodeId>& keep, bool pair,
                 SlotAllocator& slots) {
    const Node& node = graph_.node(id);
    std::vector<Value> inputs;
    std::set<NodeId> ends;
    for (const NodeId input : node.inputs) {
      inputs.push_back(values.contains(input) ? values[input] : Value{});
      if (values.contains(input) && last_use.at(input) == id && !keep.contains(input)) {
        ends.insert(input);
      }
    }
    const bool im = node.type.complex() || pair;
    const std::int64_t length = item_length(node.type);
    const bool reuse = has(node.op, ir::over) && ends.contains(node.inputs[0]) &&
                       inputs[0].length == length && inputs[0].has_im() == im;
    const Value output = reuse ? inputs[0] : take(slots, length, im);
    OpContext<T> context{graph_, node, inputs, output, program_.isa, slots, region.steps, -1, {}};
    if (window != kNone) context.window = table_of<T>(graph_, graph_.node(window).inputs[1]);
    if (const auto found = stored_.find(node.inputs[0]); found != stored_.end()) {
      context.input_stored = found->second;
    }
    lower_op(context);
    for (const NodeId end : ends) {
      if (!(reuse && end == node.inputs[0])) give_back(slots, values[end]);
    }
    values[id] = output;
    if (window != kNone) values[window] = output;
  }

  void lower_folds(int number) {
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      if (is_fold(graph_, id) && region_of(id) == number) lower_fold(id, number);
    }
  }

  void lower_fold(NodeId id, int number) {
    const Node& node = graph_.node(id);
    const NodeId input = node.inputs[0];
    Region<T> region;
    region.frames = true;
    SlotAllocator slots;
    Fold fold;
    fold.stored = stored_.at(id);
    const bool pair = node.op == OpKind::PairedMeanPower;
    if (node.op == OpKind::PairedMeanPower) fold.kind = FoldKind::paired_power_sum;
    if (node.op == OpKind::MaxFrames) fold.kind = FoldKind::max;
    if (node.op == OpKind::MedianFrames) fold.kind = FoldKind::median;
    if (pair) fold.n = node.as<ir::FftAttrs>().n;
    // First, so that it lies where a following region of rows has its source (slot 0).
    fold.accumulator = take(slots, pair ? fold.n : item_length(node.type), false);
    fold.accumulator.length = item_length(node.type);
    const auto nodes = slice({input}, number);
    auto values = emit(region, nodes, number, {input}, pair, slots);
    fold.value = values.at(input);
    if (pair) {
      append_fft_power<T>(region.steps, fold.value, fold.n, fold.accumulator.re, program_.isa,
                          slots);
    }
    if (fold.kind == FoldKind::median) {
      fold.frames_stored = static_cast<int>(program_.stored.size());
      program_.stored.push_back({true, item_length(node.type), false, false});
      region.sinks.push_back({Sink::To::stored, fold.frames_stored, false, fold.value});
    }
    region.fold = fold;
    finish_region(std::move(region), slots);
  }

  void lower_targets(int number, bool frames) {
    std::vector<NodeId> targets;
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const bool here = region_of(id) == number && !is_source(id) && !is_fold(graph_, id);
      if (here && graph_.node(id).type.has_frames() == frames && is_target(id)) {
        targets.push_back(id);
      }
    }
    if (!targets.empty()) lower_region(targets, number, frames);
  }

  void lower_region(const std::vector<NodeId>& targets, int number, bool frames) {
    Region<T> region;
    region.frames = frames;
    SlotAllocator slots;
    const auto nodes = slice(targets, number);
    const auto values = emit(region, nodes, number, {targets.begin(), targets.end()}, false, slots);
    for (const NodeId id : targets) {
      for (const Sink& sink : sinks_of(id, values.at(id))) region.sinks.push_back(sink);
    }
    finish_region(std::move(region), slots);
  }

  /// Folds that the caller named as results: a region that only loads, divides and stores.
  void lower_fold_outputs() {
    std::vector<NodeId> targets;
    for (const ir::Output& output : graph_.outputs()) {
      if (is_fold(graph_, output.node)) targets.push_back(output.node);
    }
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    for (const NodeId id : targets) lower_region({id}, -1, false);
  }

  /// Frames themselves as results: loaded (converted, padded) and stored.
  void lower_frame_outputs() {
    std::set<NodeId> targets;
    for (const ir::Output& output : graph_.outputs()) {
      if (graph_.node(output.node).op == OpKind::Frame) targets.insert(output.node);
    }
    for (const NodeId id : targets) lower_region({id}, -1, true);
  }

  /// Each frame that is left out counts once, however many regions load it.
  void choose_skip_counter() {
    for (Region<T>& region : program_.regions) {
      if (!region.fold || region.sources.empty()) continue;
      region.sources.front().counts_skipped = true;
      return;
    }
  }

  void finish_region(Region<T> region, const SlotAllocator& slots) {
    program_.arena = std::max(program_.arena, slots.size());
    program_.regions.push_back(std::move(region));
  }

  const Graph& graph_;
  TileProgram<T> program_;
  std::map<NodeId, int> inputs_;
  std::map<NodeId, int> stored_;
};

}  // namespace

template <typename T>
TileProgram<T> lower(const Graph& graph, kernels::Isa isa) {
  return Lowering<T>(graph, isa).run();
}

template TileProgram<float> lower<float>(const Graph&, kernels::Isa);
template TileProgram<double> lower<double>(const Graph&, kernels::Isa);

}  // namespace papilio::runtime::cpu
