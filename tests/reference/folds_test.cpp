// Mean, maximum and median over frames.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Values = std::vector<double>;
using ir::OpKind;

/// Folds frames of one sample each.
double fold(OpKind op, const Values& row) {
  const Tensor y = run_op(real_rows({row}), [&](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(op, {b.add(OpKind::Frame, {x}, frames_of(1, 1))});
  });
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{1, 1}));
  return y.re[0];
}

TEST(ReferenceFolds, MeanAndMaximum) {
  EXPECT_EQ(fold(OpKind::MeanFrames, {1, 2, 6}), 3.0);
  EXPECT_EQ(fold(OpKind::MaxFrames, {-1, -2, -6}), -1.0);
}

TEST(ReferenceFolds, TheMeanOfAMillionFramesLosesNoDigits) {
  EXPECT_NEAR(fold(OpKind::MeanFrames, Values(1000000, 0.1)), 0.1, 1e-16);
}

// numpy.median / scipy.signal._spectral_py._median_bias(n)
TEST(ReferenceFolds, MedianHasScipysBiasCorrection) {
  EXPECT_DOUBLE_EQ(fold(OpKind::MedianFrames, {5}), 5.0);
  EXPECT_DOUBLE_EQ(fold(OpKind::MedianFrames, {5, 1}), 3.0);
  EXPECT_DOUBLE_EQ(fold(OpKind::MedianFrames, {5, 1, 2}), 2.0 / 0.8333333333333333);
  EXPECT_DOUBLE_EQ(fold(OpKind::MedianFrames, {5, 4, 3, 1, 2}), 3.0 / 0.7833333333333333);
  EXPECT_DOUBLE_EQ(fold(OpKind::MedianFrames, {8, 7, 6, 5, 4, 3, 2, 1}), 4.5 / 0.7595238095238095);
}

TEST(ReferenceFolds, FoldsKeepRowsAndElementsApart) {
  const Tensor y =
      run_op(real_rows({{1, 2, 3, 4}, {5, 6, 7, 8}}), [](ir::GraphBuilder& b, ir::NodeId x) {
        return b.add(OpKind::MaxFrames, {b.add(OpKind::Frame, {x}, frames_of(2, 2))});
      });
  EXPECT_EQ(y.re, (Values{3, 4, 7, 8}));
}

TEST(ReferenceFolds, NaNAndNoFramesGiveNaN) {
  for (const OpKind op : {OpKind::MeanFrames, OpKind::MaxFrames, OpKind::MedianFrames}) {
    EXPECT_TRUE(std::isnan(fold(op, {1, NAN, 3})));
    EXPECT_TRUE(std::isnan(fold(op, {})));
  }
}

TEST(ReferenceFolds, PairedMeanPowerIsTheMeanOfThePowers) {
  const Tensor row = real_rows({{3, 1, -4, 1, 5, -9, 2, 6, 5, 3, 5, 8}});
  for (const std::int64_t hop : {2, 4}) {
    const Tensor plain = run_op(row, [&](ir::GraphBuilder& b, ir::NodeId x) {
      const ir::NodeId frames = b.add(OpKind::Frame, {x}, frames_of(4, hop));
      const ir::NodeId spectrum = b.add(OpKind::Rfft, {frames}, ir::FftAttrs{4, 0.5});
      return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
    });
    const Tensor paired = run_op(row, [&](ir::GraphBuilder& b, ir::NodeId x) {
      const ir::NodeId frames = b.add(OpKind::Frame, {x}, frames_of(4, hop));
      return b.add(OpKind::PairedMeanPower, {frames}, ir::FftAttrs{4, 0.5});
    });
    EXPECT_EQ(paired.re, plain.re);
  }
}

}  // namespace
}  // namespace papilio::reference
