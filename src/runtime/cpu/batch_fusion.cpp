// Patterns, tried in order.
#include "runtime/cpu/batch_fusion.h"

#include <optional>

namespace papilio::runtime::cpu {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

/// x + factor y, or x m + factor y.
std::optional<FusedNode> add_scaled(const Graph& graph, const Node& node) {
  if (node.op != OpKind::Add) return std::nullopt;
  const Node& second = graph.node(node.inputs[1]);
  const bool same =
      second.type.complex() == node.type.complex() && second.type.dims == node.type.dims;
  if (second.op != OpKind::Affine || !same) return std::nullopt;
  const auto& affine = second.as<ir::AffineAttrs>();
  if (affine.add != 0.0) return std::nullopt;
  const Node& first = graph.node(node.inputs[0]);
  if (first.op == OpKind::Mul && node.type.complex()) {
    const ir::Type& m = graph.node(first.inputs[1]).type;
    if (!m.complex() && m.dims.size() == 1) {
      return FusedNode{
          Fusion::mul_add, {first.inputs[0], first.inputs[1], second.inputs[0]}, affine.mul};
    }
  }
  return FusedNode{Fusion::add_scaled, {node.inputs[0], second.inputs[0]}, affine.mul};
}

/// The sum of |x|^2, or of the real part of x conj(y).
std::optional<FusedNode> pair_products(const Graph& graph, const Node& node) {
  if (node.op != OpKind::SumItems) return std::nullopt;
  const Node& term = graph.node(node.inputs[0]);
  const NodeId inner = term.inputs.empty() ? -1 : term.inputs[0];
  if (term.op == OpKind::Power) return FusedNode{Fusion::pair_products, {inner, inner}};
  if (term.op != OpKind::Real) return std::nullopt;
  const Node& product = graph.node(inner);
  if (product.op != OpKind::Mul) return std::nullopt;
  const Node& second = graph.node(product.inputs[1]);
  if (second.op != OpKind::Conj) return std::nullopt;
  return FusedNode{Fusion::pair_products, {product.inputs[0], second.inputs[0]}};
}

}  // namespace

FusedNode fused_node(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (const auto found = add_scaled(graph, node)) return *found;
  if (const auto found = pair_products(graph, node)) return *found;
  // Of the second operand of spread only the extents matter.
  if (node.op == OpKind::Spread) return {Fusion::none, {node.inputs[0]}};
  return {Fusion::none, node.inputs};
}

}  // namespace papilio::runtime::cpu
