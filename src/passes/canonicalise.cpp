// The rules of the algebra, one small function each, and the loop that applies them.
#include "passes/canonicalise.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ir/print.h"
#include "passes/dead_code.h"
#include "passes/fold_constants.h"
#include "passes/uses.h"

namespace papilio::passes {
namespace {

using ir::NodeId;
using ir::OpKind;
using Result = std::optional<NodeId>;

bool is_constant(const ir::Node& node) { return node.op == OpKind::Const; }

/// True for a real constant whose every element is `value`.
bool is_all(const ir::Node& node, double value) {
  if (!is_constant(node) || node.as<ir::ConstAttrs>().complex) return false;
  const auto& values = *node.as<ir::ConstAttrs>().values;
  return std::all_of(values.begin(), values.end(), [&](double x) { return x == value; });
}

std::int64_t length_of(const ir::Node& node) { return node.type.last().size; }

/// mul(x, 1) -> x
Result mul_by_ones(const Match& m) {
  if (m.node.op != OpKind::Mul || !is_all(m.input(1), 1.0)) return {};
  return m.in[0];
}

/// add(x, 0) -> x
Result add_of_zeros(const Match& m) {
  if (m.node.op != OpKind::Add || !is_all(m.input(1), 0.0)) return {};
  return m.in[0];
}

/// affine(x, 1, 0) -> x
Result affine_identity(const Match& m) {
  if (m.node.op != OpKind::Affine) return {};
  const auto& a = m.node.as<ir::AffineAttrs>();
  if (a.mul != 1.0 || a.add != 0.0) return {};
  return m.in[0];
}

/// affine(affine(x)) -> affine(x)
Result affine_of_affine(const Match& m) {
  if (m.node.op != OpKind::Affine || m.input(0).op != OpKind::Affine) return {};
  const auto& outer = m.node.as<ir::AffineAttrs>();
  const auto& inner = m.input(0).as<ir::AffineAttrs>();
  const ir::AffineAttrs both{outer.mul * inner.mul, outer.mul * inner.add + outer.add};
  return m.builder.add(OpKind::Affine, {m.input(0).inputs[0]}, both);
}

/// mul(mul(x, a), b) -> mul(x, a b)
Result mul_of_mul(const Match& m) {
  if (m.node.op != OpKind::Mul || m.input(0).op != OpKind::Mul || !is_constant(m.input(1)))
    return {};
  const NodeId x = m.input(0).inputs[0];
  NodeId first = m.input(0).inputs[1];
  NodeId second = m.in[1];
  if (!is_constant(m.builder.node(first)) || is_constant(m.builder.node(x))) return {};
  if (m.builder.node(second).type.complex()) std::swap(first, second);
  const NodeId product = add_folded(m.builder, OpKind::Mul, {first, second});
  return m.builder.add(OpKind::Mul, {x, product});
}

/// Whether it is a value of one item, spread over all of them; one number is spread over elements,
/// too.
bool spreads_over_items(const ir::GraphBuilder& b, NodeId id) {
  const ir::Node& node = b.node(id);
  if (node.op != OpKind::Spread || node.type.dims.size() == 1) return false;
  const ir::Type& from = b.node(node.inputs[0]).type;
  return from.dims.size() == 1 && from.last() == node.type.last();
}

/// affine(spread(x), m, 0) -> spread(affine(x, m, 0)): once instead of for each item
Result factor_sinks_through_spread(const Match& m) {
  if (m.node.op != OpKind::Affine || !spreads_over_items(m.builder, m.in[0])) return {};
  if (m.node.as<ir::AffineAttrs>().add != 0.0) return {};
  const ir::Node spread = m.input(0);
  const NodeId x = m.builder.add(OpKind::Affine, {spread.inputs[0]}, m.node.attrs);
  return m.builder.add(OpKind::Spread, {x, spread.inputs[1]}, spread.attrs);
}

/// mul(mul(x, spread(a)), b) -> mul(x, spread(mul(a, b))) for real factors of one item
Result factors_meet_before_spread(const Match& m) {
  if (m.node.op != OpKind::Mul || m.input(0).op != OpKind::Mul) return {};
  const NodeId x = m.input(0).inputs[0], spread_id = m.input(0).inputs[1];
  const ir::Type& factor = m.input(1).type;
  if (!spreads_over_items(m.builder, spread_id)) return {};
  const ir::Node spread = m.builder.node(spread_id);
  if (factor.dims.size() != 1 || factor.complex() || spread.type.complex()) return {};
  const NodeId both = m.builder.add(OpKind::Mul, {spread.inputs[0], m.in[1]});
  return m.builder.add(OpKind::Mul,
                       {x, m.builder.add(OpKind::Spread, {both, spread.inputs[1]}, spread.attrs)});
}

/// sum_items(mul(mul(x, spread(a)), y)) -> mul(sum_items(mul(x, y)), a); its real part likewise
Result factor_leaves_sum(const Match& m) {
  if (m.node.op != OpKind::SumItems) return {};
  const bool part = m.input(0).op == OpKind::Real;
  const ir::Node product = part ? m.builder.node(m.input(0).inputs[0]) : m.input(0);
  if (product.op != OpKind::Mul) return {};
  const ir::Node scaled = m.builder.node(product.inputs[0]);
  if (scaled.op != OpKind::Mul || !spreads_over_items(m.builder, scaled.inputs[1])) return {};
  const ir::Node spread = m.builder.node(scaled.inputs[1]);
  const bool means = spread.as<ir::SumAttrs>().mean, mean = m.node.as<ir::SumAttrs>().mean;
  if (spread.type.complex() || (means && mean)) return {};  // one sum divides by the items once
  NodeId rest = m.builder.add(OpKind::Mul, {scaled.inputs[0], product.inputs[1]});
  if (part) rest = m.builder.add(OpKind::Real, {rest});
  const NodeId sum = m.builder.add(OpKind::SumItems, {rest}, ir::SumAttrs{means || mean});
  return m.builder.add(OpKind::Mul, {sum, spread.inputs[0]});
}

/// slice(x, 0, all) -> x
Result full_slice(const Match& m) {
  if (m.node.op != OpKind::Slice) return {};
  const auto& a = m.node.as<ir::SliceAttrs>();
  if (a.begin != 0 || a.end != length_of(m.input(0))) return {};
  return m.in[0];
}

/// pad(x) to the size it has -> x
Result pad_to_same_size(const Match& m) {
  if (m.node.op != OpKind::Pad) return {};
  if (m.node.as<ir::PadAttrs>().size != length_of(m.input(0))) return {};
  return m.in[0];
}

/// slice(slice(x)) -> slice(x)
Result slice_of_slice(const Match& m) {
  if (m.node.op != OpKind::Slice || m.input(0).op != OpKind::Slice) return {};
  const auto& outer = m.node.as<ir::SliceAttrs>();
  const std::int64_t begin = m.input(0).as<ir::SliceAttrs>().begin;
  const ir::SliceAttrs both{begin + outer.begin, begin + outer.end};
  return m.builder.add(OpKind::Slice, {m.input(0).inputs[0]}, both);
}

/// slice(f(x)) -> f(slice(x)) for elementwise f
Result slice_sinks(const Match& m) {
  if (m.node.op != OpKind::Slice || !m.sole_reader || !has(m.input(0).op, ir::each)) return {};
  const ir::Node f = m.input(0);
  const NodeId part = m.builder.add(OpKind::Slice, {f.inputs[0]}, m.node.attrs);
  return m.builder.add(f.op, {part}, f.attrs);
}

/// slice(mul(x, constant)) -> mul(slice(x), slice(constant)); add likewise
Result slice_sinks_through_constant(const Match& m) {
  if (m.node.op != OpKind::Slice || !m.sole_reader) return {};
  const ir::Node f = m.input(0);
  if (f.op != OpKind::Mul && f.op != OpKind::Add) return {};
  if (!is_constant(m.builder.node(f.inputs[1]))) return {};
  const NodeId x = m.builder.add(OpKind::Slice, {f.inputs[0]}, m.node.attrs);
  const NodeId part = add_folded(m.builder, OpKind::Slice, {f.inputs[1]}, m.node.attrs);
  return m.builder.add(f.op, {x, part});
}

/// slice(concat(x, y)) -> slice(x) or slice(y), or the concat of a part of each
Result slice_sinks_into_concat(const Match& m) {
  if (m.node.op != OpKind::Slice || m.input(0).op != OpKind::Concat) return {};
  const ir::Node joint = m.input(0);
  const auto& a = m.node.as<ir::SliceAttrs>();
  const std::int64_t first = length_of(m.builder.node(joint.inputs[0]));
  const auto part = [&](NodeId x, std::int64_t begin, std::int64_t end) {
    return m.builder.add(OpKind::Slice, {x}, ir::SliceAttrs{begin, end});
  };
  if (a.end <= first) return part(joint.inputs[0], a.begin, a.end);
  if (a.begin >= first) return part(joint.inputs[1], a.begin - first, a.end - first);
  if (!m.sole_reader) return {};
  return m.builder.add(OpKind::Concat, {part(joint.inputs[0], a.begin, first),
                                        part(joint.inputs[1], 0, a.end - first)});
}

constexpr std::array kRules{
    Rule{"mul_by_ones", mul_by_ones},
    Rule{"add_of_zeros", add_of_zeros},
    Rule{"affine_identity", affine_identity},
    Rule{"affine_of_affine", affine_of_affine},
    Rule{"mul_of_mul", mul_of_mul},
    Rule{"factor_sinks_through_spread", factor_sinks_through_spread},
    Rule{"factors_meet_before_spread", factors_meet_before_spread},
    Rule{"factor_leaves_sum", factor_leaves_sum},
    Rule{"full_slice", full_slice},
    Rule{"pad_to_same_size", pad_to_same_size},
    Rule{"slice_of_slice", slice_of_slice},
    Rule{"slice_sinks", slice_sinks},
    Rule{"slice_sinks_through_constant", slice_sinks_through_constant},
    Rule{"slice_sinks_into_concat", slice_sinks_into_concat},
};

/// One sweep over the graph.
ir::Graph sweep(const ir::Graph& graph, std::span<const Rule> rules) {
  const std::vector<int> uses = count_uses(graph);
  return ir::rewrite(graph, [&](ir::GraphBuilder& builder, const ir::Node& node,
                                std::vector<NodeId> inputs) {
    const bool sole = !node.inputs.empty() && uses[static_cast<std::size_t>(node.inputs[0])] == 1;
    for (const Rule& rule : rules) {
      if (const Result found = rule.apply({builder, node, inputs, sole})) return *found;
    }
    return builder.add(node.op, std::move(inputs), node.attrs);
  });
}

}  // namespace

std::span<const Rule> all_rules() { return kRules; }

ir::Graph apply_rules(const ir::Graph& graph, std::span<const Rule> rules,
                      const base::Target& target) {
  ir::Graph current = dead_code(graph, target);
  std::string before = ir::to_text(current);
  // Every rule removes a node, or moves a slice or a factor towards the inputs or out of a sum, so
  // this ends.
  while (true) {
    current = dead_code(sweep(current, rules), target);
    std::string after = ir::to_text(current);
    if (after == before) return current;
    before = std::move(after);
  }
}

ir::Graph canonicalise(const ir::Graph& graph, const base::Target& target) {
  return apply_rules(graph, kRules, target);
}

}  // namespace papilio::passes
