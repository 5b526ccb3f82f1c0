// Nodes to text.
#include "codegen/kernel.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "codegen/bands.h"
#include "codegen/butterfly_text.h"
#include "codegen/fft_shape.h"
#include "codegen/long_transform.h"
#include "codegen/transform_text.h"
#include "ir/print.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

std::string number(std::int64_t value) { return std::to_string(value); }
std::string value_name(NodeId id) { return "v" + number(id); }

bool is_network(const Node& node) {
  return node.op == OpKind::Butterfly || node.op == OpKind::ButterflyGradient;
}
bool is_block(const Node& node) { return is_transform(node) || node.op == OpKind::Filterbank; }

/// What a chain may hold behind its block.
bool follows_element(const Assembly& a, const Node& node) {
  switch (node.op) {
    case OpKind::Mul:
    case OpKind::Add:
      return a.graph.node(node.inputs[1]).op == OpKind::Const || a.shared.contains(node.inputs[1]);
    case OpKind::Affine:
    case OpKind::Power:
    case OpKind::Magnitude:
    case OpKind::Log:
    case OpKind::Conj:
    case OpKind::Real:
    case OpKind::Slice:
      return true;
    default:
      return false;
  }
}

/// Whether a sample that is not finite leaves none of its results' elements finite that depend on
/// it, and none of its input's elements is left out.
bool keeps_bad(const Node& node) {
  return node.op == OpKind::Mul || node.op == OpKind::Add || node.op == OpKind::Affine ||
         node.op == OpKind::Detrend || node.op == OpKind::Pad || node.op == OpKind::Preemphasis;
}

/// All values but the first and the last are equal.
bool same_inside(const std::vector<double>& values) {
  return values.size() < 3 || std::all_of(values.begin() + 1, values.end() - 1,
                                          [&](double v) { return v == values[1]; });
}

/// Bits of an index whose order a permutation reverses, as that of radix-2 networks does; else 0.
int reversed_bits(const std::vector<std::int32_t>& permutation) {
  const auto n = static_cast<std::uint32_t>(permutation.size());
  if (n < 2 || !std::has_single_bit(n)) return 0;
  const int bits = std::bit_width(n) - 1;
  for (std::uint32_t i = 0; i < n; ++i) {
    std::uint32_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit) reversed |= (i >> bit & 1U) << (bits - 1 - bit);
    if (static_cast<std::uint32_t>(permutation[i]) != reversed) return 0;
  }
  return bits;
}

/// Without padding frames lie inside their row, unless the row is filled up to a length.
std::string padding(const ir::FrameAttrs& frame) {
  switch (frame.pad) {
    case ir::PadMode::none:
      return frame.rule.fixed_samples > 0 ? "Pad::zeros" : "Pad::inside";
    case ir::PadMode::zeros:
      return "Pad::zeros";
    case ir::PadMode::reflect:
      return "Pad::reflect";
    case ir::PadMode::mirror:
      return "Pad::mirror";
  }
  return "";
}

}  // namespace

Kernel::Kernel(Assembly& assembly, std::string name, Items items, NodeSet nodes, std::int64_t parts)
    : a_(assembly), name_(std::move(name)), items_(items), parts_(parts) {
  if (parts == 1) {
    choose_team(nodes);
  } else {
    set_team(256);
  }
}

bool Kernel::meets(const Node& node) {
  return is_block(node) || is_top(node) || node.op == OpKind::Detrend ||
         node.op == OpKind::ClampRange;
}

void Kernel::open_each(std::int64_t length, const std::string& index) {
  const std::string part = parts_ == 1 ? "" : "_of(part, " + number(parts_) + ", ";
  body.open("team.each" + (parts_ == 1 ? std::string("(") : part) + number(length) + ", [&](int " +
            index + ") {");
}

Kernel::Kernel(Assembly& assembly, std::string name, Items items, std::int64_t n,
               std::int64_t parts)
    : a_(assembly), name_(std::move(name)), items_(items), parts_(parts) {
  set_team(transform_shape(n, false, a_.real_bytes()).threads);
}

void Kernel::set_team(std::int64_t threads) {
  constexpr int kWarps = 4;
  threads_ = static_cast<int>(threads);
  teams_ = threads_ > 32 ? 1 : kWarps * (32 / threads_);
}

void Kernel::choose_team(NodeSet nodes) {
  std::int64_t threads = 0;
  std::int64_t length = 1;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    if (!is_source(node)) length = std::max(length, item_length(node.type));
    if (is_network(node)) {
      const auto& attrs = node.as<ir::ButterflyAttrs>();
      const ButterflyShape shape = butterfly_shape(attrs, a_.real_bytes(), a_.gradients);
      threads = std::max<std::int64_t>(threads, shape.threads);
      continue;
    }
    const bool pairs = node.op == OpKind::PairedMeanPower;
    if ((!is_transform(node) || is_long(node, a_.real_bytes())) && !pairs) continue;
    const auto n = node.as<ir::FftAttrs>().n;
    const FftShape shape = transform_shape(n, is_real(node.op) && !pairs, a_.real_bytes());
    threads = std::max<std::int64_t>(threads, shape.threads);
    resident_ = resident_ == 0 ? shape.resident : std::min(resident_, shape.resident);
  }
  const bool searches =
      std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return is_top(a_.graph.node(id)); });
  if (searches || !a_.single()) resident_ = searches && a_.single() ? 640 : 0;
  if (items_ == Items::once) threads = 1024;
  if (threads == 0) threads = length <= 128 ? 16 : length <= 1024 ? 128 : 256;
  set_team(threads);
}

std::string Kernel::table(const std::string& name, const std::string& kind, std::size_t offset) {
  if (declared_.insert(name).second) {
    head_.line("const " + kind + "* const " + name + " = reinterpret_cast<const " + kind +
               "*>(p.tables + " + std::to_string(offset) + ");");
  }
  return name;
}

std::string Kernel::index_kind(NodeId id) const { return twins_.contains(id) ? "auto" : "int"; }

bool Kernel::shows_in_results(NodeId id, NodeSet nodes) const {
  bool shows = false;
  for (const NodeId reader : nodes) {
    const Node& node = a_.graph.node(reader);
    if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
    const bool spectrum = node.op == OpKind::PairedMeanPower || node.op == OpKind::Rfft ||
                          node.op == OpKind::Fft || node.op == OpKind::Ifft;
    const bool transformed = spectrum && !is_long(node, a_.real_bytes());
    if (!transformed && !(keeps_bad(node) && shows_in_results(reader, nodes))) return false;
    shows = true;
  }
  return shows;
}

void Kernel::watch(NodeSet nodes) {
  watched_ = Watched::results;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    const bool samples =
        node.op == OpKind::Frame || (node.op == OpKind::Input && items_ == Items::rows);
    if (samples && !shows_in_results(id, nodes)) watched_ = Watched::samples;
  }
  body.line("Watch<R> watch;");
}

std::string Kernel::kind_of(NodeId id, bool pair) const {
  return pair || a_.graph.node(id).type.complex() ? "Cx<R>" : "R";
}

std::string Kernel::share(const std::string& name, const std::string& kind, std::int64_t length) {
  const bool wide = kind == "double" || kind == "Cx<double>";
  const std::size_t real = kind == "unsigned char" ? 1 : wide ? sizeof(double) : a_.real_bytes();
  const std::size_t element = kind.starts_with("Cx") ? 2 * real : real;
  if (declared_.insert(name).second) {
    const std::size_t bytes = (element * static_cast<std::size_t>(length) + 15) / 16 * 16;
    std::string at;
    if (bytes <= free_work_) {
      at = std::to_string(work_bytes_ - free_work_);
      free_work_ -= bytes;
    } else {
      at = "kWork + " + std::to_string(array_bytes_);
      array_bytes_ += bytes;
    }
    head_.line(kind + "* const " + name + " = reinterpret_cast<" + kind + "*>(mine + " + at + ");");
  }
  return name;
}

void Kernel::free_work() { free_work_ = work_bytes_ = (work_bytes_ + 15) / 16 * 16; }

std::string Kernel::keep(NodeId id) {
  constexpr std::size_t kMostKept = std::size_t{96} * 1024;
  const std::string kind = kind_of(id);
  const std::int64_t length = item_length(a_.graph.node(id).type);
  if (static_cast<std::size_t>(length) * a_.real_bytes() > kMostKept) return value_name(id) + "(i)";
  if (!kept_.insert(id).second) return "s" + number(id) + "[i]";
  const std::string array = share("s" + number(id), kind, length);
  body.line("team.each(" + number(length) + ", [&](int i) { " + array + "[i] = " + value_name(id) +
            "(i); });");
  body.line("team.sync();");
  return array + "[i]";
}

void Kernel::emit(NodeSet nodes, NodeSet ends, bool pair, const Take& take) {
  std::set<NodeId> done;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    if (done.contains(id) || is_top(node)) continue;
    if (a_.shared.contains(id)) {
      emit_shared(id);
    } else if (a_.gathered.contains(id)) {
      continue;
    } else if (a_.stored.contains(id) && (!ends.contains(id) || a_.long_reads.contains(id))) {
      emit_stored(id);
    } else if (is_source(node)) {
      emit_source(id, pair);
    } else if (is_block(node)) {
      const Chain chain = chain_of(id, nodes, ends);
      done.insert(chain.nodes.begin(), chain.nodes.end());
      Put put = ends.contains(chain.end()) ? take(chain) : nullptr;
      const bool to_shared = !put;
      const std::string array = "s" + number(chain.end());
      if (to_shared) {
        share(array, kind_of(chain.end(), pair), item_length(a_.graph.node(chain.end()).type));
        put = [array](Text& text, const std::string&, const std::string& i, const std::string& x) {
          text.line(array + "[" + i + "] = " + x + ";");
        };
      }
      emit_block(chain, pair, put);
      if (!to_shared) continue;
      body.line("team.sync();");
      body.line("const auto " + value_name(chain.end()) + " = [&](int i) { return " + array +
                "[i]; };");
      kept_.insert(chain.end());
    } else {
      emit_function(id, pair);
    }
  }
}

Chain Kernel::chain_of(NodeId id, NodeSet nodes, NodeSet ends) const {
  Chain chain{{id}};
  while (!ends.contains(chain.end())) {
    NodeId next = -1;
    int readers = 0;
    for (const NodeId reader : nodes) {
      const auto& inputs = a_.graph.node(reader).inputs;
      if (std::find(inputs.begin(), inputs.end(), chain.end()) == inputs.end()) continue;
      ++readers;
      next = reader;
    }
    if (readers != 1 || !follows_element(a_, a_.graph.node(next))) break;
    chain.nodes.push_back(next);
  }
  return chain;
}

void Kernel::emit_source(NodeId id, bool pair) {
  const Node& node = a_.graph.node(id);
  if (node.op == OpKind::Const) return emit_constant(id);
  if (node.op == OpKind::Frame) return emit_frame(id, pair);
  if (node.op != OpKind::Input) {
    throw InternalError("[cuda] the value of param " + node.as<ir::ParamAttrs>().name +
                        " is not there");
  }
  const bool framed = items_ == Items::frames || items_ == Items::groups;
  if (!node.type.has_frames() && framed) return;  // frames are cut from it
  const std::string port = "in" + number(a_.inputs.at(id));
  const std::string watch = watched_ == Watched::samples ? "watch.see(x); " : "";
  if (!node.type.complex()) twins_.insert(id);
  body.line("const auto " + value_name(id) + " = [&](" + index_kind(id) +
            " i) { const auto x = " + port + ".at(i); " + watch + "return x; };");
}

void Kernel::emit_constant(NodeId id) {
  const Node& node = a_.graph.node(id);
  const auto& attrs = node.as<ir::ConstAttrs>();
  const std::vector<double>& values = *attrs.values;
  const bool same =
      std::all_of(values.begin(), values.end(), [&](double value) { return value == values[0]; });
  const std::string name = "const auto " + value_name(id) + " = [&](";
  if (!attrs.complex && !same && same_inside(values)) {  // scales of spectra: no memory is read
    const std::string last = number(static_cast<std::int64_t>(values.size()) - 1);
    body.line(name + "int i) { return i == 0 ? " + literal(values.front()) + " : i == " + last +
              " ? " + literal(values.back()) + " : " + literal(values[1]) + "; };");
    return;
  }
  if (!attrs.complex) twins_.insert(id);
  if (!attrs.complex && same) {
    body.line(name + index_kind(id) + ") { return " + literal(values[0]) + "; };");
  } else {
    body.line("const auto " + value_name(id) + " = [&](" + index_kind(id) +
              " i) { return constant(" +
              table("c" + number(id), kind_of(id, false), a_.tables.add(values)) + ", i); };");
  }
}

void Kernel::emit_long(NodeId id, const LongTransform& plan) {
  const Node& node = a_.graph.node(id);
  for (const auto& [name, offset] : plan.tables) table(name, "Cx<R>", offset);
  const std::string g = "g" + number(id);
  body.line("const Cx<R>* const " + g + " = reinterpret_cast<const Cx<R>*>(p.stored[" +
            number(a_.stored.at(id)) + "]) + " +
            (node.type.has_frames() ? "(row * p.frames + frame)" : "row") + " * " +
            number(plan.points) + "LL;");
  body.line("const auto " + value_name(id) + " = [&](int i) { const auto g = " + g + "; return " +
            plan.read + "; };");
}

void Kernel::emit_stored(NodeId id) {
  if (const auto found = a_.long_reads.find(id); found != a_.long_reads.end()) {
    return emit_long(id, found->second);
  }
  const Node& node = a_.graph.node(id);
  const std::string kind = kind_of(id);
  const std::string item = node.type.has_frames() ? "(row * p.frames + frame)" : "row";
  body.line("const " + kind + "* const g" + number(id) + " = reinterpret_cast<const " + kind +
            "*>(p.stored[" + number(a_.stored.at(id)) + "]) + " + item + " * " +
            number(item_length(node.type)) + ";");
  body.line("const auto " + value_name(id) + " = [&](int i) { return g" + number(id) + "[i]; };");
}

void Kernel::emit_frame(NodeId id, bool pair) {
  const std::string f = "f" + number(id);
  const std::string type = frame_type(id);
  body.line("const " + type + " " + f + "(" + port_of(id) + ", rule" +
            (pair ? ".with_next()" : "") + ", frame, p.samples);");
  const bool stage = stages(id, pair);
  if (stage) {
    const std::string buffer = share("e" + number(id), "R", item_length(a_.graph.node(id).type));
    body.line("const auto a" + number(id) + " = " + f + ".array(team, rule.length, " + buffer +
              ");");
  }
  if (!pair && !a_.graph.node(id).type.complex()) twins_.insert(id);
  body.open("const auto " + value_name(id) + " = [&](" + index_kind(id) + " i) {");
  if (stage) {
    body.line("const auto x = a" + number(id) + ".at(i);");
  } else if (pair) {
    body.line("const Cx<R> x = {use ? " + f + ".at(i) : R(0), use_second ? " + f +
              ".at(i + rule.hop) : R(0)};");
  } else if (a_.signature.skip) {
    body.line("const auto x = use ? " + f + ".at(i) : decltype(" + f + ".at(i)){};");
  } else {
    body.line("const auto x = " + f + ".at(i);");
  }
  if (watched_ == Watched::samples) body.line("watch.see(x);");
  body.line("return x;");
  body.close("};");
}

std::string Kernel::element(NodeId id, const std::string& x, const std::string& i,
                            bool pair) const {
  const Node& node = a_.graph.node(id);
  const bool complex = pair || node.type.complex();
  const auto second = [&] {
    const std::int64_t length = item_length(a_.graph.node(node.inputs[1]).type);
    const bool whole = length == item_length(node.type);
    return value_name(node.inputs[1]) + "(" + (whole ? i : i + " % " + number(length)) + ")";
  };
  switch (node.op) {
    case OpKind::Mul:
      return x + " * " + second();
    case OpKind::Add:
      if (complex) return "as_complex(" + x + ") + as_complex(" + second() + ")";
      return x + " + " + second();
    case OpKind::Affine: {
      const auto& attrs = node.as<ir::AffineAttrs>();
      return affine(x, attrs.mul, attrs.add);
    }
    case OpKind::Power:
      return "power(" + x + ")";
    case OpKind::Magnitude:
      return "magnitude(" + x + ")";
    case OpKind::Conj:
      return "conj(" + x + ")";
    case OpKind::Real:
      return "real_part(" + x + ")";
    case OpKind::Complex:
      return "as_complex(" + x + ")";
    case OpKind::Inverse:
      return "inverse_of(" + x + ")";
    case OpKind::Step:
      return "step_of(" + x + ", " + literal(node.as<ir::StepAttrs>().threshold) + ")";
    case OpKind::Log: {
      const auto& attrs = node.as<ir::LogAttrs>();
      const std::string function = attrs.base == ir::LogBase::ten ? "log_ten(" : "log_e(";
      return function + x + ", " + literal(attrs.floor) + ")";
    }
    default:
      throw UserError("[cuda] the op " + std::string(ir::info_of(node.op).text) +
                      " does not run on this device; use --device cpu");
  }
}

Put Kernel::chained(const Chain& chain, bool pair, const Put& put) const {
  return [this, chain, pair, put](Text& text, const std::string& slot, const std::string& index,
                                  const std::string& value) {
    std::string x = value;
    std::string i = index;
    for (std::size_t at = 1; at < chain.nodes.size(); ++at) {
      const NodeId id = chain.nodes[at];
      const Node& node = a_.graph.node(id);
      if (node.op == OpKind::Slice) {
        const auto& attrs = node.as<ir::SliceAttrs>();
        const std::string from = i;
        i = "i" + number(id);
        text.line("const int " + i + " = " + from + " - " + number(attrs.begin) + ";");
        text.line("if (" + i + " < 0 || " + i + " >= " + number(attrs.end - attrs.begin) +
                  ") return;");
        continue;
      }
      const std::string name = "x" + number(id);
      text.line("const auto " + name + " = " + element(id, x, i, pair) + ";");
      x = name;
    }
    put(text, slot, i, x);
  };
}

void Kernel::declare(NodeId id, const std::string& type, const TransformText& transform) {
  if (!declared_.insert(type).second) return;
  head_.line("using " + type + " = " + transform.type + ";");
  if (const auto packed = a_.packed.find(id); packed != a_.packed.end()) {
    head_.line("const Cx<R>* const roots" + type + " = " + shared_address("Cx<R>", packed->second) +
               ";");
  } else {
    table("roots" + type, "Cx<R>", a_.tables.add(transform.roots));
  }
  work_bytes_ = std::max(work_bytes_, transform.exchange * 2 * a_.real_bytes());
}

TransformText Kernel::text_of(NodeId id) const {
  const Node& node = a_.graph.node(id);
  if (!is_network(node)) {
    return transform_text(node.op, node.as<ir::FftAttrs>().n, a_.real_bytes());
  }
  const auto& attrs = node.as<ir::ButterflyAttrs>();
  const ButterflyShape shape = butterfly_shape(attrs, a_.real_bytes(), a_.gradients);
  const Node& numbers = a_.graph.node(node.inputs.back());
  TransformText text = butterfly_text(
      shape, a_.packed.contains(id) ? std::vector<double>{} : *numbers.as<ir::ConstAttrs>().values);
  if (node.op == OpKind::ButterflyGradient && shape.passes > 2) {
    text.exchange *= static_cast<std::size_t>(shape.passes - 1);
  }
  return text;
}

std::string Kernel::permutation(NodeId id, bool of_results) {
  const Node& node = a_.graph.node(id);
  if (!is_network(node)) return "";
  const auto& attrs = node.as<ir::ButterflyAttrs>();
  if (attrs.permutation == nullptr || attrs.transposed != of_results) return "";
  const auto& permutation = *attrs.permutation;
  if (const int bits = reversed_bits(permutation); bits > 0) {
    return "int(__brev(unsigned(i)) >> " + number(32 - bits) + ")";
  }
  return "read_only(" + int_table("permutation" + number(id), permutation) + " + i)";
}

std::string Kernel::permuted_input(NodeId id) {
  const std::string input = value_name(a_.graph.node(id).inputs[0]);
  const std::string from = permutation(id, false);
  if (from.empty()) return input;
  return "[&](int i) { return " + input + "(" + from + "); }";
}

std::string Kernel::permuted_result(Text& text, NodeId id) {
  const std::string to = permutation(id, true);
  if (to.empty()) return "i";
  text.line("const int at" + number(id) + " = " + to + ";");
  return "at" + number(id);
}

std::string Kernel::declare_complex(const std::string& type, std::int64_t n) {
  declare(-1, type, complex_transform(n, a_.real_bytes()));
  return type;
}

void Kernel::transform(const std::string& type, const std::string& input, const Put& put) {
  body.open(type + "::run(team, work, roots" + type + ", " + input +
            ", [&](int slot, int i, auto z) {");
  if (watched_ == Watched::results) body.line("if (slot == 0) watch.see(z);");
  put(body, "slot", "i", "z");
  body.close("});");
}

Chain Kernel::chain_to(NodeSet nodes, NodeId end) const {
  for (const NodeId id : nodes) {
    if (!is_transform(a_.graph.node(id))) continue;
    Chain chain = chain_of(id, nodes, {end});
    if (chain.end() == end) return chain;
  }
  return {};
}

std::string Kernel::transform_before(NodeSet nodes, NodeId end) {
  const Chain chain = chain_to(nodes, end);
  if (chain.nodes.empty()) return "";
  const Node& node = a_.graph.node(chain.nodes.front());
  if (node.op == OpKind::Irfft) return "";
  const std::string type = "F" + number(chain.nodes.front());
  declare(chain.nodes.front(), type, text_of(chain.nodes.front()));
  return type;
}

void Kernel::place(NodeSet nodes, NodeId end, const Put& put) {
  const Chain chain = chain_to(nodes, end);
  const TransformText transform = text_of(chain.nodes.front());
  if (transform.keep < transform.results) {
    body.line("if (i >= " + number(transform.keep) + ") return;");
  }
  Chain slices{{chain.nodes.front()}};
  for (const NodeId id : chain.nodes) {
    if (a_.graph.node(id).op == OpKind::Slice) slices.nodes.push_back(id);
  }
  chained(slices, false, put)(body, "slot", permuted_result(body, slices.nodes.front()), "");
}

void Kernel::emit_block(const Chain& chain, bool pair, const Put& put) {
  const NodeId id = chain.nodes.front();
  const Node& node = a_.graph.node(id);
  const Put end = chained(chain, pair, put);
  if (node.op == OpKind::Filterbank) return emit_filterbank(id, end);
  const TransformText text = text_of(id);
  const double scale = node.op == OpKind::Butterfly ? 1.0 : node.as<ir::FftAttrs>().scale;
  const std::string type = "F" + number(id);
  declare(id, type, text);
  std::string input = permuted_input(id);
  if (text.hermitian) {
    body.line("const auto h" + number(id) + " = hermitian(" + number(text.keep) + ", " + input +
              ");");
    input = "h" + number(id);
  }
  transform(type, input,
            [&](Text& t, const std::string& slot, const std::string&, const std::string& z) {
              if (text.keep < text.results) t.line("if (i >= " + number(text.keep) + ") return;");
              std::string value = text.real_results ? "real_part(" + z + ")" : z;
              if (scale != 1.0) value += " * " + literal(scale);
              end(t, slot, permuted_result(t, id), value);
            });
}

void Kernel::emit_filterbank(NodeId id, const Put& put) {
  const Node& node = a_.graph.node(id);
  const ir::BandedMatrix& matrix = *node.as<ir::FilterbankAttrs>().matrix;
  const BandRounds rounds = band_rounds(matrix, threads_);
  const std::string first = table("first" + number(id), "int", a_.tables.add(rounds.first_bins));
  const std::string weights = table("weights" + number(id), "R", a_.tables.add(rounds.weights));
  const std::string input = keep(node.inputs[0]);
  std::string shape =
      number(static_cast<std::int64_t>(matrix.bands.size())) + ", " + number(rounds.lanes);
  for (const std::int64_t width : rounds.widths) shape += ", " + number(width);
  body.open("filterbank<" + shape + ">(team, " + first + ", " + weights + ", [&](int i) { return " +
            input + "; }, [&](int i, R z) {");
  put(body, "", "i", "z");
  body.close("});");
}

void Kernel::emit_function(NodeId id, bool pair) {
  const Node& node = a_.graph.node(id);
  const std::string v = value_name(id);
  const std::string x = node.inputs.empty() ? "" : value_name(node.inputs[0]);
  const bool elementwise =
      node.op == OpKind::Mul || node.op == OpKind::Add || node.op == OpKind::Affine;
  if (elementwise && !pair &&
      std::all_of(node.inputs.begin(), node.inputs.end(),
                  [&](NodeId input) { return twins_.contains(input); })) {
    twins_.insert(id);
  }
  const std::string head = "const auto " + v + " = [&](" + index_kind(id) + " i) { return ";
  const std::int64_t length =
      node.inputs.empty() ? 0 : item_length(a_.graph.node(node.inputs[0]).type);
  switch (node.op) {
    case OpKind::Detrend: {
      const bool linear = node.as<ir::DetrendAttrs>().trend == ir::Trend::linear;
      body.line("const auto t" + number(id) + " = trend<" + kind_of(id, pair) + ", R, " +
                (linear ? "true" : "false") + ">(team, " + number(length) + ", " + x + ");");
      body.line(head + x + "(i) - t" + number(id) + ".at(i, R(0)); };");
      return;
    }
    case OpKind::Preemphasis:
      body.line(head + x + "(i) - " + x + "(i == 0 ? 0 : i - 1) * " +
                literal(node.as<ir::PreemphasisAttrs>().coefficient) + "; };");
      return;
    case OpKind::Pad: {
      const auto& attrs = node.as<ir::PadAttrs>();
      const std::string i = attrs.before == 0 ? "i" : "i - " + number(attrs.before);
      body.line(head + "unsigned(" + i + ") < " + number(length) + "u ? " + x + "(" + i +
                ") : decltype(" + x + "(0)){}; };");
      return;
    }
    case OpKind::Slice: {
      const auto begin = node.as<ir::SliceAttrs>().begin;
      body.line(head + x + "(i + " + number(begin) + "); };");
      return;
    }
    case OpKind::Concat:
      body.line(head + "i < " + number(length) + " ? " + x + "(i) : " + value_name(node.inputs[1]) +
                "(i - " + number(length) + "); };");
      return;
    case OpKind::Gather: {
      const std::string index =
          table("index" + number(id), "int", a_.tables.add(*node.as<ir::GatherAttrs>().index));
      body.line(head + x + "(read_only(" + index + " + i)); };");
      return;
    }
    case OpKind::ClampRange:
      return emit_clamp(id);
    case OpKind::SumElements:
    case OpKind::SumItems:
      return emit_sum(id);
    case OpKind::Spread:
      return emit_spread(id);
    case OpKind::Scatter:
      return emit_scatter(id);
    default:
      body.line(head + element(id, x + "(i)", "i", pair) + "; };");
  }
}

void Kernel::emit_clamp(NodeId id) {
  const Node& node = a_.graph.node(id);
  const auto& attrs = node.as<ir::ClampRangeAttrs>();
  const std::string x = value_name(node.inputs[0]);
  const std::string floor = "floor" + number(id);
  const std::string most = "most" + number(id);
  if (attrs.over == ir::RangeMax::fixed) {
    body.line("const R " + floor + " = " + literal(attrs.maximum - attrs.range) + ";");
  } else if (attrs.over == ir::RangeMax::frame || !node.type.has_frames()) {
    body.line("R " + most + " = -infinite<R>();");
    body.line("team.each(" + number(item_length(node.type)) + ", [&](int i) { " + most +
              " = larger(" + most + ", " + x + "(i)); });");
    body.line("const R " + floor + " = team.reduce(" + most +
              ", [](R a, R b) { return larger(a, b); }) - " + literal(attrs.range) + ";");
  } else {
    const std::string key = a_.single() ? "unsigned" : "unsigned long long";
    body.line("const R " + floor + " = unordered(reinterpret_cast<const " + key + "*>(p.stored[" +
              number(a_.maxima.at(node.inputs[0])) + "])[row], R(0)) - " + literal(attrs.range) +
              ";");
  }
  body.line("const auto " + value_name(id) + " = [&](int i) { return at_least(" + x + "(i), " +
            floor + "); };");
}

std::string Kernel::port_of(NodeId id) const {
  const Node& node = a_.graph.node(id);
  return "in" + number(a_.inputs.at(node.op == OpKind::Frame ? node.inputs[0] : id));
}

std::string Kernel::frame_type(NodeId id) const {
  const Node& node = a_.graph.node(id);
  const auto& frame = node.as<ir::FrameAttrs>();
  const Signature::Input& input = a_.input(node.inputs[0]);
  std::int64_t align = a_.row_align(input);
  if (input.dense) {
    const auto bytes = static_cast<std::int64_t>(size_of(input.dtype));
    align = std::gcd(align, std::gcd(frame.rule.hop * bytes, frame.rule.pad_left * bytes));
  }
  return "Frame<" + padding(frame) + ", decltype(" + port_of(id) + "), " + number(align) + ">";
}

bool Kernel::stages(NodeId id, bool pair) const {
  const Node& node = a_.graph.node(id);
  const auto& frame = node.as<ir::FrameAttrs>();
  const Signature::Input& input = a_.input(node.inputs[0]);
  constexpr std::size_t kMostBytes = 4096;
  return padding(frame) != "Pad::inside" && !pair && !a_.signature.skip && input.dense &&
         !input.scaled && input.dtype == a_.graph.compute() &&
         static_cast<std::size_t>(frame.rule.length) * a_.real_bytes() <= kMostBytes;
}

void Kernel::finish() {
  // Teams of one warp start in different banks of shared memory.
  std::size_t team_bytes = (work_bytes_ + 15) / 16 * 16 + array_bytes_;
  const std::size_t step = 2 * a_.real_bytes() * static_cast<std::size_t>(threads_) % 128;
  if (teams_ > 1 && step % 16 == 0) {
    while (team_bytes % 128 != step) team_bytes += 16;
  }
  constexpr std::size_t kMost = 227 * 1024;
  const bool in_warp = threads_ <= 32;
  const int per_warp = in_warp ? 32 / threads_ : 1;
  while (teams_ > 1 && team_bytes * static_cast<std::size_t>(teams_) > kMost / 2) {
    teams_ -= teams_ > per_warp ? per_warp : 1;
  }
  const int threads = in_warp ? (teams_ + per_warp - 1) / per_warp * 32 : (threads_ + 31) / 32 * 32;
  const std::size_t scratch = in_warp ? 0 : static_cast<std::size_t>(16 * threads);
  const std::size_t bytes = scratch + team_bytes * static_cast<std::size_t>(teams_);
  if (bytes > kMost) {
    throw UserError("[cuda] " + name_ + " needs " + std::to_string(bytes) +
                    " bytes of shared memory, a block has " + std::to_string(kMost) +
                    "; use --device cpu");
  }
  Text all;
  all.line("");
  const int blocks = std::max(1, resident_ / threads);
  all.open("extern \"C\" __global__ void __launch_bounds__(" + std::to_string(threads) + ", " +
           std::to_string(blocks) + ") " + name_ + "(const Params p) {");
  all.line(std::string("using R = ") + (a_.single() ? "float;" : "double;"));
  all.line("extern __shared__ __align__(16) char shared[];");
  all.line("follow();");
  all.line("const Team<" + std::to_string(threads_) + ", " + std::to_string(teams_) +
           "> whole(shared);");
  all.line("constexpr int kWork = " + std::to_string((work_bytes_ + 15) / 16 * 16) + ";");
  all.line("char* const mine = shared + " + std::to_string(scratch) + " + whole.index * " +
           std::to_string(team_bytes) + ";");
  if (work_bytes_ > 0) all.line("Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);");
  all.lines(head_);
  const char* items = items_ == Items::rows     ? "p.rows"
                      : items_ == Items::frames ? "p.rows * p.frames"
                      : items_ == Items::groups ? "p.rows * groups"
                      : items_ == Items::slices ? "(p.rows + each - 1) / each"
                                                : "1";
  if (items_ == Items::slices) {
    all.line("const long long each = slice_rows(p.rows, " + number(a_.program.most_slices) + ");");
  }
  if (items_ == Items::groups) {
    all.line("const long long groups = (p.frames + " + number(kGroupFrames - 1) + ") / " +
             number(kGroupFrames) + ";");
  }
  const std::string parts = parts_ == 1 ? "" : " * " + number(parts_) + "LL";
  all.line(std::string("const long long items = ") + items + parts + ";");
  const std::string teams = std::to_string(teams_);
  all.open("for (long long base = (long long)blockIdx.x * " + teams +
           "; base < items; base += (long long)gridDim.x * " + teams + ") {");
  all.line("const auto team = whole.fresh();");
  const std::string active = items_ == Items::slices ? "own" : "active";
  all.line("const bool " + active + " = base + team.index < items;");
  const std::string mine = active + " ? base + team.index : items - 1";
  if (parts_ == 1) {
    all.line("const long long item = " + mine + ";");
  } else {
    all.line("const long long share = " + mine + ";");
    all.line("const long long item = share / " + number(parts_) + ";");
    all.line("const int part = int(share - item * " + number(parts_) + ");");
  }
  if (items_ == Items::rows) all.line("const long long row = item;");
  if (items_ == Items::frames) {
    all.line("const long long row = quotient(item, p.frames);");
    all.line("const long long frame = item - row * p.frames;");
  }
  if (items_ == Items::groups) {
    all.line("const long long row = quotient(item, groups);");
    all.line("const long long group = item - row * groups;");
  }
  all.lines(body);
  all.line("team.sync();");
  all.close();
  all.close();
  a_.source += all.str();
  a_.program.launches.push_back({name_, items_, parts_, teams_, threads, bytes, 1});
}

}  // namespace papilio::codegen
