// Walks backwards from the loss and adds up what the rules send to each input.
#include "ir/gradient.h"

#include <string>

#include "ir/gradient_rules.h"
#include "ir/print.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

[[noreturn]] void refuse(OpKind op, const std::string& why) {
  throw UserError("[gradient] " + std::string(info_of(op).text) + " has no gradient: " + why);
}

/// The rule of the node's op, or what its row of the table says instead.
NodeId apply_rule(const Link& link) {
  const OpKind op = link.node.op;
  switch (info_of(op).gradient) {
    case Gradient::rule:
      break;
    case Gradient::leaf:
    case Gradient::flat:
      return kNoGradient;
    case Gradient::rank:
      refuse(op, "its results are a choice of bins; take the loss from the spectrum");
    case Gradient::late:
      refuse(op, "only passes make it; take gradients before they run");
  }
  switch (op) {
#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient)       \
  case OpKind::Kind:                                                              \
    if constexpr (Gradient::gradient == Gradient::rule) return grad_##Kind(link); \
    break;
#include "ir/ops.def"
#undef PAPILIO_OP
  }
  throw InternalError("[gradient] unknown op");
}

void check_loss(const GraphBuilder& builder, NodeId loss) {
  const Type& type = builder.node(loss).type;
  const bool scalar = type.dims.size() == 1 && type.last().extent == Extent::fixed &&
                      type.last().size == 1 && !type.complex();
  if (!scalar) {
    throw UserError("[gradient] the loss is " + to_text(type) +
                    ", not one real number; add it up over items and elements");
  }
}

/// Which nodes up to the loss depend on a node of `wrt`.
std::vector<bool> reach(const GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt) {
  std::vector<bool> reached(static_cast<std::size_t>(builder.size()), false);
  for (const NodeId id : wrt) reached[static_cast<std::size_t>(id)] = true;
  for (NodeId id = 0; id <= loss; ++id) {
    for (const NodeId input : builder.node(id).inputs) {
      if (reached[static_cast<std::size_t>(input)]) reached[static_cast<std::size_t>(id)] = true;
    }
  }
  return reached;
}

/// A zero of the node's extents that does not read its value.
NodeId zero_of(GraphBuilder& builder, NodeId id) {
  const bool complex = builder.node(id).type.complex();
  const NodeId zero = builder.constant(std::vector<double>(complex ? 2 : 1, 0.0), complex);
  return builder.add(OpKind::Spread, {zero, id}, SumAttrs{});
}

/// The sum of Re(x conj(y)) over items and elements.
NodeId inner_product(GraphBuilder& b, NodeId x, NodeId y) {
  const bool complex = b.node(x).type.complex();
  NodeId product = b.add(OpKind::Mul, {x, complex ? b.add(OpKind::Conj, {y}) : y});
  if (complex) product = b.add(OpKind::Real, {product});
  return b.add(OpKind::SumElements, {b.add(OpKind::SumItems, {product}, SumAttrs{})}, SumAttrs{});
}

}  // namespace

std::vector<NodeId> gradients(GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt) {
  const auto check_known = [&](NodeId id) {
    if (id < 0 || id >= builder.size()) {
      throw InternalError("[gradient] node " + std::to_string(id) + " is not in the graph");
    }
  };
  check_known(loss);
  for (const NodeId id : wrt) check_known(id);
  check_loss(builder, loss);

  const std::vector<bool> reached = reach(builder, loss, wrt);
  std::vector<NodeId> sums(static_cast<std::size_t>(builder.size()), kNoGradient);
  sums[static_cast<std::size_t>(loss)] = builder.constant({1.0});
  for (NodeId id = loss; id >= 0; --id) {
    const NodeId g = sums[static_cast<std::size_t>(id)];
    if (g == kNoGradient) continue;
    const Node node = builder.node(id);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto input = static_cast<std::size_t>(node.inputs[i]);
      if (!reached[input]) continue;
      const NodeId part = apply_rule({builder, node, id, g, static_cast<int>(i)});
      if (part == kNoGradient) continue;
      sums[input] =
          sums[input] == kNoGradient ? part : builder.add(OpKind::Add, {sums[input], part});
    }
  }
  std::vector<NodeId> result;
  for (const NodeId id : wrt) {
    const NodeId sum = sums[static_cast<std::size_t>(id)];
    result.push_back(sum == kNoGradient ? zero_of(builder, id) : sum);
  }
  return result;
}

std::vector<NodeId> hessian_product(GraphBuilder& builder, NodeId loss, std::span<const NodeId> wrt,
                                    std::span<const NodeId> direction) {
  if (direction.size() != wrt.size()) {
    throw InternalError("[gradient] " + std::to_string(direction.size()) + " directions for " +
                        std::to_string(wrt.size()) + " nodes");
  }
  const std::vector<NodeId> first = gradients(builder, loss, wrt);
  NodeId slope = builder.constant({0.0});
  for (std::size_t i = 0; i < wrt.size(); ++i) {
    slope = builder.add(OpKind::Add, {slope, inner_product(builder, first[i], direction[i])});
  }
  return gradients(builder, slope, wrt);
}

}  // namespace papilio::ir
