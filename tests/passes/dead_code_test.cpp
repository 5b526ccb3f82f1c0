// What no named output needs goes; named outputs and inputs stay.
#include "passes/dead_code.h"

#include <gtest/gtest.h>

#include "passes/graphs.h"

namespace papilio::passes {
namespace {

TEST(DeadCode, RemovesWhatNoOutputNeeds) {
  const Graph graph = graph_of([](GraphBuilder& b) {
    const NodeId spectrum = rfft8(b);
    b.add(OpKind::Magnitude, {spectrum});
    b.constant({1, 2, 3});
    return b.add(OpKind::Power, {spectrum});
  });
  const Graph expected = graph_of([](auto& b) { return b.add(OpKind::Power, {rfft8(b)}); });
  EXPECT_EQ(ir::to_text(dead_code(graph, {})), ir::to_text(expected));
}

TEST(DeadCode, KeepsEveryNamedOutputInOrder) {
  GraphBuilder b(DType::f32);
  const NodeId spectrum = rfft8(b);
  b.output("second", spectrum);
  b.output("first", b.add(OpKind::Power, {spectrum}));
  b.output("again", spectrum);
  const Graph graph = b.finish();
  EXPECT_EQ(ir::to_text(dead_code(graph, {})), ir::to_text(graph));
}

TEST(DeadCode, KeepsInputsAndParamsThatNothingReads) {
  const Graph graph = graph_of([](auto& b) {
    b.input("unused");
    b.param("unused", {3});
    return b.input("x");
  });
  EXPECT_EQ(ir::to_text(dead_code(graph, {})), ir::to_text(graph));
}

}  // namespace
}  // namespace papilio::passes
