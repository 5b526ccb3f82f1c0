// Nodes to text: what graphs of losses and gradients have beside those of features.
#include <algorithm>

#include "codegen/butterfly_text.h"
#include "codegen/kernel.h"

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

bool has_rows(const Node& node) { return node.type.dims[0].extent == ir::Extent::rows; }

}  // namespace

std::string Kernel::shared_address(const std::string& kind, std::size_t offset) {
  return "reinterpret_cast<" + kind + "*>(p.stored[0] + " + std::to_string(offset) + ")";
}

void Kernel::emit_shared(NodeId id) {
  const std::string g = "g" + number(id);
  body.line("const " + kind_of(id) + "* const " + g + " = " +
            shared_address(kind_of(id), a_.shared.at(id)) + ";");
  body.line("const auto " + value_name(id) + " = [&](int i) { return " + g + "[i]; };");
}

/// Over elements, or over the items of what belongs to no row.
void Kernel::emit_sum(NodeId id) {
  const Node& node = a_.graph.node(id);
  const Node& input = a_.graph.node(node.inputs[0]);
  const std::string x = value_name(node.inputs[0]);
  const bool mean = node.as<ir::SumAttrs>().mean;
  const bool over_items = node.op == OpKind::SumItems;
  const std::int64_t length = input.type.last().size;
  const std::int64_t items = item_length(input.type) / length;
  const std::int64_t terms = over_items ? items : length;
  std::string factor = mean && terms > 1 ? " * R(1.0 / " + number(terms) + ")" : "";
  // Rows that all have the same value.
  if (over_items && has_rows(input) && !mean) factor = " * R(p.rows)";
  const std::string head = "const auto " + value_name(id) + " = [&](int i) { ";
  if (terms == 1) {
    body.line(head + "return " + x + "(i)" + factor + "; };");
  } else if (over_items || items > 1) {
    const std::string term =
        over_items ? "i + " + number(length) + " * k" : number(length) + " * i + k";
    body.line(head + kind_of(id) + " sum{}; for (int k = 0; k < " + number(terms) +
              "; ++k) sum = sum + " + x + "(" + term + "); return sum" + factor + "; };");
  } else {
    emit_team_sum(id, length, factor);
  }
}

/// One value: that of all `length` elements of the operand.
void Kernel::emit_team_sum(NodeId id, std::int64_t length, const std::string& factor) {
  const std::string x = value_name(a_.graph.node(id).inputs[0]);
  const std::string sum = "sum" + number(id);
  body.line(kind_of(id) + " " + sum + "{};");
  body.line("team.each(" + number(length) + ", [&](int i) { " + sum + " = " + sum + " + " + x +
            "(i); });");
  body.line(sum + " = team.sum(" + sum + ")" + factor + ";");
  body.line("const auto " + value_name(id) + " = [&](int) { return " + sum + "; };");
}

void Kernel::emit_spread(NodeId id) {
  const Node& node = a_.graph.node(id);
  const Node& input = a_.graph.node(node.inputs[0]);
  const std::int64_t length = node.type.last().size;
  const std::int64_t count = item_length(node.type);
  const bool to_items = input.type.dims.size() < node.type.dims.size();
  const bool to_elements = input.type.last().size == 1 && length > 1;
  std::string index = "i";
  if (to_elements) index = to_items || count == length ? "0 * i" : "i / " + number(length);
  if (!to_elements && to_items && count > length) index = "i % " + number(length);
  std::string share;
  if (node.as<ir::SumAttrs>().mean) {
    const bool to_rows = has_rows(node) && !has_rows(input);
    share = " * R(1.0 / (" + number(count / item_length(input.type)) +
            (to_rows ? ".0 * double(p.rows)))" : ".0))");
  }
  body.line("const auto " + value_name(id) + " = [&](int i) { return " +
            value_name(node.inputs[0]) + "(" + index + ")" + share + "; };");
}

/// Every result adds up its own operands, in order; the only one by the whole team.
void Kernel::emit_scatter(NodeId id) {
  const Node& node = a_.graph.node(id);
  const auto& attrs = node.as<ir::GatherAttrs>();
  if (attrs.size == 1) {
    return emit_team_sum(id, static_cast<std::int64_t>(attrs.index->size()), "");
  }
  std::vector<std::int32_t> first(static_cast<std::size_t>(attrs.size) + 1, 0);
  for (const std::int32_t to : *attrs.index) ++first[static_cast<std::size_t>(to) + 1];
  for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  std::vector<std::int32_t> from(attrs.index->size());
  std::vector<std::int32_t> next(first.begin(), first.end());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto to = static_cast<std::size_t>((*attrs.index)[i]);
    from[static_cast<std::size_t>(next[to]++)] = static_cast<std::int32_t>(i);
  }
  const std::string firsts = table("first" + number(id), "int", a_.tables.add(first));
  const std::string sources = table("from" + number(id), "int", a_.tables.add(from));
  body.open("const auto " + value_name(id) + " = [&](int i) {");
  body.line(kind_of(id) + " sum{};");
  body.line("for (int k = " + firsts + "[i]; k < " + firsts + "[i + 1]; ++k) sum = sum + " +
            value_name(node.inputs[0]) + "(" + sources + "[k]);");
  body.line("return sum;");
  body.close("};");
}

std::string Kernel::int_table(const std::string& name, const std::vector<std::int32_t>& values) {
  return table(name, "int", a_.tables.add(values));
}

std::string Kernel::declare_butterfly(NodeId id) {
  const std::string type = "F" + number(id);
  declare(id, type, text_of(id));
  return type;
}

std::string Kernel::permuted_gradient(NodeId id) {
  const std::string g = value_name(a_.graph.node(id).inputs[1]);
  const std::string from = permutation(id, true);
  return from.empty() ? g : "[&](int i) { return " + g + "(" + from + "); }";
}

}  // namespace papilio::codegen
