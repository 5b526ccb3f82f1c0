// Losses as graphs.
#include "ir/losses.h"

namespace papilio::ir {
namespace {

bool is_complex_node(const GraphBuilder& b, NodeId x) { return b.node(x).type.complex(); }

NodeId negative(GraphBuilder& b, NodeId x) {
  return b.add(OpKind::Affine, {x}, AffineAttrs{-1.0, 0.0});
}

}  // namespace

NodeId mean_of(GraphBuilder& b, NodeId x) {
  const NodeId over_items = b.add(OpKind::SumItems, {x}, SumAttrs{true});
  return b.add(OpKind::SumElements, {over_items}, SumAttrs{true});
}

NodeId mean_squared_error(GraphBuilder& b, NodeId x, NodeId y) {
  const NodeId error = b.add(OpKind::Add, {x, negative(b, y)});
  const NodeId square = is_complex_node(b, error) ? b.add(OpKind::Power, {error})
                                                  : b.add(OpKind::Mul, {error, error});
  return mean_of(b, square);
}

}  // namespace papilio::ir
