/// One rule per op of gradient `rule` in ops.def: what reaches an input of what reaches the result.
#pragma once

#include <utility>
#include <vector>

#include "ir/graph.h"

namespace papilio::ir {

/// No gradient reaches this input: only its extents, or the choice it makes, matter.
inline constexpr NodeId kNoGradient = -1;

/// The link of the chain rule at one input of one node.
struct Link {
  GraphBuilder& builder;
  Node node;  ///< a copy: the builder moves its nodes while it grows
  NodeId y;   ///< the node
  NodeId g;   ///< the gradient of the loss at the node
  int input;  ///< which input of the node is asked for

  NodeId in(int i) const { return node.inputs[static_cast<std::size_t>(i)]; }
  const Type& type(NodeId id) const { return builder.node(id).type; }
  /// Elements of the last axis of an input.
  std::int64_t length(int i) const { return type(in(i)).last().size; }
  NodeId add(OpKind op, std::vector<NodeId> inputs, Attrs attrs = NoAttrs{}) const {
    return builder.add(op, std::move(inputs), std::move(attrs));
  }
};

#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient) \
  NodeId grad_##Kind(const Link& link);
#include "ir/ops.def"
#undef PAPILIO_OP

}  // namespace papilio::ir
