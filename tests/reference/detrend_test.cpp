// Trends and pre-emphasis, inside each frame.
#include <gtest/gtest.h>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

Tensor detrend(const Tensor& x, ir::Trend trend) {
  return run_op(x, ir::OpKind::Detrend, ir::DetrendAttrs{trend});
}

void expect_near(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-14) << i;
}

TEST(ReferenceDetrend, ConstantTakesTheMeanOfEachRow) {
  expect_near(detrend(real_rows({{1, 2, 6}, {10, 10, 10}}), ir::Trend::constant).re,
              {-2, -1, 3, 0, 0, 0});
}

// scipy.signal.detrend([1, 4, 2, 8, 5, 7], type="linear")
TEST(ReferenceDetrend, LinearTakesTheLeastSquaresLine) {
  expect_near(detrend(real_rows({{1, 4, 2, 8, 5, 7}}), ir::Trend::linear).re,
              {-0.7142857142857142, 1.1714285714285715, -1.9428571428571428, 2.9428571428571426,
               -1.1714285714285715, -0.2857142857142857});
}

TEST(ReferenceDetrend, LinearOfOneOrTwoSamplesIsZero) {
  expect_near(detrend(real_rows({{5}}), ir::Trend::linear).re, {0});
  expect_near(detrend(real_rows({{5, 9}}), ir::Trend::linear).re, {0, 0});
}

TEST(ReferenceDetrend, ComplexPartsAreIndependent) {
  const Tensor y = detrend(complex_row({{1, 0}, {2, 5}, {3, 4}}), ir::Trend::linear);
  expect_near(y.re, {0, 0, 0});
  expect_near(y.im, {-1, 2, -1});
}

TEST(ReferencePreemphasis, EachFrameStartsAnew) {
  const Tensor y = run_op(real_rows({{1, 2, 4, 8}}), [](ir::GraphBuilder& b, ir::NodeId x) {
    const ir::NodeId frames = b.add(ir::OpKind::Frame, {x}, frames_of(2, 2));
    return b.add(ir::OpKind::Preemphasis, {frames}, ir::PreemphasisAttrs{0.5});
  });
  expect_near(y.re, {0.5, 1.5, 2.0, 6.0});
}

}  // namespace
}  // namespace papilio::reference
