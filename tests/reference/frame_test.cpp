// Where frames lie and what the made-up samples around a row are.
#include <gtest/gtest.h>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using ir::FrameCount;
using ir::PadMode;
using Values = std::vector<double>;

Tensor frame(const Values& row, const ir::FrameAttrs& attrs) {
  return run_op(real_rows({row}), ir::OpKind::Frame, attrs);
}

/// One long frame over the whole padded row shows the padding.
Values padded(const Values& row, std::int64_t left, std::int64_t right, PadMode pad) {
  ir::FrameAttrs attrs = frames_of(left + static_cast<std::int64_t>(row.size()) + right, 1);
  attrs.rule.pad_left = left;
  attrs.rule.pad_right = right;
  attrs.pad = pad;
  return frame(row, attrs).re;
}

TEST(ReferenceFrame, FramesOverlapAndTheTailIsDropped) {
  const Tensor y = frame({1, 2, 3, 4, 5, 6}, frames_of(3, 2));
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(y.re, (Values{1, 2, 3, 3, 4, 5}));
}

TEST(ReferenceFrame, ARowShorterThanAFrameHasNone) {
  EXPECT_EQ(frame({1, 2}, frames_of(3, 2)).shape, (std::vector<std::int64_t>{1, 0, 3}));
}

TEST(ReferenceFrame, ZerosPad) {
  EXPECT_EQ(padded({1, 2, 3}, 2, 1, PadMode::zeros), (Values{0, 0, 1, 2, 3, 0}));
}

// numpy.pad([0, 1, 2, 3], 5, mode="reflect")
TEST(ReferenceFrame, ReflectDoesNotRepeatTheEdge) {
  EXPECT_EQ(padded({0, 1, 2, 3}, 5, 5, PadMode::reflect),
            (Values{1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2}));
}

// numpy.pad([0, 1, 2, 3], 5, mode="symmetric")
TEST(ReferenceFrame, MirrorRepeatsTheEdge) {
  EXPECT_EQ(padded({0, 1, 2, 3}, 5, 5, PadMode::mirror),
            (Values{3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0}));
}

TEST(ReferenceFrame, ASingleSampleReflectsToItself) {
  EXPECT_EQ(padded({7}, 2, 2, PadMode::reflect), (Values{7, 7, 7, 7, 7}));
}

TEST(ReferenceFrame, DropLastLeavesOutTheLastFrame) {
  ir::FrameAttrs attrs = frames_of(2, 2);
  attrs.rule.count = FrameCount::drop_last;
  EXPECT_EQ(frame({1, 2, 3, 4, 5, 6}, attrs).re, (Values{1, 2, 3, 4}));
}

// kaldi without snip-edges: frame f starts at f hop + hop/2 - length/2, mirrored on both sides.
TEST(ReferenceFrame, RoundedFramesReachOverBothEnds) {
  ir::FrameAttrs attrs = frames_of(4, 2);
  attrs.rule.pad_left = 1;
  attrs.rule.count = FrameCount::rounded;
  attrs.pad = PadMode::mirror;
  const Tensor y = frame({1, 2, 3, 4, 5}, attrs);
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{1, 3, 4}));
  EXPECT_EQ(y.re, (Values{1, 1, 2, 3, 2, 3, 4, 5, 4, 5, 5, 4}));
}

TEST(ReferenceFrame, FixedSamplesCutLongRows) {
  ir::FrameAttrs attrs = frames_of(2, 2);
  attrs.rule.fixed_samples = 4;
  EXPECT_EQ(frame({1, 2, 3, 4, 5, 6}, attrs).re, (Values{1, 2, 3, 4}));
}

TEST(ReferenceFrame, FixedSamplesFillShortRowsBeforePadding) {
  ir::FrameAttrs attrs = frames_of(8, 8);
  attrs.rule.fixed_samples = 5;
  attrs.rule.pad_left = 1;
  attrs.rule.pad_right = 2;
  attrs.pad = PadMode::reflect;
  EXPECT_EQ(frame({1, 2, 3}, attrs).re, (Values{2, 1, 2, 3, 0, 0, 0, 3}));
}

TEST(ReferenceFrame, PadAndSliceWorkOnTheLastAxis) {
  const Tensor rows = real_rows({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(run_op(rows, ir::OpKind::Pad, ir::PadAttrs{1, 5}).re,
            (Values{0, 1, 2, 3, 0, 0, 4, 5, 6, 0}));
  EXPECT_EQ(run_op(rows, ir::OpKind::Slice, ir::SliceAttrs{1, 3}).re, (Values{2, 3, 5, 6}));
}

TEST(ReferenceFrame, ConcatPutsTheSecondAfterTheFirstInEachRow) {
  Tensor rows = real_rows({{1, 2, 3}, {4, 5, 6}});
  rows.complex = true;
  rows.im = {-1, -2, -3, 0, 0, 9};
  const Tensor y = run_op(rows, [](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(ir::OpKind::Concat, {b.add(ir::OpKind::Slice, {x}, ir::SliceAttrs{2, 3}), x});
  });
  EXPECT_EQ(y.re, (Values{3, 1, 2, 3, 6, 4, 5, 6}));
  EXPECT_EQ(y.im, (Values{-3, -1, -2, -3, 9, 0, 0, 9}));
}

}  // namespace
}  // namespace papilio::reference
