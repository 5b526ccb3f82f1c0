// Nodes whose elements follow one by one from those of their inputs, as functions of an index.
#include <algorithm>
#include <numeric>

#include "codegen/kernel.h"
#include "ir/print.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

/// All values but the first and the last are equal.
bool same_inside(const std::vector<double>& values) {
  return values.size() < 3 || std::all_of(values.begin() + 1, values.end() - 1,
                                          [&](double v) { return v == values[1]; });
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
            " i) { const auto x = " + widened(id, port + ".at(i)") + "; " + watch + "return x; };");
}

std::string Kernel::widened(NodeId id, const std::string& sample) const {
  const Node& node = a_.graph.node(id);
  const NodeId input = node.op == OpKind::Frame ? node.inputs[0] : id;
  const DType dtype = a_.input(input).dtype;
  const bool real = dtype != DType::c64 && dtype != DType::c128;
  return node.type.complex() && real ? "as_complex(" + sample + ")" : sample;
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
    body.line("const auto x = " + widened(id, "a" + number(id) + ".at(i)") + ";");
  } else if (pair) {
    body.line("const Cx<R> x = {use ? " + f + ".at(i) : R(0), use_second ? " + f +
              ".at(i + rule.hop) : R(0)};");
  } else if (a_.signature.skip) {
    const std::string sample = "use ? " + f + ".at(i) : decltype(" + f + ".at(i)){}";
    body.line("const auto x = " + widened(id, sample) + ";");
  } else {
    body.line("const auto x = " + widened(id, f + ".at(i)") + ";");
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
      const std::string t = "t" + number(id);
      body.line("const auto " + t + " = " + (linear ? "line" : "mean") + "_of<R>(team, " +
                number(length) + ", " + x + ");");
      body.line(head + t + ".taken_from(" + x + "(i), i); };");
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

}  // namespace papilio::codegen
