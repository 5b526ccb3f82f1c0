// Top-k of a PSD: order, ties, unused slots, and the parabola through the logs.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using ir::OpKind;
using Slot = std::array<double, 4>;

ir::TopAttrs top(std::int64_t k, std::int64_t n_fft, bool one_sided = true) {
  ir::TopAttrs a;
  a.k = k;
  a.n_fft = n_fft;
  a.bin_hz = 0.5;
  a.one_sided = one_sided;
  a.doubled = false;
  a.height = a.threshold = a.prominence = a.fmin_hz = a.fmax_hz = NAN;
  return a;
}

std::vector<Slot> run_top(OpKind op, const ir::TopAttrs& attrs, const std::vector<double>& psd) {
  const Tensor y = run_op(real_rows({psd}), op, attrs);
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{1, attrs.k, 4}));
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < y.re.size(); i += 4) {
    slots.push_back({y.re[i], y.re[i + 1], y.re[i + 2], y.re[i + 3]});
  }
  return slots;
}

void expect_unused(const Slot& slot) {
  EXPECT_EQ(slot[0], -1.0);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(std::isnan(slot[i]));
}

TEST(ReferenceTopBins, ByPowerThenByLowerBinWithDcAndNyquist) {
  const auto slots = run_top(OpKind::TopBins, top(4, 8), {9, 2, 7, 7, 8});
  EXPECT_EQ(slots[0], (Slot{0, 9, 0.0, 9}));
  EXPECT_EQ(slots[1], (Slot{4, 8, 2.0, 8}));
  EXPECT_EQ(slots[2], (Slot{2, 7, 1.0, 7}));
  EXPECT_EQ(slots[3], (Slot{3, 7, 1.5, 7}));
}

TEST(ReferenceTopBins, LimitsInHzAreInclusiveAndLeaveSlotsUnused) {
  ir::TopAttrs attrs = top(4, 8);
  attrs.fmin_hz = 0.5;
  attrs.fmax_hz = 1.0;
  const auto slots = run_top(OpKind::TopBins, attrs, {9, 2, 7, 7, 8});
  EXPECT_EQ(slots[0][0], 2.0);
  EXPECT_EQ(slots[1][0], 1.0);
  expect_unused(slots[2]);
  expect_unused(slots[3]);
}

TEST(ReferenceTopBins, TwoSidedFrequenciesAreNegativeInTheSecondHalf) {
  for (const std::int64_t n : {4, 5}) {
    std::vector<double> psd(static_cast<std::size_t>(n), 1.0);
    psd.back() = 3.0;
    psd[1] = 2.0;
    const auto slots = run_top(OpKind::TopBins, top(2, n, false), psd);
    EXPECT_EQ(slots[0], (Slot{static_cast<double>(n - 1), 3, -0.5, 3}));
    EXPECT_EQ(slots[1], (Slot{1, 2, 0.5, 2}));
  }
}

TEST(ReferencePeaks, OrderedByPowerAndUnusedSlotsMarked) {
  const auto slots = run_top(OpKind::Peaks, top(3, 14), {0, 2, 0, 5, 0, 5, 0, 1});
  EXPECT_EQ(slots[0], (Slot{3, 5, 1.5, 5}));
  EXPECT_EQ(slots[1], (Slot{5, 5, 2.5, 5}));
  EXPECT_EQ(slots[2], (Slot{1, 2, 0.5, 2}));
  expect_unused(run_top(OpKind::Peaks, top(3, 4), {0, 2, 0})[1]);
}

/// A Gaussian line: its logarithm is a parabola, so that position and height come back exactly.
std::vector<double> line(double centre, double height, std::int64_t bins) {
  std::vector<double> psd;
  for (std::int64_t k = 0; k < bins; ++k) {
    const double t = static_cast<double>(k) - centre;
    psd.push_back(height * std::exp(-0.4 * t * t));
  }
  return psd;
}

TEST(ReferencePeaks, ParabolaFindsTheTopOfAGaussianLine) {
  const auto slots = run_top(OpKind::Peaks, top(1, 20), line(4.3, 7.0, 11));
  EXPECT_EQ(slots[0][0], 4.0);
  EXPECT_NEAR(slots[0][2], 2.15, 1e-14);
  EXPECT_NEAR(slots[0][3], 7.0, 1e-13);
}

TEST(ReferencePeaks, DoublingIsTakenOffTheThreePowersAndPutBackOnThePeak) {
  ir::TopAttrs attrs = top(1, 20);
  attrs.doubled = true;
  for (const double centre : {1.4, 4.3, 8.7}) {  // beside DC, inside, beside Nyquist
    std::vector<double> psd = line(centre, 7.0, 11);
    for (std::size_t k = 1; k < 10; ++k) psd[k] *= 2.0;
    const auto slots = run_top(OpKind::Peaks, attrs, psd);
    EXPECT_NEAR(slots[0][2], centre / 2, 1e-14);
    EXPECT_NEAR(slots[0][3], 14.0, 1e-12);
  }
}

TEST(ReferencePeaks, BesideDcThePeakOfDoubledPowersMayBeNoneOfThePlainOnes) {
  ir::TopAttrs attrs = top(1, 20);
  attrs.doubled = true;
  std::vector<double> psd(11, 0.1);
  psd[0] = 1.0;
  psd[1] = 1.5;
  EXPECT_EQ(run_top(OpKind::Peaks, attrs, psd)[0], (Slot{1, 1.5, 0.5, 1.5}));
}

TEST(ReferencePeaks, PlateausAndZerosKeepTheBinsOwnValues) {
  EXPECT_EQ(run_top(OpKind::Peaks, top(1, 10), {1, 2, 4, 4, 1, 1})[0], (Slot{2, 4, 1.0, 4}));
  EXPECT_EQ(run_top(OpKind::Peaks, top(1, 10), {1, 1, 4, 0, 1, 1})[0], (Slot{2, 4, 1.0, 4}));
}

TEST(ReferencePeaks, TwoSidedSpectraAreSearchedInAscendingFrequency) {
  // Ascending: -1.5 -1.0 -0.5 0 0.5 1.0 Hz hold 1 2 1 5 1 9 (n = 6); 9 is an edge, DC is no edge.
  ir::TopAttrs attrs = top(2, 6, false);
  const auto slots = run_top(OpKind::Peaks, attrs, {5, 1, 9, 1, 2, 1});
  EXPECT_EQ(slots[0], (Slot{0, 5, 0.0, 5}));
  EXPECT_EQ(slots[1], (Slot{4, 2, -1.0, 2}));
  attrs.fmax_hz = -0.5;
  const auto negative = run_top(OpKind::Peaks, attrs, {5, 1, 9, 1, 2, 1});
  EXPECT_EQ(negative[0][0], 4.0);
  expect_unused(negative[1]);
}

TEST(ReferencePeaks, ConditionsApply) {
  ir::TopAttrs attrs = top(3, 14);
  attrs.height = 3;
  const std::vector<double> psd{0, 2, 0, 5, 4, 5, 0, 1};
  expect_unused(run_top(OpKind::Peaks, attrs, psd)[2]);
  attrs.distance = 3;
  const auto slots = run_top(OpKind::Peaks, attrs, psd);
  EXPECT_EQ(slots[0][0], 5.0);  // of equal ones the later stays
  expect_unused(slots[1]);
}

TEST(ReferencePeaks, ARowThatIsNotFiniteHasNone) {
  for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    for (const OpKind op : {OpKind::Peaks, OpKind::TopBins}) {
      const Tensor y = run_op(real_rows({{0, 2, 0, 5, bad}, {0, 2, 0, 5, 0}}), op, top(1, 8));
      EXPECT_EQ(y.re[0], -1.0);
      EXPECT_EQ(y.re[4], 3.0);
    }
  }
}

}  // namespace
}  // namespace papilio::reference
