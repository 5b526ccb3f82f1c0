// Nodes that need all elements of an item at once: transforms, networks, filterbanks.
#include <algorithm>
#include <bit>

#include "codegen/bands.h"
#include "codegen/butterfly_text.h"
#include "codegen/fft_shape.h"
#include "codegen/kernel.h"
#include "codegen/transform_text.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

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

}  // namespace

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
    return transform_text(node.op, node.as<ir::FftAttrs>().n);
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
  declare(-1, type, complex_transform(n));
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

}  // namespace papilio::codegen
