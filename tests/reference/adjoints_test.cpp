// The adjoints of frame, of the folds over frames and of the range clamp, by hand: where each
// element of a gradient goes.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Values = std::vector<double>;
using ir::NodeId;
using ir::OpKind;

Tensor frame_and_back(const Values& row, const ir::FrameAttrs& attrs) {
  return run_op(real_rows({row}), [&](ir::GraphBuilder& b, NodeId x) {
    return b.add(OpKind::Unframe, {b.add(OpKind::Frame, {x}, attrs), x}, attrs);
  });
}

TEST(ReferenceUnframe, AddsWhatOverlapsAndLeavesZerosBehind) {
  // 1 2 3 | 3 4 5; the last sample is in no frame.
  EXPECT_EQ(frame_and_back({1, 2, 3, 4, 5, 6}, frames_of(3, 2)).re, (Values{1, 2, 6, 4, 5, 0}));
}

TEST(ReferenceUnframe, PaddedElementsGoToTheSampleTheyWereReadFrom) {
  ir::FrameAttrs attrs = frames_of(3, 3);
  attrs.rule.pad_left = 2;
  attrs.pad = ir::PadMode::reflect;  // 3 2 1 | 2 3 4
  EXPECT_EQ(frame_and_back({1, 2, 3, 4}, attrs).re, (Values{1, 4, 6, 4}));
  attrs.pad = ir::PadMode::zeros;  // 0 0 1 | 2 3 4
  EXPECT_EQ(frame_and_back({1, 2, 3, 4}, attrs).re, (Values{1, 2, 3, 4}));
}

/// Frames of one sample of `x`; the folded value is 12.
Tensor unfold(const Values& x, ir::FrameFold fold) {
  return run_op(real_rows({x}), [&](ir::GraphBuilder& b, NodeId row) {
    const NodeId frames = b.add(OpKind::Frame, {row}, frames_of(1, 1));
    const NodeId like = b.add(OpKind::MeanFrames, {frames});
    const NodeId twelve = b.add(OpKind::Spread, {b.constant({12}), like}, ir::SumAttrs{});
    return b.add(OpKind::UnfoldFrames, {twelve, frames}, ir::FoldAttrs{fold});
  });
}

TEST(ReferenceUnfoldFrames, GivesEachFrameItsShare) {
  EXPECT_EQ(unfold({5, 1, 9, 2}, ir::FrameFold::mean).re, (Values{3, 3, 3, 3}));
  EXPECT_EQ(unfold({5, 1, 9, 2}, ir::FrameFold::max).re, (Values{0, 0, 12, 0}));
  // 1 2 5 9 has its median between 2 and 5; the bias of four and of three frames is 5/6.
  const Tensor four = unfold({5, 1, 9, 2}, ir::FrameFold::median);
  EXPECT_DOUBLE_EQ(four.re[0], 6 * 1.2);
  EXPECT_DOUBLE_EQ(four.re[3], 6 * 1.2);
  EXPECT_EQ(four.re[1] + four.re[2], 0.0);
  EXPECT_DOUBLE_EQ(unfold({5, 1, 9}, ir::FrameFold::median).re[0], 12 * 1.2);
}

TEST(ReferenceUnfoldFrames, OfEqualFramesTheFirstIsTheMaximum) {
  EXPECT_EQ(unfold({1, 9, 9}, ir::FrameFold::max).re, (Values{0, 12, 0}));
}

TEST(ReferenceUnfoldFrames, ANaNSpoilsAllFrames) {
  for (const double y : unfold({1, NAN, 9}, ir::FrameFold::max).re) EXPECT_TRUE(std::isnan(y));
}

/// Folds x^2 as the fold of x would.
double fold_as(const Values& x, ir::FrameFold fold) {
  return run_op(real_rows({x}),
                [&](ir::GraphBuilder& b, NodeId row) {
                  const NodeId frames = b.add(OpKind::Frame, {row}, frames_of(1, 1));
                  const NodeId square = b.add(OpKind::Mul, {frames, frames});
                  return b.add(OpKind::FoldFramesAs, {square, frames}, ir::FoldAttrs{fold});
                })
      .re[0];
}

TEST(ReferenceFoldFramesAs, TakesTheFramesThatTheSecondOperandChooses) {
  EXPECT_EQ(fold_as({-5, 1, 2}, ir::FrameFold::mean), 10.0);
  EXPECT_EQ(fold_as({-5, 1, 2}, ir::FrameFold::max), 4.0);
  EXPECT_DOUBLE_EQ(fold_as({-5, 1, 2}, ir::FrameFold::median), 1.2);
  EXPECT_TRUE(std::isnan(fold_as({}, ir::FrameFold::max)));
}

/// Two frames of two for each row; the changes, or the gradient, are 1 2 3 4 ...
Tensor clamped(OpKind op, const Values& x, const ir::ClampRangeAttrs& attrs) {
  return run_op(real_rows({x}), [&](ir::GraphBuilder& b, NodeId row) {
    const NodeId frames = b.add(OpKind::Frame, {row}, frames_of(2, 2));
    const NodeId zero = b.add(OpKind::Affine, {row}, ir::AffineAttrs{0.0, 0.0});
    const NodeId counted = b.add(OpKind::Add, {zero, b.constant({1, 2, 3, 4})});
    const NodeId v = b.add(OpKind::Frame, {counted}, frames_of(2, 2));
    return b.add(op, {v, frames}, attrs);
  });
}

constexpr ir::ClampRangeAttrs kClip{4.0, ir::RangeMax::clip, 0.0};
constexpr ir::ClampRangeAttrs kFrame{4.0, ir::RangeMax::frame, 0.0};
constexpr ir::ClampRangeAttrs kFixed{4.0, ir::RangeMax::fixed, 7.0};

TEST(ReferenceClampRangeAs, RaisedElementsFollowTheMaximum) {
  const Values x = {0, 9, 8, 10};
  EXPECT_EQ(clamped(OpKind::ClampRangeAs, x, kClip).re, (Values{4, 2, 3, 4}));
  EXPECT_EQ(clamped(OpKind::ClampRangeAs, x, kFrame).re, (Values{2, 2, 3, 4}));
  EXPECT_EQ(clamped(OpKind::ClampRangeAs, x, kFixed).re, (Values{0, 2, 3, 4}));
}

TEST(ReferenceUnclampRange, RaisedElementsGoToTheMaximum) {
  const Values x = {0, 9, 8, 10};
  EXPECT_EQ(clamped(OpKind::UnclampRange, x, kClip).re, (Values{0, 2, 3, 5}));
  EXPECT_EQ(clamped(OpKind::UnclampRange, x, kFrame).re, (Values{0, 3, 3, 4}));
  EXPECT_EQ(clamped(OpKind::UnclampRange, x, kFixed).re, (Values{0, 2, 3, 4}));
}

TEST(ReferenceUnclampRange, ANaNSpoilsItsGroup) {
  for (const OpKind op : {OpKind::UnclampRange, OpKind::ClampRangeAs}) {
    const Tensor y = run_op(real_rows({{1, NAN, 3, 4}}), [&](ir::GraphBuilder& b, NodeId row) {
      const NodeId frames = b.add(OpKind::Frame, {row}, frames_of(2, 2));
      const NodeId ones = b.add(OpKind::Spread, {b.constant({1}), frames}, ir::SumAttrs{});
      return b.add(op, {ones, frames}, kFrame);
    });
    EXPECT_TRUE(std::isnan(y.re[0]) && std::isnan(y.re[1]));
    EXPECT_EQ(y.re[2], 1.0);
    EXPECT_EQ(y.re[3], 1.0);
  }
}

}  // namespace
}  // namespace papilio::reference
