// From a graph with fusion regions to kernels. A kernel computes a set of targets (values that
// leave the chip, or sums over frames): the nodes behind them, cut off at what is already stored.
#include "codegen/cuda.h"

#include <algorithm>
#include <functional>
#include <set>

#include "codegen/assembly.h"
#include "codegen/batch.h"
#include "codegen/frame_loop.h"
#include "codegen/kernel.h"
#include "codegen/late_clamp.h"
#include "codegen/long_transform.h"
#include "codegen/params.h"
#include "codegen/search.h"
#include "codegen/status.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

using Nodes = std::set<NodeId>;

std::string number(std::int64_t value) { return std::to_string(value); }
std::string value_name(NodeId id) { return "v" + number(id); }

class CudaLowering {
 public:
  CudaLowering(const Graph& graph, const Signature& signature)
      : graph_(graph), signature_(signature), a_(graph, signature), late_(late_clamps(graph)) {}

  DeviceProgram run() {
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

 private:
  std::size_t count() const { return graph_.nodes().size(); }
  int region_of(NodeId id) const { return graph_.regions()[static_cast<std::size_t>(id)]; }
  const Node& node(NodeId id) const { return graph_.node(id); }
  std::vector<NodeId> all() const {
    std::vector<NodeId> ids(count());
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<NodeId>(i);
    return ids;
  }

  void number_inputs() {
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
  }

  /// Kernels are made for items of one length.
  void check_lengths() const {
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

  int store(Items items, std::size_t bytes, bool maximum = false) {
    a_.program.stored.push_back({items, bytes, maximum, false});
    return static_cast<int>(a_.program.stored.size()) - 1;
  }
  /// Partial results of a fold.
  int store_groups(NodeId id) {
    const int stored = store(Items::groups, item_bytes(id));
    a_.program.stored.back().largest = node(id).op == OpKind::MaxFrames;
    return stored;
  }
  std::size_t item_bytes(NodeId id) const {
    const std::size_t parts = node(id).type.complex() ? 2 : 1;
    return static_cast<std::size_t>(item_length(node(id).type)) * parts * a_.real_bytes();
  }

  bool transforms(const Nodes& nodes) const {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](NodeId id) { return is_transform(node(id)); });
  }

  bool is_output(NodeId id) const {
    return std::any_of(graph_.outputs().begin(), graph_.outputs().end(),
                       [&](const ir::Output& output) { return output.node == id; });
  }

  /// The one fold of a graph whose other results all follow from it, row by row.
  NodeId fusable_fold() const {
    NodeId fold = -1;
    for (const NodeId id : all()) {
      if (is_long(node(id), a_.real_bytes())) return -1;
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

  Nodes row_targets() const {
    Nodes targets;
    for (const ir::Output& output : graph_.outputs()) targets.insert(output.node);
    return targets;
  }

  /// Nodes that `targets` need; what is stored, a source or `stop` ends it.
  Nodes slice(const Nodes& targets, NodeId stop = -1) const {
    Nodes nodes;
    std::vector<NodeId> open(targets.begin(), targets.end());
    while (!open.empty()) {
      const NodeId id = open.back();
      open.pop_back();
      if (!nodes.insert(id).second) continue;
      const bool ends =
          is_source(node(id)) || id == stop || (a_.stored.contains(id) && !targets.contains(id));
      if (ends) continue;
      for (const NodeId input : node(id).inputs) open.push_back(input);
    }
    return nodes;
  }

  // ---- rows without frames

  /// Whether each row's results follow from that row alone, without a stop on the way.
  bool plain_rows() const {
    for (const NodeId id : all()) {
      if (region_of(id) != 0 || node(id).type.has_frames()) return false;
      if (is_long(node(id), a_.real_bytes())) return false;
    }
    const auto computed = [&](const ir::Output& output) { return !is_source(node(output.node)); };
    return std::all_of(graph_.outputs().begin(), graph_.outputs().end(), computed);
  }

  /// Writes the status itself, and blanks rows with bad samples once they have been computed.
  void row_kernel() {
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
    end(k);
  }

  // ---- kernels by region

  void lower_regions() {
    const std::set<int> regions(graph_.regions().begin(), graph_.regions().end());
    for (const int region : regions) {
      for (const NodeId id : all()) {
        if (region_of(id) == region && is_long(node(id), a_.real_bytes())) long_kernels(id);
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

  bool read_later(NodeId id) const {
    return std::any_of(graph_.nodes().begin(), graph_.nodes().end(), [&](const Node& reader) {
      const bool reads =
          std::find(reader.inputs.begin(), reader.inputs.end(), id) != reader.inputs.end();
      return reads &&
             region_of(static_cast<NodeId>(&reader - graph_.nodes().data())) != region_of(id);
    });
  }

  void targets_of_region(int region, bool frames) {
    Nodes targets;
    for (const NodeId id : all()) {
      const Node& n = node(id);
      const bool late = std::any_of(late_.begin(), late_.end(), [&](const auto& clamped) {
        return clamped.second.clamp == id || clamped.second.end == id;
      });
      const bool here = region_of(id) == region && !is_source(n) && !is_fold(n) && !late;
      if (!here || n.type.has_frames() != frames) continue;
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

  void target_kernel(const Nodes& targets, bool frames) {
    const Nodes nodes = slice(targets);
    Kernel k(a_, "kernel" + number(kernels_++), frames ? Items::frames : Items::rows, nodes,
             parts_of(nodes, targets));
    const bool loads = begin(k, nodes);
    if (!loads) k.body.line("const bool blank = " + blank_of_status() + ";");
    if (loads && signature_.watch) needs_blanking_ = true;
    if (frames) k.body.line("constexpr bool use = true;");
    compute_targets(k, nodes, targets, -1, !loads);
    if (loads) report_status(a_, k, nodes, "frame", "frame + 1");
    end(k);
  }

  // ---- transforms of several kernels

  /// Teams that share the elements of one item, where they are many.
  static std::int64_t parts_of(std::int64_t length) {
    constexpr std::int64_t kPerTeam = 4096;
    return std::max<std::int64_t>(1, length / kPerTeam);
  }

  /// Parts for a kernel that does nothing but read long spectra element by element.
  std::int64_t parts_of(const Nodes& nodes, const Nodes& targets) const {
    bool reads_long = false;
    for (const NodeId id : nodes) {
      reads_long = reads_long || a_.long_reads.contains(id);
      if (Kernel::meets(node(id)) && !a_.long_reads.contains(id)) return 1;
    }
    std::int64_t length = 1;
    for (const NodeId id : targets) length = std::max(length, item_length(node(id).type));
    return reads_long ? parts_of(length) : 1;
  }

  void long_kernels(NodeId id) {
    const NodeId input = node(id).inputs[0];
    const bool frames = node(id).type.has_frames();
    const Items items = frames ? Items::frames : Items::rows;
    const LongTransform plan = long_transform(a_, node(id));
    const std::size_t bytes = static_cast<std::size_t>(plan.points) * 2 * a_.real_bytes();
    const int home = store(items, bytes);
    const int away = store(items, bytes);
    {
      const Nodes nodes = slice({input});
      Kernel k(a_, "kernel" + number(kernels_++), items, nodes, parts_of(plan.points));
      const bool loads = begin(k, nodes);
      if (loads && signature_.watch) needs_blanking_ = true;
      k.body.line("constexpr bool use = true;");
      for (const auto& [name, offset] : plan.tables) k.table(name, "Cx<R>", offset);
      k.emit(nodes, {}, false, nullptr);
      k.body.line("const auto& x = " + value_name(input) + ";");
      k.body.line("Cx<R>* const to = reinterpret_cast<Cx<R>*>(p.stored[" + number(home) +
                  "]) + item * " + number(plan.points) + "LL;");
      k.open_each(plan.points, "i");
      k.body.line("if (active) to[i] = " + plan.pack + ";");
      k.body.close("});");
      if (loads) report_status(a_, k, nodes, "frame", "frame + 1");
      end(k);
    }
    const std::string name = "kernel" + number(kernels_++);
    add_four_step(a_, name, items, plan.points, home, away, nullptr);
    if (plan.convolves) {
      add_four_step(a_, name + "back", items, plan.points, home, away, &plan.spectrum);
    }
    a_.stored[id] = home;
    a_.long_reads[id] = plan;
  }

  // ---- folds

  void fold_of_region(NodeId id) {
    if (node(id).op == OpKind::MedianFrames) return median_kernels(id);
    const Nodes nodes = slice({node(id).inputs[0]});
    const bool reads_long = std::any_of(nodes.begin(), nodes.end(),
                                        [&](NodeId n) { return a_.long_reads.contains(n); });
    if (reads_long) {
      fold_of_long(id, nodes);
    } else {
      fold_kernel(id, {});
    }
    if (signature_.long_rows) total_kernel(id);
  }

  std::string blank_of_status() const {
    return signature_.watch && !signature_.skip ? "p.first_bad[row] != kNoBad" : "false";
  }

  /// Sums (or maxima) over the frames of a row, or of a group of them; with `tail`, whatever else
  /// each row gives.
  void fold_kernel(NodeId id, const Nodes& tail) {
    const Node& fold = node(id);
    const NodeId input = fold.inputs[0];
    const bool pair = fold.op == OpKind::PairedMeanPower;
    const bool maximum = fold.op == OpKind::MaxFrames;
    const Nodes nodes = slice({input});
    Nodes all_nodes = nodes;
    all_nodes.insert(id);
    const Nodes rows = tail.empty() ? Nodes{} : slice(tail, id);
    all_nodes.insert(rows.begin(), rows.end());
    const bool grouped = signature_.long_rows;
    Kernel k(a_, "kernel" + number(kernels_++), grouped ? Items::groups : Items::rows, all_nodes);
    begin(k, nodes, all_nodes);
    const std::int64_t sums = pair ? fold.as<ir::FftAttrs>().n : item_length(fold.type);
    const std::string none = maximum ? "-infinite<R>()" : "R(0)";
    Text& text = k.body;
    frame_range(a_, k);
    if (signature_.skip) text.line("long long used = 0;");
    const Put add = [&](Text& t, const std::string& slot, const std::string&,
                        const std::string& x) { add_to(t, "acc[" + slot + "]", x, maximum, pair); };
    const std::string type =
        pair ? k.declare_complex("P" + number(id), sums) : k.transform_before(nodes, input);
    const bool in_registers = !type.empty();
    const std::string array = "s" + number(id);
    if (!in_registers) k.share(array, "R", sums);
    if (in_registers) {
      text.line("constexpr int kSlots = " + type + "::slots<decltype(team)>();");
      text.line("R acc[kSlots];");
      text.line("unrolled<kSlots>([&](auto s) { acc[s.value] = " + none + "; });");
    } else {
      text.line("team.each(" + number(sums) + ", [&](int i) { " + array + "[i] = " + none +
                "; });");
    }
    open_frames(a_, k, nodes, pair);
    k.emit(nodes, in_registers && !pair ? Nodes{input} : Nodes{}, pair,
           [&](const Chain&) { return add; });
    if (pair) {
      k.transform(type, value_name(input),
                  [&](Text& t, const std::string& slot, const std::string&, const std::string& z) {
                    t.line("acc[" + slot + "] = plus_power(acc[" + slot + "], " + z + ");");
                  });
    } else if (!in_registers) {
      text.open("team.each(" + number(sums) + ", [&](int i) {");
      add_to(text, array + "[i]", value_name(input) + "(i)", maximum, false);
      text.close("});");
    }
    text.close();
    if (in_registers) {
      if (!transforms(rows)) k.free_work();
      k.share(array, "R", sums);
      text.open(type + "::each_slot(team, [&](int slot, int i) {");
      const Put put = [&](Text& t, const std::string& slot, const std::string& i,
                          const std::string&) {
        t.line(array + "[" + i + "] = acc[" + slot + "];");
      };
      if (pair) {
        put(text, "slot", "i", "");
      } else {
        k.place(nodes, input, put);
      }
      text.close("});");
    }
    text.line("team.sync();");
    close_fold(k, id, nodes, tail, rows);
  }

  /// Element by element: nothing but reads of spectra that lie in device memory.
  void fold_of_long(NodeId id, const Nodes& nodes) {
    if (signature_.skip) {
      throw UserError(
          "[cuda] frames with bad samples are left out of short transforms only; use "
          "--nonfinite flag or --device cpu");
    }
    const Node& fold = node(id);
    const bool maximum = fold.op == OpKind::MaxFrames;
    const std::string length = number(item_length(fold.type));
    const bool grouped = signature_.long_rows;
    Kernel k(a_, "kernel" + number(kernels_++), grouped ? Items::groups : Items::rows, Nodes{id},
             parts_of(item_length(fold.type)));
    frame_range(a_, k);
    int to = 0;
    if (grouped) {
      partials_[id] = to = store_groups(id);
    } else {
      a_.stored[id] = to = store(Items::rows, item_bytes(id));
    }
    Text& text = k.body;
    text.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(to) + "]) + item * " +
              length + ";");
    k.open_each(item_length(fold.type), "e");
    text.line(std::string("R sum = ") + (maximum ? "-infinite<R>();" : "R(0);"));
    text.open("for (long long frame = first; frame < last; ++frame) {");
    k.emit(nodes, {}, false, nullptr);
    const std::string value = value_name(fold.inputs[0]) + "(e)";
    text.line(maximum ? "sum = larger(sum, " + value + ");" : "sum += " + value + ";");
    text.close();
    const bool mean = !maximum && !grouped;
    text.line(std::string("if (active) to[e] = sum") +
              (mean ? " * R(1.0 / double(p.frames));" : ";"));
    text.close("});");
    end(k);
  }

  /// Frames of a pair that are not used are zeros already.
  void add_to(Text& text, const std::string& sum, const std::string& x, bool maximum,
              bool pair) const {
    const bool always = pair || (!signature_.long_rows && !signature_.skip);
    if (maximum) {
      const std::string more = "larger(" + sum + ", " + x + ")";
      text.line(sum + " = " + (always ? more : "use ? " + more + " : " + sum) + ";");
    } else {
      text.line(sum + " += " + (always ? x : "use ? " + x + " : R(0)") + ";");
    }
  }

  void close_fold(Kernel& k, NodeId id, const Nodes& nodes, const Nodes& tail, const Nodes& rows) {
    const Node& fold = node(id);
    const bool grouped = signature_.long_rows;
    Text& text = k.body;
    const std::string used = signature_.skip ? "used" : "last";
    if (a_.program.clears && signature_.skip) {
      const std::string frames = grouped ? "(last - first)" : "p.frames";
      text.line("if (team.thread == 0 && active && used < " + frames +
                ") atomicAdd(p.skipped + row, unsigned(" + frames + " - used));");
    }
    if (!a_.program.clears) {
      begin_status(k, signature_.skip ? "unsigned(p.frames - used)" : "0");
      text.line("team.sync();");
    }
    report_status(a_, k, nodes, "first", "last");
    const std::string array = "s" + number(id);
    std::string value = array + "[i]";
    if (fold.op == OpKind::PairedMeanPower) {
      const std::string n = number(fold.as<ir::FftAttrs>().n);
      value = "(" + value + " + " + array + "[i == 0 ? 0 : " + n + " - i])";
      if (grouped) value = "R(0.5) * " + value;
    }
    if (grouped) {
      const std::string length = number(item_length(fold.type));
      const int partial = store_groups(id);
      partials_[id] = partial;
      text.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(partial) + "]) + item * " +
                length + ";");
      text.line("team.each(" + length + ", [&](int i) { if (active) to[i] = " + value + "; });");
      return end(k);
    }
    if (fold.op == OpKind::MaxFrames) {
      if (signature_.skip) value = used + " == 0 ? not_a_number<R>() : " + value;
    } else {
      const bool halves = fold.op == OpKind::PairedMeanPower;
      text.line("const R share = R(" + std::string(halves ? "0.5" : "1") + ") / R(" + used + ");");
      value = "(" + value + ") * share";
    }
    text.line("const auto " + value_name(id) + " = [&](int i) { return " + value + "; };");
    if (tail.empty()) {
      a_.stored[id] = store(Items::rows, item_bytes(id));
      store_lines(k, id, false);
    } else {
      compute_targets(k, rows, tail, id, true);
    }
    end(k);
  }

  /// Adds up the groups of a row.
  void total_kernel(NodeId id) {
    const Node& fold = node(id);
    Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {id});
    const std::string length = number(item_length(fold.type));
    a_.stored[id] = store(Items::rows, item_bytes(id));
    Text& text = k.body;
    text.line("const R* const from = reinterpret_cast<const R*>(p.stored[" +
              number(partials_.at(id)) + "]) + row * p.groups * " + length + ";");
    const bool maximum = fold.op == OpKind::MaxFrames;
    text.line(std::string("const long long used = p.frames") +
              (signature_.skip ? " - p.skipped[row];" : ";"));
    const std::string all =
        std::string(maximum ? "largest" : "total") + "(from + i, p.groups, " + length + ")";
    const std::string value =
        maximum ? "used == 0 ? not_a_number<R>() : " + all : all + " * (R(1) / R(used))";
    text.line("const auto " + value_name(id) + " = [&](int i) { return " + value + "; };");
    store_lines(k, id, false);
    end(k);
  }

  void median_kernels(NodeId id) {
    const NodeId input = node(id).inputs[0];
    const Nodes nodes = slice({input});
    const int frames = store(Items::frames, item_bytes(input));
    {
      Kernel k(a_, "kernel" + number(kernels_++), Items::frames, nodes);
      const bool loads = begin(k, nodes);
      k.body.line("constexpr bool use = true;");
      if (signature_.skip) {
        k.body.line("bool good = true;");
        k.body.line("int used = 0;");
        skip_bad(a_, k, nodes, "frame", "good");
        k.body.line("if (!good && active && team.thread == 0) atomicAdd(p.skipped + row, 1u);");
      }
      const std::string mark = signature_.skip ? "!good" : "false";
      k.body.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(frames) + "]) + item * " +
                  number(item_length(node(input).type)) + ";");
      bool taken = false;
      k.emit(nodes, {input}, false, [&](const Chain&) -> Put {
        taken = true;
        return [&](Text& t, const std::string&, const std::string& i, const std::string& x) {
          t.line("if (active) to[" + i + "] = blanked(" + x + ", " + mark + ");");
        };
      });
      if (!taken) {
        k.body.line("team.each(" + number(item_length(node(input).type)) +
                    ", [&](int i) { if (active) to[i] = blanked(" + value_name(input) + "(i), " +
                    mark + "); });");
      }
      if (loads) report_status(a_, k, nodes, "frame", "frame + 1");
      end(k);
    }
    Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {id});
    const std::string length = number(item_length(node(id).type));
    k.body.line("const R* const from = reinterpret_cast<const R*>(p.stored[" + number(frames) +
                "]) + row * p.frames * " + length + ";");
    k.body.line("const auto " + value_name(id) +
                " = [&](int i) { return median(from + i, p.frames, " + length + ", " +
                (signature_.skip ? "true" : "false") + "); };");
    a_.stored[id] = store(Items::rows, item_bytes(id));
    store_lines(k, id, false);
    end(k);
  }

  // ---- parts of kernels

  /// Declares what the item needs. Returns whether samples of inputs are read.
  bool begin(Kernel& k, const Nodes& nodes) { return begin(k, nodes, nodes); }
  bool begin(Kernel& k, const Nodes& nodes, const Nodes& readers) {
    Nodes ports;
    for (const NodeId id : nodes) {
      if (node(id).op == OpKind::Input) ports.insert(id);
      if (node(id).op == OpKind::Frame) ports.insert(node(id).inputs[0]);
    }
    for (const NodeId id : ports) {
      const int port = a_.inputs.at(id);
      const Signature::Input& input = signature_.inputs[static_cast<std::size_t>(port)];
      const auto flag = [](bool value) { return value ? "true" : "false"; };
      k.body.line("const Row<R, " + element_type(input.dtype) + ", " + flag(input.dense) + ", " +
                  flag(input.scaled) + ", " + number(a_.row_align(input)) + "> in" + number(port) +
                  "(p.in[" + number(port) + "], row);");
    }
    if (a_.program.rule) {
      const ir::FrameRule& rule = *a_.program.rule;
      k.body.line("constexpr FrameRule rule = {" + number(rule.length) + ", " + number(rule.hop) +
                  ", " + number(rule.pad_left) + ", " + number(rule.fixed_samples) + "};");
    }
    if (!ports.empty() && signature_.watch) k.watch(readers);
    return !ports.empty();
  }

  /// Computes `nodes` and sends `targets` to where they belong. `fold` has its value already.
  void compute_targets(Kernel& k, const Nodes& nodes, const Nodes& targets, NodeId fold,
                       bool blanks) {
    if (fold >= 0) {
      k.body.line(std::string("const bool blank = ") + (signature_.watch ? "bad;" : "false;"));
    }
    k.body.line("Watch<R> results;");
    k.body.line("bool overflow = false;");
    for (const NodeId id : targets) declare_places(k, id);
    Nodes rest = nodes;
    rest.erase(fold);
    Nodes ends;
    for (const NodeId id : targets) {
      const bool read = std::any_of(rest.begin(), rest.end(), [&](NodeId reader) {
        const auto& inputs = node(reader).inputs;
        return std::find(inputs.begin(), inputs.end(), id) != inputs.end();
      });
      if (!read && id != fold) ends.insert(id);
    }
    Nodes done;
    k.emit(rest, ends, false, [&](const Chain& chain) -> Put {
      const NodeId id = chain.end();
      done.insert(id);
      return [this, id, blanks](Text& t, const std::string&, const std::string& i,
                                const std::string& x) { put_lines(t, id, i, x, blanks); };
    });
    for (const NodeId id : targets) {
      if (done.contains(id)) {
        maximum_lines(k, id);
      } else if (is_top(node(id))) {
        top_lines(k, id, blanks);
      } else {
        store_lines(k, id, blanks);
      }
    }
    k.body.line("overflow = (overflow || results.alarmed())" +
                std::string(blanks ? " && !blank;" : ";"));
    if (a_.program.clears) {
      k.body.line("if (overflow && active) atomicOr(p.overflow + row, 1u);");
    } else {
      k.body.open("if (p.overflow != nullptr) {");
      k.body.line("overflow = team.any(overflow);");
      k.body.line("if (team.thread == 0 && active) p.overflow[row] = overflow;");
      k.body.close();
    }
  }

  void declare_places(Kernel& k, NodeId id) {
    const std::string frame = node(id).type.has_frames() ? "frame" : "0";
    for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
      if (graph_.outputs()[o].node != id) continue;
      const std::string kind = node(id).type.complex() ? "Cx<R>" : "R";
      k.body.line("const Out<" + kind + ", " + (signature_.dense_outputs[o] ? "true" : "false") +
                  "> out" + std::to_string(o) + "(p.out[" + std::to_string(o) + "], row, " + frame +
                  ", active);");
    }
    if (const auto late = late_.find(id); late != late_.end()) {
      declare_late(a_, k, late->second);
    }
    if (a_.maxima.contains(id)) k.body.line("R most = -infinite<R>();");
  }

  /// One value to every place of node `id`.
  void put_lines(Text& text, NodeId id, const std::string& i, const std::string& x, bool blanks) {
    text.line("results.see(" + x + ");");
    const std::string value = blanks ? "blanked(" + x + ", blank)" : x;
    for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
      if (graph_.outputs()[o].node == id) {
        text.line("out" + std::to_string(o) + ".set(" + i + ", " + value + ");");
      }
    }
    const auto found = a_.stored.find(id);
    if (found != a_.stored.end() && !a_.long_reads.contains(id)) {
      const std::string kind = node(id).type.complex() ? "Cx<R>" : "R";
      text.line("if (active) (reinterpret_cast<" + kind + "*>(p.stored[" + number(found->second) +
                "]) + item * " + number(item_length(node(id).type)) + ")[" + i + "] = " + x + ";");
    }
    if (a_.maxima.contains(id)) text.line("most = larger(most, " + x + ");");
    if (const auto late = late_.find(id); late != late_.end()) {
      put_late(a_, text, late->second, i, x);
    }
  }

  void store_lines(Kernel& k, NodeId id, bool blanks) {
    k.open_each(item_length(node(id).type), "i");
    if (blanks || is_output(id) || late_.contains(id)) {
      k.body.line("const auto x = " + value_name(id) + "(i);");
      put_lines(k.body, id, "i", "x", blanks);
    } else {
      const std::string kind = node(id).type.complex() ? "Cx<R>" : "R";
      k.body.line("const auto x = " + value_name(id) + "(i);");
      k.body.line("if (active) (reinterpret_cast<" + kind + "*>(p.stored[" +
                  number(a_.stored.at(id)) + "]) + item * " + number(item_length(node(id).type)) +
                  ")[i] = x;");
      if (a_.maxima.contains(id)) k.body.line("most = larger(most, x);");
    }
    k.body.close("});");
    maximum_lines(k, id);
  }

  /// The largest value of a row, over all of its frames.
  void maximum_lines(Kernel& k, NodeId id) {
    if (const auto late = late_.find(id); late != late_.end()) store_extent(a_, k, late->second);
    const auto found = a_.maxima.find(id);
    if (found == a_.maxima.end()) return;
    k.body.line("most = team.reduce(most, [](R a, R b) { return larger(a, b); });");
    raise_maximum(a_, k, found->second, "most");
  }

  void top_lines(Kernel& k, NodeId id, bool blanks) {
    const auto& attrs = node(id).as<ir::TopAttrs>();
    const NodeId input = node(id).inputs[0];
    const std::int64_t bins = item_length(node(input).type);
    const std::string search = "search" + number(id);
    k.body.line("const Search<R> " + search + " = " + search_text(attrs, bins) + ";");
    const std::string get = "[&](int i) { return " + value_name(input) + "(i); }";
    const bool peaks = node(id).op == OpKind::Peaks;
    std::string arrays = blanks ? "blank, " : "false, ";
    arrays += k.share("s" + number(input), "R", bins) + ", ";
    if (peaks) arrays += k.share("marks" + number(id), "unsigned char", bins) + ", ";
    for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
      if (graph_.outputs()[o].node != id) continue;
      k.body.line(std::string("overflow |= !") + (peaks ? "top_peaks<" : "top_bins<") +
                  number(bins) + ", " + number(attrs.k) + ">(team, " + search + ", " + arrays +
                  get + ", out" + std::to_string(o) + ");");
    }
  }

  void blank_kernel() {
    Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {});
    k.body.open("if (p.first_bad[row] != kNoBad && active) {");
    blank_results(a_, k);
    k.body.close();
    k.finish();
  }

  void end(Kernel& k) { k.finish(); }

  const Graph& graph_;
  const Signature& signature_;
  Assembly a_;
  std::map<NodeId, LateClamp> late_;  ///< by the node that is clamped
  std::map<NodeId, int> partials_;
  int kernels_ = 0;
  bool needs_blanking_ = false;
};

}  // namespace

std::vector<std::string> compile_options() {
  return {"--std=c++20", "--device-as-default-execution-space"};
}

DeviceProgram lower_cuda(const Graph& graph, const Signature& signature) {
  if (is_batch_graph(graph)) return lower_batch(graph, signature);
  return CudaLowering(graph, signature).run();
}

}  // namespace papilio::codegen
