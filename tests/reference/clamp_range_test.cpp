// The maximum of a dynamic range is that of a clip, of a frame, or given.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Values = std::vector<double>;

/// Two frames of two for each row.
Tensor clamp(const std::vector<Values>& rows, const ir::ClampRangeAttrs& attrs) {
  return run_op(real_rows(rows), [&](ir::GraphBuilder& b, ir::NodeId x) {
    const ir::NodeId frames = b.add(ir::OpKind::Frame, {x}, frames_of(2, 2));
    return b.add(ir::OpKind::ClampRange, {frames}, attrs);
  });
}

TEST(ReferenceClampRange, ClipIsAllFramesOfARowAndNoOtherRow) {
  EXPECT_EQ(clamp({{0, 1, 2, 10}, {0, 1, 2, 3}}, {4.0, ir::RangeMax::clip, 0.0}).re,
            (Values{6, 6, 6, 10, 0, 1, 2, 3}));
}

TEST(ReferenceClampRange, FrameIsEachFrame) {
  EXPECT_EQ(clamp({{0, 9, 2, 10}}, {4.0, ir::RangeMax::frame, 0.0}).re, (Values{5, 9, 6, 10}));
}

TEST(ReferenceClampRange, FixedIsGiven) {
  EXPECT_EQ(clamp({{0, 9, 2, 10}}, {4.0, ir::RangeMax::fixed, 7.0}).re, (Values{3, 9, 3, 10}));
}

TEST(ReferenceClampRange, ANaNSpoilsItsClipOnly) {
  const Tensor y = clamp({{0, NAN, 2, 10}, {0, 1, 2, 3}}, {4.0, ir::RangeMax::clip, 0.0});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(y.re[i])) << i;
  for (std::size_t i = 4; i < 8; ++i) EXPECT_EQ(y.re[i], static_cast<double>(i - 4));
}

}  // namespace
}  // namespace papilio::reference
