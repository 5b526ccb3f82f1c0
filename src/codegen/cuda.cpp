// Which kernels a graph becomes: by row where that is all, else region by region.
#include "codegen/cuda.h"

#include <algorithm>

#include "codegen/batch.h"
#include "codegen/cuda_lowering.h"
#include "codegen/long_transform.h"
#include "codegen/params.h"
#include "codegen/status.h"
#include "papilio/error.h"

namespace papilio::codegen {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

DeviceProgram CudaLowering::run() {
  number_inputs();
  check_lengths();
  for (const char* block : {"select", "fold", "frames", "long"}) {
    a_.source += std::string("#include \"codegen/device/") + block + ".cuh\"\n";
  }
  const bool networks = std::any_of(graph_.nodes().begin(), graph_.nodes().end(),
                                    [](auto& n) { return n.op == OpKind::Butterfly; });
  if (networks) a_.source += "#include \"codegen/device/butterfly.cuh\"\n";
  for (const ir::Output& output : graph_.outputs()) {
    a_.program.frame_outputs.push_back(node(output.node).type.has_frames());
  }
  a_.program.watches = signature_.watch;
  const NodeId fused = fusable_fold();
  if (fused >= 0) {
    fold_kernel(fused, row_targets());
  } else if (plain_rows()) {
    row_kernel();
  } else {
    a_.program.clears = true;
    lower_regions();
  }
  if (needs_blanking_) blank_kernel();
  if (a_.program.stored.size() > kMaxStored) {
    throw UserError("[cuda] the graph keeps " + std::to_string(a_.program.stored.size()) +
                    " intermediate results, at most " + std::to_string(kMaxStored) +
                    " are possible; compile it in parts");
  }
  a_.program.tables = a_.tables.bytes();
  a_.program.source = std::move(a_.source);
  return std::move(a_.program);
}

std::vector<NodeId> CudaLowering::all() const {
  std::vector<NodeId> ids(count());
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<NodeId>(i);
  return ids;
}

void CudaLowering::number_inputs() {
  int inputs = 0;
  for (const NodeId id : all()) {
    if (node(id).op == OpKind::Input) a_.inputs[id] = inputs++;
    if (node(id).op != OpKind::Frame) continue;
    const auto& rule = node(id).as<ir::FrameAttrs>().rule;
    if (node(node(id).inputs[0]).op != OpKind::Input) {
      throw UserError("[cuda] frame works on an input of the graph only");
    }
    if (a_.program.rule && !(*a_.program.rule == rule)) {
      throw UserError("[cuda] one graph has one framing; compile the second one on its own");
    }
    a_.program.rule = rule;
  }
  if (inputs > kMaxPorts || graph_.outputs().size() > kMaxPorts) {
    throw UserError("[cuda] a graph has at most " + number(kMaxPorts) +
                    " inputs and as many outputs, this one has " + number(inputs) + " and " +
                    std::to_string(graph_.outputs().size()) + "; compile it in parts");
  }
}

void CudaLowering::check_lengths() const {
  check_item_lengths(graph_);
  for (const NodeId id : all()) {
    const auto& dims = node(id).type.dims;
    const bool open = std::any_of(dims.begin(), dims.end(), [](const ir::Dim& dim) {
      return dim.extent == ir::Extent::samples;
    });
    if (open && node(id).op != OpKind::Input) {
      throw UserError("[cuda] " + std::string(ir::info_of(node(id).op).text) +
                      " works on rows of any length; give the input a length or frame it");
    }
  }
}

int CudaLowering::store(Items items, std::size_t bytes, bool maximum) {
  a_.program.stored.push_back({items, bytes, maximum, false});
  return static_cast<int>(a_.program.stored.size()) - 1;
}

int CudaLowering::store_groups(NodeId id) {
  const int stored = store(Items::groups, item_bytes(id));
  a_.program.stored.back().largest = node(id).op == OpKind::MaxFrames;
  return stored;
}

std::size_t CudaLowering::item_bytes(NodeId id) const {
  const std::size_t parts = node(id).type.complex() ? 2 : 1;
  return static_cast<std::size_t>(item_length(node(id).type)) * parts * a_.real_bytes();
}

bool CudaLowering::transforms(const Nodes& nodes) const {
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return is_transform(node(id)); });
}

bool CudaLowering::is_output(NodeId id) const {
  return std::any_of(graph_.outputs().begin(), graph_.outputs().end(),
                     [&](const ir::Output& output) { return output.node == id; });
}

NodeId CudaLowering::fusable_fold() const {
  NodeId fold = -1;
  for (const NodeId id : all()) {
    if (is_long(node(id), a_.longest())) return -1;
    if (!is_fold(node(id))) continue;
    if (fold >= 0 || node(id).op == OpKind::MedianFrames) return -1;
    fold = id;
  }
  if (fold < 0 || signature_.long_rows) return -1;
  for (const NodeId id : all()) {
    const bool after = region_of(id) > region_of(fold);
    if (after && node(id).type.has_frames()) return -1;
  }
  for (const ir::Output& output : graph_.outputs()) {
    if (node(output.node).type.has_frames()) return -1;
    if (output.node != fold && region_of(output.node) <= region_of(fold)) return -1;
  }
  return fold;
}

Nodes CudaLowering::row_targets() const {
  Nodes targets;
  for (const ir::Output& output : graph_.outputs()) targets.insert(output.node);
  return targets;
}

Nodes CudaLowering::slice(const Nodes& targets, NodeId stop) const {
  Nodes nodes;
  std::vector<NodeId> open(targets.begin(), targets.end());
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (!nodes.insert(id).second) continue;
    const bool there = a_.stored.contains(id) && (!targets.contains(id) || is_fold(node(id)));
    const bool ends = is_source(node(id)) || id == stop || there;
    if (ends) continue;
    for (const NodeId input : node(id).inputs) open.push_back(input);
  }
  return nodes;
}

bool CudaLowering::plain_rows() const {
  for (const NodeId id : all()) {
    if (region_of(id) != 0 || node(id).type.has_frames()) return false;
    if (is_long(node(id), a_.longest())) return false;
  }
  const auto computed = [&](const ir::Output& output) { return !is_source(node(output.node)); };
  return std::all_of(graph_.outputs().begin(), graph_.outputs().end(), computed);
}

void CudaLowering::row_kernel() {
  const Nodes targets = row_targets();
  const Nodes nodes = slice(targets);
  Kernel k(a_, "kernel" + number(kernels_++), Items::rows, nodes);
  begin(k, nodes);
  compute_targets(k, nodes, targets, -1, false);
  begin_status(k, "0");
  if (signature_.watch) {
    k.body.line("team.sync();");
    report_status(a_, k, nodes, "", "");
    k.body.open("if (bad) {");
    blank_results(a_, k);
    k.body.close();
  }
  k.finish();
}

void CudaLowering::lower_regions() {
  const std::set<int> regions(graph_.regions().begin(), graph_.regions().end());
  for (const int region : regions) {
    for (const NodeId id : all()) {
      if (region_of(id) == region && is_long(node(id), a_.longest())) long_kernels(id);
      if (is_fold(node(id)) && region_of(id) == region) fold_of_region(id);
    }
    for (const bool frames : {true, false}) targets_of_region(region, frames);
  }
  Nodes copies;
  for (const ir::Output& output : graph_.outputs()) {
    const bool fold = is_fold(node(output.node));
    if (fold || node(output.node).op == OpKind::Frame) copies.insert(output.node);
    if (is_source(node(output.node)) && node(output.node).op != OpKind::Frame) {
      throw UserError("[cuda] output " + output.name +
                      " is an input or a constant of the graph; name something computed");
    }
  }
  for (const NodeId id : copies) target_kernel({id}, node(id).type.has_frames());
}

bool CudaLowering::read_later(NodeId id) const {
  return std::any_of(graph_.nodes().begin(), graph_.nodes().end(), [&](const Node& reader) {
    const bool reads =
        std::find(reader.inputs.begin(), reader.inputs.end(), id) != reader.inputs.end();
    return reads &&
           region_of(static_cast<NodeId>(&reader - graph_.nodes().data())) != region_of(id);
  });
}

void CudaLowering::targets_of_region(int region, bool frames) {
  Nodes targets;
  for (const NodeId id : all()) {
    const Node& n = node(id);
    const bool late = std::any_of(late_.begin(), late_.end(), [&](const auto& clamped) {
      return clamped.second.clamp == id || clamped.second.end == id;
    });
    const bool here = region_of(id) == region && !is_source(n) && !is_fold(n) && !late;
    if (!here || n.type.has_frames() != frames) continue;
    if (placed_.contains(id)) continue;
    if (is_output(id) || read_later(id)) targets.insert(id);
  }
  if (targets.empty()) return;
  for (const NodeId id : targets) {
    if (const auto late = late_.find(id); late != late_.end()) {
      late->second.least = store(Items::frames, a_.real_bytes());
      late->second.maximum = store(Items::rows, sizeof(std::uint64_t), true);
      continue;
    }
    if (!read_later(id)) continue;
    a_.stored[id] = store(frames ? Items::frames : Items::rows, item_bytes(id));
    for (const Node& reader : graph_.nodes()) {
      const bool clip = reader.op == OpKind::ClampRange && reader.inputs[0] == id && frames &&
                        reader.as<ir::ClampRangeAttrs>().over == ir::RangeMax::clip;
      if (clip) a_.maxima[id] = store(Items::rows, sizeof(std::uint64_t), true);
    }
  }
  target_kernel(targets, frames);
  for (const NodeId id : targets) {
    const auto late = late_.find(id);
    if (late != late_.end()) add_late_clamp(a_, "kernel" + number(kernels_++), late->second);
  }
}

void CudaLowering::target_kernel(const Nodes& targets, bool frames) {
  const Nodes nodes = slice(targets);
  Kernel k(a_, "kernel" + number(kernels_++), frames ? Items::frames : Items::rows, nodes,
           parts_of(nodes, targets));
  const bool loads = begin(k, nodes);
  if (!loads) k.body.line("const bool blank = " + blank_of_status() + ";");
  if (loads && blanks()) needs_blanking_ = true;
  if (frames) k.body.line("constexpr bool use = true;");
  compute_targets(k, nodes, targets, -1, !loads);
  if (loads) report_status(a_, k, nodes, "frame", "frame + 1");
  k.finish();
}

std::int64_t CudaLowering::parts_of(std::int64_t length) {
  constexpr std::int64_t kPerTeam = 4096;
  return std::max<std::int64_t>(1, length / kPerTeam);
}

std::int64_t CudaLowering::parts_of(const Nodes& nodes, const Nodes& targets) const {
  bool reads_long = false;
  for (const NodeId id : nodes) {
    reads_long = reads_long || a_.long_reads.contains(id);
    if (Kernel::meets(node(id)) && !a_.long_reads.contains(id)) return 1;
  }
  std::int64_t length = 1;
  for (const NodeId id : targets) length = std::max(length, item_length(node(id).type));
  return reads_long ? parts_of(length) : 1;
}

PointSource CudaLowering::packed_points(NodeId input, const LongTransform& plan,
                                        const Nodes& nodes) {
  const bool loads = reads_inputs(nodes);
  const auto open = [=, this](Kernel& k) {
    begin(k, nodes);
    if (loads && blanks()) needs_blanking_ = true;
    k.body.line("constexpr bool use = true;");
    for (const auto& [name, offset] : plan.tables) k.table(name, "Cx<R>", offset);
    k.emit(nodes, {}, false, nullptr);
    k.body.line("const auto& x = " + value_name(input) + ";");
    return plan.pack;
  };
  const auto close = [=, this](Kernel& k) {
    if (loads) report_status(a_, k, nodes, "frame", "frame + 1");
  };
  return {open, close};
}

bool CudaLowering::only_output(NodeId id) const {
  const bool read = std::any_of(graph_.nodes().begin(), graph_.nodes().end(), [&](const Node& n) {
    return std::find(n.inputs.begin(), n.inputs.end(), id) != n.inputs.end();
  });
  return is_output(id) && !read;
}

PointSink CudaLowering::final_results(NodeId id, const LongTransform& plan, bool blanked) {
  const auto open = [=, this](Kernel& k) {
    if (blanked) k.body.line("const bool blank = " + blank_of_status() + ";");
    k.body.line("Watch<R> results;");
    declare_places(k, id);
  };
  const auto put = [=, this](Text& text, const std::string& i) {
    text.line("const auto x = " + plan.result + ";");
    put_lines(text, id, i, "x", blanked);
  };
  const auto close = [=](Kernel& k) {
    k.body.line(std::string("if (results.alarmed() && ") + (blanked ? "!blank && " : "") +
                "active) atomicOr(p.overflow + row, 1u);");
  };
  return {open, put, close};
}

void CudaLowering::long_kernels(NodeId id) {
  const NodeId input = node(id).inputs[0];
  const Items items = node(id).type.has_frames() ? Items::frames : Items::rows;
  const LongTransform plan = long_transform(a_, node(id));
  const std::size_t bytes = static_cast<std::size_t>(plan.points) * 2 * a_.real_bytes();
  const Nodes nodes = slice({input});
  // What needs a whole item at once is computed before the points are dealt out to teams.
  const bool apart =
      std::any_of(nodes.begin(), nodes.end(), [&](NodeId n) { return Kernel::meets(node(n)); });
  const bool straight = !plan.result.empty() && only_output(id);
  const int away = store(items, bytes);
  const int home = apart || !straight ? store(items, bytes) : -1;
  PointSource source = packed_points(input, plan, nodes);
  if (apart) {
    Kernel k(a_, "kernel" + number(kernels_++), items, nodes, parts_of(plan.points));
    const std::string point = source.open(k);
    k.point_at("to", "Cx<R>", home, plan.points);
    k.open_each(plan.points, "i");
    k.body.line("if (active) to[i] = " + point + ";");
    k.body.close("});");
    source.close(k);
    k.finish();
    source = stored_points(home, plan.points);
  }
  const std::string name = "kernel" + number(kernels_++);
  if (straight) {
    add_four_step(a_, name, items, plan.points, source, away,
                  final_results(id, plan, !reads_inputs(nodes)));
    placed_.insert(id);
    return;
  }
  add_four_step(a_, name, items, plan.points, source, away, stored_results(home, plan.points));
  if (plan.convolves) {
    source = convolved_points(home, plan.points, plan.spectrum);
    add_four_step(a_, name + "back", items, plan.points, source, away,
                  stored_results(home, plan.points));
  }
  a_.stored[id] = home;
  a_.long_reads[id] = plan;
}

std::vector<std::string> compile_options() {
  return {"--std=c++20", "--device-as-default-execution-space"};
}

DeviceProgram lower_cuda(const Graph& graph, const Signature& signature) {
  if (is_batch_graph(graph)) return lower_batch(graph, signature);
  return CudaLowering(graph, signature).run();
}

}  // namespace papilio::codegen
