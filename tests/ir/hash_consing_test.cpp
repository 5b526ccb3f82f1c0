// Equal nodes are one node; unequal ones are not.
#include <gtest/gtest.h>

#include "ir/op_samples.h"
#include "ir/print.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

TEST(HashConsing, EqualNodesAreOne) {
  GraphBuilder b(DType::f32);
  const NodeId x = b.input("x");
  EXPECT_EQ(b.input("x"), x);
  const NodeId a = b.add(OpKind::Affine, {x}, AffineAttrs{2.0, 1.0});
  EXPECT_EQ(b.add(OpKind::Affine, {x}, AffineAttrs{2.0, 1.0}), a);
  EXPECT_EQ(b.constant({1.0, 2.0}), b.constant({1.0, 2.0}));
}

TEST(HashConsing, AnotherAttributeOpOrInputIsAnotherNode) {
  GraphBuilder b(DType::f32);
  const NodeId z = b.input("z", true, 4);
  const NodeId power = b.add(OpKind::Power, {z});
  EXPECT_NE(b.add(OpKind::Magnitude, {z}), power);
  EXPECT_NE(b.input("z", true, 5), z);
  const NodeId two = b.constant({2.0, 2.0, 2.0, 2.0});
  const NodeId three = b.constant({3.0, 3.0, 3.0, 3.0});
  EXPECT_NE(b.add(OpKind::Mul, {z, two}), b.add(OpKind::Mul, {z, three}));
}

TEST(HashConsing, IndicesAreComparedByWhatTheyHold) {
  GraphBuilder b(DType::f32);
  const NodeId z = b.input("z", true, 6);
  const NodeId p = b.param("p", {7}, true);
  const NodeId gathered = b.add(OpKind::Gather, {z}, samples::choice({5, 0}, 6));
  EXPECT_EQ(b.add(OpKind::Gather, {z}, samples::choice({5, 0}, 6)), gathered);
  EXPECT_NE(b.add(OpKind::Gather, {z}, samples::choice({0, 5}, 6)), gathered);
  ButterflyAttrs a = samples::small_butterfly();
  const NodeId y = b.add(OpKind::Butterfly, {z, p}, a);
  EXPECT_EQ(b.add(OpKind::Butterfly, {z, p}, samples::small_butterfly()), y);
  a.permutation = samples::choice({0, 1, 2, 3, 4, 5}, 6).index;
  const NodeId in_order = b.add(OpKind::Butterfly, {z, p}, a);
  EXPECT_NE(in_order, y);
  a.permutation = nullptr;
  EXPECT_NE(b.add(OpKind::Butterfly, {z, p}, a), in_order);
}

TEST(HashConsing, RewritingWithoutChangeGivesTheSameText) {
  for (const OpInfo& info : all_ops()) {
    const Graph graph = samples::sample_graph(info.kind);
    const Graph same =
        rewrite(graph, [](GraphBuilder& b, const Node& node, std::vector<NodeId> inputs) {
          return b.add(node.op, std::move(inputs), node.attrs);
        });
    EXPECT_EQ(to_text(same), to_text(graph));
  }
}

TEST(HashConsing, AnInputOutsideTheGraphIsRefused) {
  GraphBuilder b(DType::f32);
  EXPECT_THROW(b.add(OpKind::Power, {5}), InternalError);
  EXPECT_THROW(b.add(OpKind::Power, {-1}), InternalError);
  EXPECT_THROW(GraphBuilder{DType::i16}, InternalError);
}

}  // namespace
}  // namespace papilio::ir
