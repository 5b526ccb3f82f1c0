// Arithmetic inside an item, with small numbers done by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Values = std::vector<double>;
using ir::OpKind;

TEST(ReferenceArithmetic, AVectorIsRepeatedAlongTheRows) {
  const Tensor rows = real_rows({{1, 2}, {3, 4}});
  const auto with = [](OpKind op) {
    return [op](ir::GraphBuilder& b, ir::NodeId x) {
      return b.add(op, {x, b.constant({10, 100})});
    };
  };
  EXPECT_EQ(run_op(rows, with(OpKind::Mul)).re, (Values{10, 200, 30, 400}));
  EXPECT_EQ(run_op(rows, with(OpKind::Add)).re, (Values{11, 102, 13, 104}));
}

TEST(ReferenceArithmetic, ComplexProducts) {
  const Tensor y = run_op(complex_row({{1, 2}}), [](ir::GraphBuilder& b, ir::NodeId z) {
    return b.add(OpKind::Mul, {z, b.constant({3, -1}, true)});
  });
  EXPECT_EQ(y.at(0), std::complex<double>(5, 5));
}

TEST(ReferenceArithmetic, ARealFactorKeepsThePartsApart) {
  const Tensor y = run_op(complex_row({{INFINITY, 2}}), [](ir::GraphBuilder& b, ir::NodeId z) {
    return b.add(OpKind::Mul, {z, b.constant({3})});
  });
  EXPECT_EQ(y.at(0), std::complex<double>(INFINITY, 6));
}

TEST(ReferenceArithmetic, TensorsOfOneShape) {
  const Tensor y = run_op(real_rows({{1, 2}, {3, 4}}), [](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(OpKind::Mul, {x, x});
  });
  EXPECT_EQ(y.re, (Values{1, 4, 9, 16}));
}

TEST(ReferenceArithmetic, Affine) {
  EXPECT_EQ(run_op(real_rows({{1, 2}}), OpKind::Affine, ir::AffineAttrs{3, -1}).re, (Values{2, 5}));
}

TEST(ReferenceArithmetic, PowerAndMagnitude) {
  const Tensor z = complex_row({{3, 4}, {0, -2}});
  EXPECT_EQ(run_op(z, OpKind::Power).re, (Values{25, 4}));
  EXPECT_EQ(run_op(z, OpKind::Magnitude).re, (Values{5, 2}));
}

TEST(ReferenceArithmetic, PartsOfComplexValues) {
  const Tensor z = complex_row({{3, 4}, {0, -2}});
  EXPECT_EQ(run_op(z, OpKind::Conj).im, (Values{-4, 2}));
  EXPECT_EQ(run_op(z, OpKind::Real).re, (Values{3, 0}));
  const Tensor back = run_op(z, [](ir::GraphBuilder& b, ir::NodeId x) {
    return b.add(OpKind::Complex, {b.add(OpKind::Real, {x})});
  });
  EXPECT_EQ(back.re, (Values{3, 0}));
  EXPECT_EQ(back.im, (Values{0, 0}));
}

TEST(ReferenceArithmetic, TheInverseOfZeroIsZero) {
  EXPECT_EQ(run_op(real_rows({{2, -0.25, 0, -0.0, INFINITY}}), OpKind::Inverse).re,
            (Values{0.5, -4, 0, 0, 0}));
}

TEST(ReferenceArithmetic, StepIsOneAboveTheThreshold) {
  const Tensor y = run_op(real_rows({{2, 3, 4, NAN}}), OpKind::Step, ir::StepAttrs{3.0});
  EXPECT_EQ(y.re[0] + y.re[1], 0.0);
  EXPECT_EQ(y.re[2], 1.0);
  EXPECT_TRUE(std::isnan(y.re[3]));
}

TEST(ReferenceArithmetic, FilterbankSumsRunsOfBins) {
  auto matrix = std::make_shared<ir::BandedMatrix>();
  matrix->bins = 4;
  matrix->bands = {{0, 2, 0}, {1, 3, 2}, {3, 0, 5}};
  matrix->weights = {1, 10, 1, 2, 3};
  const Tensor y = run_op(real_rows({{1, 2, 3, 4}, {5, 6, 7, 8}}), OpKind::Filterbank,
                          ir::FilterbankAttrs{std::move(matrix)});
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(y.re, (Values{21, 20, 0, 65, 44, 0}));
}

TEST(ReferenceArithmetic, LogarithmsHaveAFloorAndKeepNaN) {
  const Tensor x = real_rows({{100, 0, -5, NAN}});
  const Tensor ten = run_op(x, OpKind::Log, ir::LogAttrs{ir::LogBase::ten, 1e-10});
  EXPECT_EQ(ten.re[0], 2.0);
  EXPECT_EQ(ten.re[1], -10.0);
  EXPECT_EQ(ten.re[2], -10.0);
  EXPECT_TRUE(std::isnan(ten.re[3]));
  const Tensor natural = run_op(x, OpKind::Log, ir::LogAttrs{ir::LogBase::e, 0.0});
  EXPECT_EQ(natural.re[0], std::log(100.0));
  EXPECT_EQ(natural.re[1], -INFINITY);
}

}  // namespace
}  // namespace papilio::reference
