// Constant subgraphs become constants, in one sweep.
#include "passes/fold_constants.h"

#include <gtest/gtest.h>

#include <cmath>

#include "passes/dead_code.h"
#include "passes/graphs.h"

namespace papilio::passes {
namespace {

Graph folded(const Graph& graph) { return dead_code(fold_constants(graph, {}), {}); }

TEST(FoldConstants, AChainBecomesOneConstant) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId product = b.add(OpKind::Mul, {b.constant({1, 2, 3, 4}), b.constant({2, 2, 2, 2})});
    return b.add(OpKind::Slice, {product}, ir::SliceAttrs{1, 3});
  });
  EXPECT_EQ(ir::to_text(folded(graph)), text_of([](auto& b) { return b.constant({4, 6}); }));
}

TEST(FoldConstants, ComplexValuesStayComplex) {
  const Graph graph = graph_of([](auto& b) {
    return b.add(OpKind::Rfft, {b.constant({1, 0, 2, 0})}, ir::FftAttrs{4, 1.0});
  });
  const Graph result = folded(graph);
  ASSERT_EQ(result.node(result.outputs()[0].node).op, OpKind::Const);
  const auto& attrs = result.node(result.outputs()[0].node).as<ir::ConstAttrs>();
  EXPECT_TRUE(attrs.complex);
  const std::vector<double> expected{3, 0, -1, 0, 3, 0};
  ASSERT_EQ(attrs.values->size(), expected.size());
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR((*attrs.values)[i], expected[i], 1e-15);
}

TEST(FoldConstants, WhatDependsOnTheInputStays) {
  const Graph graph = graph_of([](auto& b) {
    return b.add(OpKind::Mul, {frames8(b), b.constant({1, 2, 3, 4, 5, 6, 7, 8})});
  });
  EXPECT_EQ(ir::to_text(folded(graph)), ir::to_text(graph));
}

TEST(FoldConstants, AResultThatIsNoVectorStays) {
  ir::TopAttrs attrs;
  attrs.k = 1;
  attrs.n_fft = 4;
  attrs.fmin_hz = attrs.fmax_hz = NAN;
  const Graph graph = graph_of([&](auto& b) {
    return b.add(OpKind::TopBins, {b.constant({1, 3, 2})}, attrs);
  });
  EXPECT_EQ(ir::to_text(folded(graph)), ir::to_text(graph));
}

}  // namespace
}  // namespace papilio::passes
