// Sums over items, sums over elements, and copies.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Values = std::vector<double>;
using Shape = std::vector<std::int64_t>;
using ir::OpKind;

const Tensor kRows = real_rows({{1, 2, 3}, {40, 50, 60}});

TEST(ReferenceSums, OverItemsLeaveOneItem) {
  const Tensor sum = run_op(kRows, OpKind::SumItems, ir::SumAttrs{false});
  EXPECT_EQ(sum.shape, (Shape{3}));
  EXPECT_EQ(sum.re, (Values{41, 52, 63}));
  EXPECT_EQ(run_op(kRows, OpKind::SumItems, ir::SumAttrs{true}).re, (Values{20.5, 26, 31.5}));
}

TEST(ReferenceSums, OverItemsCountFramesToo) {
  const Tensor y = run_op(kRows, [](ir::GraphBuilder& b, ir::NodeId x) {
    const ir::NodeId frames = b.add(OpKind::Frame, {x}, frames_of(2, 1));
    return b.add(OpKind::SumItems, {frames}, ir::SumAttrs{true});
  });
  EXPECT_EQ(y.re, (Values{(1 + 2 + 40 + 50) / 4.0, (2 + 3 + 50 + 60) / 4.0}));
}

TEST(ReferenceSums, OverElementsLeaveOneElement) {
  const Tensor sum = run_op(kRows, OpKind::SumElements, ir::SumAttrs{false});
  EXPECT_EQ(sum.shape, (Shape{2, 1}));
  EXPECT_EQ(sum.re, (Values{6, 150}));
  EXPECT_EQ(run_op(kRows, OpKind::SumElements, ir::SumAttrs{true}).re, (Values{2, 50}));
}

TEST(ReferenceSums, OfComplexRows) {
  const Tensor y = run_op(complex_row({{1, 2}, {3, -4}}), OpKind::SumElements, ir::SumAttrs{});
  EXPECT_EQ(y.at(0), std::complex<double>(4, -2));
}

TEST(ReferenceSums, OfNoRowsAreZeroAndTheirMeanIsNaN) {
  const Tensor none{false, {0, 2}, {}, {}};
  EXPECT_EQ(run_op(none, OpKind::SumItems, ir::SumAttrs{false}).re, (Values{0, 0}));
  EXPECT_TRUE(std::isnan(run_op(none, OpKind::SumItems, ir::SumAttrs{true}).re[0]));
}

Tensor spread(ir::NodeId (*from)(ir::GraphBuilder&, ir::NodeId), bool mean) {
  return run_op(kRows, [&](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(OpKind::Spread, {from(b, x), x}, ir::SumAttrs{mean});
  });
}

ir::NodeId vector_of(ir::GraphBuilder& b, ir::NodeId) { return b.constant({6, 12, 18}); }
ir::NodeId scalar_of(ir::GraphBuilder& b, ir::NodeId) { return b.constant({6}); }
ir::NodeId column_of(ir::GraphBuilder& b, ir::NodeId x) {
  return b.add(OpKind::SumElements, {x}, ir::SumAttrs{false});
}

TEST(ReferenceSpread, CopiesAVectorAColumnOrANumber) {
  EXPECT_EQ(spread(vector_of, false).re, (Values{6, 12, 18, 6, 12, 18}));
  EXPECT_EQ(spread(column_of, false).re, (Values{6, 6, 6, 150, 150, 150}));
  EXPECT_EQ(spread(scalar_of, false).re, Values(6, 6));
}

TEST(ReferenceSpread, AMeanIsDividedByTheNumberOfCopies) {
  EXPECT_EQ(spread(vector_of, true).re, (Values{3, 6, 9, 3, 6, 9}));
  EXPECT_EQ(spread(column_of, true).re, (Values{2, 2, 2, 50, 50, 50}));
  EXPECT_EQ(spread(scalar_of, true).re, Values(6, 1));
}

TEST(ReferenceSpread, OfTheSecondOperandOnlyTheShapeMatters) {
  const Tensor y = run_op(real_rows({{NAN, INFINITY}}), [](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(OpKind::Spread, {b.constant({1, 2}, true), x}, ir::SumAttrs{});
  });
  EXPECT_EQ(y.re, (Values{1, 1}));
  EXPECT_EQ(y.im, (Values{2, 2}));
}

}  // namespace
}  // namespace papilio::reference
