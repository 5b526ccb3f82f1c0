// Sweeps to kernels.
#include "codegen/batch.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "codegen/assembly.h"
#include "codegen/butterfly_text.h"
#include "codegen/kernel.h"
#include "codegen/params.h"
#include "ir/sweeps.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

using Nodes = std::set<NodeId>;

constexpr int kSumThreads = 1024;  ///< device/batch.cuh: columns times runners
constexpr int kSumColumns = 32;

class BatchLowering {
 public:
  BatchLowering(const Graph& graph, const Signature& signature)
      : graph_(graph), a_(graph, signature), by_row_(ir::differ_by_row(graph)) {}

  DeviceProgram run(const Descent* descent) {
    check();
    for (NodeId id = 0; id < count(); ++id) {
      if (node(id).op == OpKind::ButterflyGradient) a_.gradients = true;
      if (ir::sums_rows(graph_, by_row_, id)) a_.gathered.insert(id);
    }
    for (const char* block : {"butterfly", "frames", descent == nullptr ? "batch" : "descent"}) {
      a_.source += std::string("#include \"codegen/device/") + block + ".cuh\"\n";
    }
    a_.program.clears = true;
    a_.program.stored = {{Items::once, 0, false}, {Items::once, sizeof(std::uint64_t), true}};
    a_.program.shared.emplace();
    a_.program.most_slices = most_slices();
    number_ports();
    const auto sweeps =
        ir::cut_into_sweeps(graph_, by_row_, [&](NodeId id) { return operands(id); });
    find_places(sweeps);
    for (const ir::Sweep& sweep : sweeps) {
      shared_kernel(sweep);
      if (sweep.steps.empty()) continue;
      sweep_kernel(sweep);
      if (!sweep.sums.empty()) sums_kernel(sweep.sums);
    }
    results_kernel();
    same_rows_kernel();
    if (descent != nullptr) {
      const std::string slopes = next_name();
      add_descent(a_, *descent, slopes, next_name());
    }
    a_.program.stored[0].item_bytes = shared_bytes_;
    a_.program.tables = a_.tables.bytes();
    a_.program.source = std::move(a_.source);
    return std::move(a_.program);
  }

 private:
  NodeId count() const { return static_cast<NodeId>(graph_.nodes().size()); }
  const Node& node(NodeId id) const { return graph_.node(id); }
  /// What a kernel reads for a node: of the second operand of spread only the extents matter.
  std::span<const NodeId> operands(NodeId id) const {
    const std::span<const NodeId> inputs = node(id).inputs;
    return node(id).op == OpKind::Spread ? inputs.first(1) : inputs;
  }
  bool by_row(NodeId id) const { return by_row_[static_cast<std::size_t>(id)]; }
  bool has_rows(NodeId id) const { return node(id).type.dims[0].extent == ir::Extent::rows; }
  std::size_t bytes_of(NodeId id) const {
    return static_cast<std::size_t>(item_length(node(id).type)) *
           (node(id).type.complex() ? 2 : 1) * a_.real_bytes();
  }

  // ---- what there is

  [[noreturn]] void refuse(NodeId id, const std::string& why) const {
    throw UserError("[cuda] " + std::string(ir::info_of(node(id).op).text) + " " + why +
                    " does not run on this device; use --device cpu");
  }
  void check() const {
    check_item_lengths(graph_);
    for (NodeId id = 0; id < count(); ++id) {
      const Node& n = node(id);
      if (n.type.has_frames() || n.op == OpKind::Frame) refuse(id, "of frames beside params");
      if (is_top(n)) refuse(id, "beside params");
      const bool network = n.op == OpKind::Butterfly || n.op == OpKind::ButterflyGradient;
      if (network && !by_row(n.inputs[0])) refuse(id, "of what belongs to no row");
      if (network && by_row(n.inputs.back())) refuse(id, "whose numbers differ by row");
      if (!by_element(n)) refuse(id, "of several items that belong to no row");
      if (n.op == OpKind::Input && n.as<ir::InputAttrs>().samples == 0) {
        throw UserError(
            "[cuda] a graph with params needs rows of a fixed length; give its inputs one");
      }
    }
  }

  /// Kernels compute values of several items as one long item: sums and spreads know better, and
  /// what works element by element need not.
  bool by_element(const Node& n) const {
    const auto items = [&](NodeId id) {
      return item_length(node(id).type) / node(id).type.last().size;
    };
    const bool one =
        std::all_of(n.inputs.begin(), n.inputs.end(), [&](NodeId id) { return items(id) == 1; });
    if (one || is_source(n) || n.op == OpKind::SumItems || n.op == OpKind::SumElements ||
        n.op == OpKind::Spread) {
      return true;
    }
    // The last operand may be one item, for all of them.
    const bool alike = std::all_of(n.inputs.begin(), n.inputs.end(), [&](NodeId id) {
      const bool same = item_length(node(id).type) == item_length(n.type);
      return same || (id == n.inputs.back() && items(id) == 1);
    });
    switch (n.op) {
      case OpKind::Mul:
      case OpKind::Add:
      case OpKind::Affine:
      case OpKind::Power:
      case OpKind::Magnitude:
      case OpKind::Log:
      case OpKind::Conj:
      case OpKind::Real:
      case OpKind::Complex:
      case OpKind::Inverse:
      case OpKind::Step:
        return alike;
      default:
        return false;
    }
  }

  /// Params, and results of no row; those of rows are ports.
  void number_ports() {
    int ports = 0;
    for (NodeId id = 0; id < count(); ++id) {
      if (!ir::is_port(node(id).op)) continue;
      if (node(id).op == OpKind::Input) {
        const int input = static_cast<int>(a_.inputs.size());
        a_.inputs[id] = input;
      } else {
        a_.shared[id] = take(id);
        a_.program.shared->params.push_back(place_of(id, ports, a_.shared[id]));
      }
      ++ports;
    }
    for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
      const NodeId id = graph_.outputs()[o].node;
      if (has_rows(id)) {
        row_outputs_.push_back(id);
        a_.program.frame_outputs.push_back(false);
      } else {
        a_.program.shared->results.push_back(place_of(id, static_cast<int>(o), take(id)));
      }
    }
    if (a_.inputs.size() > kMaxPorts || row_outputs_.size() > kMaxPorts) {
      throw UserError("[cuda] a graph has at most " + number(kMaxPorts) +
                      " inputs and as many results of rows; compile it in parts");
    }
  }
  SharedValues::Place place_of(NodeId id, int port, std::size_t offset) const {
    return {port, offset, item_length(node(id).type), node(id).type.complex()};
  }

  /// Neighbours of one kind lie side by side, so that they can be copied at once.
  std::size_t take(NodeId id) {
    const std::size_t element = a_.real_bytes() * (node(id).type.complex() ? 2 : 1);
    const std::size_t at = (shared_bytes_ + element - 1) / element * element;
    shared_bytes_ = at + bytes_of(id);
    return at;
  }

  /// Values of no row that the kernels of sweeps read: nodes, and the numbers of butterflies.
  void find_places(const std::vector<ir::Sweep>& sweeps) {
    for (const ir::Sweep& sweep : sweeps) {
      for (const NodeId id : sweep.steps) {
        const bool network =
            node(id).op == OpKind::Butterfly || node(id).op == OpKind::ButterflyGradient;
        for (const NodeId from : operands(id)) {
          const bool known =
              by_row(from) || node(from).op == OpKind::Const || a_.shared.contains(from);
          if (network && from == node(id).inputs.back()) {
            if (node(from).op != OpKind::Const) networks_.insert(id);
          } else if (!known && !a_.gathered.contains(from)) {
            wanted_.insert(from);
          }
        }
      }
      for (const NodeId id : sweep.sums) sums_at_[id] = take(id);
    }
  }

  /// Nodes that values of no row need, back to what is there.
  Nodes behind(const Nodes& targets) const {
    Nodes nodes;
    std::vector<NodeId> open(targets.begin(), targets.end());
    while (!open.empty()) {
      const NodeId id = open.back();
      open.pop_back();
      if (!nodes.insert(id).second || a_.shared.contains(id)) continue;
      for (const NodeId from : operands(id)) open.push_back(from);
    }
    return nodes;
  }

  /// As many as keep a GPU busy: slices cost memory, and time to add them up.
  std::int64_t most_slices() const {
    constexpr std::int64_t kThreads = 32768;
    std::int64_t team = 16;
    for (NodeId id = 0; id < count(); ++id) {
      if (node(id).op != OpKind::ButterflyGradient) continue;
      team = std::max<std::int64_t>(team, shape_of(id).threads);
    }
    return std::max<std::int64_t>(kThreads / team, 256);
  }

  std::string next_name() { return "kernel" + number(kernels_++); }

  static std::string pointer(const Kernel& k, NodeId id, std::size_t offset) {
    return Kernel::shared_address(k.kind_of(id), offset);
  }

  // ---- values of no row

  /// Those that the sweep reads.
  void shared_kernel(const ir::Sweep& sweep) {
    const Nodes here(sweep.shared.begin(), sweep.shared.end());
    Nodes targets;
    for (const NodeId id : here) {
      if (wanted_.contains(id)) targets.insert(id);
    }
    Nodes all = targets;
    std::vector<NodeId> packs;
    for (const NodeId id : networks_) {
      const NodeId numbers = node(id).inputs.back();
      const bool ready = here.contains(numbers) || a_.gathered.contains(numbers);
      if (!ready || a_.packed.contains(id)) continue;
      if (a_.gathered.contains(numbers) && !a_.shared.contains(numbers)) continue;
      packs.push_back(id);
      all.insert(numbers);
    }
    if (all.empty()) return;
    const Nodes nodes = behind(all);
    Kernel k(a_, next_name(), Items::once, nodes);
    k.emit(nodes, {}, false, nullptr);
    for (const NodeId id : targets) {
      const std::size_t to = take(id);
      put_shared(k, id, to, value_name(id) + "(i)");
      a_.shared[id] = to;
    }
    for (const NodeId id : packs) pack(k, id);
    k.finish();
  }

  void put_shared(Kernel& k, NodeId id, std::size_t offset, const std::string& value) {
    k.body.line("team.each(" + number(item_length(node(id).type)) + ", [&](int i) { " +
                pointer(k, id, offset) + "[i] = " + value + "; });");
  }

  /// The numbers of a butterfly in the order in which its passes read them; runs of equal passes
  /// share them.
  void pack(Kernel& k, NodeId id) {
    const NodeId numbers = node(id).inputs.back();
    const ButterflyShape shape = shape_of(id);
    for (const auto& [other, offset] : a_.packed) {
      if (node(other).inputs.back() == numbers && shape_of(other).order == shape.order) {
        a_.packed[id] = offset;
        return;
      }
    }
    const std::size_t to = take(numbers);
    const std::string order = k.int_table("order" + number(id), shape.order);
    k.body.line("team.each(" + number(static_cast<std::int64_t>(shape.order.size())) +
                ", [&](int i) { " + pointer(k, numbers, to) + "[i] = " + value_name(numbers) +
                "(read_only(" + order + " + i)); });");
    a_.packed[id] = to;
  }
  ButterflyShape shape_of(NodeId id) const {
    return butterfly_shape(node(id).as<ir::ButterflyAttrs>(), a_.real_bytes(), a_.gradients);
  }

  /// One bad row spoils what all share.
  void results_kernel() {
    const SharedValues& shared = *a_.program.shared;
    Nodes targets;
    for (const auto& place : shared.results) targets.insert(result_of(place));
    if (targets.empty()) return;
    const Nodes nodes = behind(targets);
    Kernel k(a_, next_name(), Items::once, nodes);
    k.body.line("const bool blank = *reinterpret_cast<const unsigned*>(p.stored[1]) != 0;");
    k.emit(nodes, {}, false, nullptr);
    for (const auto& place : shared.results) {
      const NodeId id = result_of(place);
      put_shared(k, id, place.offset, "blanked(" + value_name(id) + "(i), blank)");
    }
    k.finish();
  }
  NodeId result_of(const SharedValues::Place& place) const {
    return graph_.outputs()[static_cast<std::size_t>(place.port)].node;
  }

  /// Results that are the same in every row.
  void same_rows_kernel() {
    Nodes targets;
    for (const NodeId id : row_outputs_) {
      if (!by_row(id)) targets.insert(id);
    }
    if (targets.empty()) return;
    const Nodes nodes = behind(targets);
    Kernel k(a_, next_name(), Items::rows, nodes);
    k.body.line("const bool blank = p.first_bad[row] != kNoBad;");
    k.emit(nodes, {}, false, nullptr);
    put_rows(k, targets);
    k.finish();
  }

  // ---- sweeps

  void sweep_kernel(const ir::Sweep& sweep) {
    Nodes nodes(sweep.steps.begin(), sweep.steps.end());
    Nodes constants;
    for (const NodeId id : sweep.steps) {
      for (const NodeId from : operands(id)) {
        if (by_row(from)) continue;
        if (a_.shared.contains(from) || node(from).op == OpKind::Const) constants.insert(from);
      }
    }
    const bool sums = !sweep.sums.empty();
    Kernel k(a_, next_name(), sums ? Items::slices : Items::rows, nodes);
    std::map<NodeId, int> partials;
    for (const NodeId id : sweep.sums) partials[id] = begin_sum(k, id);
    k.emit(constants, {}, false, nullptr);
    if (sums) {
      if (!partials.empty()) k.body.line("team.sync();");
      k.body.line("const long long first = item * each;");
      k.body.open("for (long long turn = 0; turn < each; ++turn) {");
      k.body.line("const bool active = own && first + turn < p.rows;");
      k.body.line("const long long row = active ? first + turn : first;");
    }
    begin_rows(k, nodes);
    Nodes ends;
    for (const std::size_t o : sweep.outputs) ends.insert(graph_.outputs()[o].node);
    k.emit(nodes, ends, false, [](const Chain&) { return Put{}; });
    put_rows(k, ends);
    for (const NodeId id : sweep.sums) add_to_sum(k, id);
    if (sums) {
      k.body.line("team.sync();");
      k.body.close();
      for (const NodeId id : sweep.sums) end_sum(k, id);
    }
    k.finish();
    partials_.insert(partials.begin(), partials.end());
  }

  /// The rows of the inputs; the first sweep looks at all of them.
  void begin_rows(Kernel& k, const Nodes& nodes) {
    const bool look = !std::exchange(looked_, true);
    if (look) k.body.line("Watch<R> watch;");
    for (const auto& [id, port] : a_.inputs) {
      if (!look && !nodes.contains(id)) continue;
      const std::string kind = node(id).type.complex() ? "Cx<" + real() + ">" : real();
      const std::string in = "in" + number(port);
      k.body.line("const Row<R, " + kind + ", true, false, " + number(a_.row_align(a_.input(id))) +
                  "> " + in + "(p.in[" + number(port) + "], row);");
      if (look) {
        k.body.line("team.each(" + number(item_length(node(id).type)) +
                    ", [&](int i) { watch.see(" + in + ".at(i)); });");
      }
    }
    if (!look) return k.body.line("const bool blank = p.first_bad[row] != kNoBad;");
    k.body.line("const bool blank = team.any(watch.alarmed());");
    k.body.open("if (blank) {");
    for (const auto& [id, port] : a_.inputs) {
      k.body.line("report_bad_row(team, in" + number(port) + ", " +
                  number(item_length(node(id).type)) + ", p.first_bad + row);");
    }
    k.body.line("if (team.thread == 0) atomicOr(reinterpret_cast<unsigned*>(p.stored[1]), 1u);");
    k.body.close();
  }
  std::string real() const { return a_.single() ? "float" : "double"; }

  /// Results of rows, and whether the compute type holds them.
  void put_rows(Kernel& k, const Nodes& targets) {
    if (targets.empty()) return;
    k.body.line("Watch<R> results;");
    for (std::size_t o = 0; o < row_outputs_.size(); ++o) {
      const NodeId id = row_outputs_[o];
      if (!targets.contains(id)) continue;
      const std::string out = "out" + number(static_cast<std::int64_t>(o));
      k.body.line("const Out<" + k.kind_of(id) + ", true> " + out + "(p.out[" +
                  number(static_cast<std::int64_t>(o)) + "], row, 0, active);");
      k.body.open("team.each(" + number(item_length(node(id).type)) + ", [&](int i) {");
      k.body.line("const auto x = " + value_name(id) + "(i);");
      k.body.line("results.see(x);");
      k.body.line(out + ".set(i, blanked(x, blank));");
      k.body.close("});");
    }
    k.body.line("if (results.alarmed() && !blank && active) atomicOr(p.overflow + row, 1u);");
  }

  // ---- sums over rows

  /// What slices gather of a sum: double, or the compute type for the many numbers of networks.
  std::string gathered_kind(NodeId id) const {
    if (node(id).op == OpKind::ButterflyGradient) return "Cx<" + real() + ">";
    return node(id).type.complex() ? "Cx<double>" : "double";
  }
  std::size_t gathered_bytes(NodeId id) const {
    const bool network = node(id).op == OpKind::ButterflyGradient;
    const std::size_t part = network ? a_.real_bytes() : sizeof(double);
    return static_cast<std::size_t>(item_length(node(id).type)) *
           (node(id).type.complex() ? 2 : 1) * part;
  }

  /// Zeros for a slice. Every element has one thread that adds to it. Returns the stored value.
  int begin_sum(Kernel& k, NodeId id) {
    a_.program.stored.push_back({Items::slices, gathered_bytes(id), false});
    const int stored = static_cast<int>(a_.program.stored.size()) - 1;
    if (a_.program.stored.size() > kMaxStored) {
      throw UserError("[cuda] the graph has more than " + number(kMaxStored - 2) +
                      " sums over rows; compile it in parts");
    }
    const std::string length = number(item_length(node(id).type));
    const std::string sums = "sums" + number(id);
    k.body.line("// Teams without a slice of their own have one that nobody reads.");
    k.body.line(gathered_kind(id) + "* const " + sums + " = reinterpret_cast<" + gathered_kind(id) +
                "*>(p.stored[" + number(stored) + "]) + (own ? item : items) * " + length + ";");
    if (in_shared(id)) k.share(array_of(id), gathered_kind(id), item_length(node(id).type));
    k.body.line("team.each(" + length + ", [&](int i) { " + array_of(id) + "[i] = {}; });");
    return stored;
  }

  /// Whether a team adds up in shared memory what it writes once its slice is done.
  bool in_shared(NodeId id) const {
    constexpr std::size_t kMostShared = std::size_t{16} * 1024;
    return gathered_bytes(id) <= kMostShared;
  }
  std::string array_of(NodeId id) const { return (in_shared(id) ? "part" : "sums") + number(id); }
  void end_sum(Kernel& k, NodeId id) {
    if (!in_shared(id)) return;
    k.body.line("team.each(" + number(item_length(node(id).type)) + ", [&](int i) { sums" +
                number(id) + "[i] = " + array_of(id) + "[i]; });");
  }

  void add_to_sum(Kernel& k, NodeId id) {
    const Node& n = node(id);
    const std::string sums = array_of(id);
    const std::string x = value_name(n.inputs[0]);
    if (n.op == OpKind::SumItems) {
      k.body.line("team.each(" + number(item_length(n.type)) + ", [&](int i) { if (active) " +
                  sums + "[i] = " + sums + "[i] + widened(" + x + "(i)); });");
      return;
    }
    const std::string type = k.declare_butterfly(id);
    const std::string zeros = " : Cx<R>{}; }";
    k.body.line("const auto x" + number(id) + " = " + k.permuted_input(id) + ";");
    k.body.line("const auto g" + number(id) + " = " + k.permuted_gradient(id) + ";");
    k.body.line(type + "::gradient(team, work, roots" + type + ", " + sums +
                ", [&](int i) { return active ? x" + number(id) + "(i)" + zeros +
                ", [&](int i) { return active ? g" + number(id) + "(i)" + zeros + ");");
  }

  /// Adds up what the slices have gathered: one launch for all sums of a sweep.
  void sums_kernel(const std::vector<NodeId>& sums) {
    const std::string name = next_name();
    Text text;
    text.line("");
    text.open("extern \"C\" __global__ void __launch_bounds__(" + number(kSumThreads) + ") " +
              name + "(const Params p) {");
    text.line("using R = " + real() + ";");
    text.line("extern __shared__ __align__(16) char shared[];");
    text.line("follow();");
    text.line("const long long each = slice_rows(p.rows, " + number(a_.program.most_slices) + ");");
    text.line("const long long slices = p.rows == 0 ? 0 : (p.rows + each - 1) / each;");
    text.line("int block = int(blockIdx.x);");
    std::int64_t all = 0;
    for (const NodeId id : sums) {
      const std::int64_t blocks = (item_length(node(id).type) + kSumColumns - 1) / kSumColumns;
      text.open("if (block >= 0 && block < " + number(blocks) + ") {");
      sum_lines(text, id);
      text.close();
      text.line("block -= " + number(blocks) + ";");
      all += blocks;
      a_.shared[id] = sums_at_.at(id);
    }
    text.close();
    a_.source += text.str();
    constexpr std::size_t kLargest = 16;  // a complex number in double
    a_.program.launches.push_back(
        {name, Items::once, 1, 1, kSumThreads, std::size_t{kSumThreads} * kLargest, all});
  }

  void sum_lines(Text& text, NodeId id) {
    const bool network = node(id).op == OpKind::ButterflyGradient;
    const std::string kind = gathered_kind(id);
    std::string index = "i";
    std::string value = "sum";
    if (network) {
      text.line("const int* const order = reinterpret_cast<const int*>(p.tables + " +
                std::to_string(a_.tables.add(shape_of(id).order)) + ");");
      index = "order[i]";
    } else {
      const bool mean = node(id).as<ir::SumAttrs>().mean;
      value = "narrowed<R>(sum" + std::string(mean ? " * (1.0 / double(p.rows)))" : ")");
    }
    text.open("sum_slices(shared, block, reinterpret_cast<const " + kind + "*>(p.stored[" +
              number(partials_.at(id)) + "]), slices, " + number(item_length(node(id).type)) +
              ", [&](int i, " + kind + " sum) {");
    text.line(Kernel::shared_address(node(id).type.complex() ? "Cx<R>" : "R", sums_at_.at(id)) +
              "[" + index + "] = " + value + ";");
    text.close("});");
  }

  const Graph& graph_;
  Assembly a_;
  std::vector<bool> by_row_;
  std::vector<NodeId> row_outputs_;  ///< by port
  Nodes wanted_;                     ///< values of no row that sweeps read
  Nodes networks_;                   ///< butterflies whose numbers are no constants
  std::map<NodeId, std::size_t> sums_at_;
  std::map<NodeId, int> partials_;
  std::size_t shared_bytes_ = 0;
  bool looked_ = false;  ///< the inputs have been watched
  int kernels_ = 0;
};

}  // namespace

bool is_batch_graph(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return has(node.op, ir::unlowered); });
}

DeviceProgram lower_batch(const Graph& graph, const Signature& signature, const Descent* descent) {
  return BatchLowering(graph, signature).run(descent);
}

}  // namespace papilio::codegen
