// The transforms against FFTW in double, and against what must hold exactly.
#include "reference/fft.h"

#include <fftw3.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using Signal = std::vector<std::complex<double>>;

Signal noise(std::int64_t n) {
  std::mt19937_64 random(static_cast<std::uint64_t>(n));
  std::normal_distribution<double> normal;
  Signal x(static_cast<std::size_t>(n));
  for (auto& value : x) value = {normal(random), normal(random)};
  return x;
}

Signal fftw(Signal x, int sign) {
  auto* data = reinterpret_cast<fftw_complex*>(x.data());
  const fftw_plan plan =
      fftw_plan_dft_1d(static_cast<int>(x.size()), data, data, sign, FFTW_ESTIMATE);
  fftw_execute(plan);
  fftw_destroy_plan(plan);
  return x;
}

/// ||a - b|| / ||b||
double distance(const Signal& a, const Signal& b) {
  double difference = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += std::norm(a[i] - b[i]);
    norm += std::norm(b[i]);
  }
  return std::sqrt(difference / norm);
}

void expect_like_fftw(std::int64_t n, double tolerance) {
  const Signal x = noise(n);
  EXPECT_LT(distance(dft(x, false), fftw(x, FFTW_FORWARD)), tolerance) << n;
  EXPECT_LT(distance(dft(x, true), fftw(x, FFTW_BACKWARD)), tolerance) << n;
}

TEST(ReferenceFft, EveryLengthTo128) {
  for (std::int64_t n = 1; n <= 128; ++n) expect_like_fftw(n, 2e-15);
}

TEST(ReferenceFft, SmoothLengths) {
  for (const std::int64_t n : {400, 1000, 1024, 4050, 4096, 65536, 98415, 131072}) {
    expect_like_fftw(n, 2e-15);
  }
}

TEST(ReferenceFft, PrimeLengths) {
  for (const std::int64_t n : {127, 509, 1021, 2053}) expect_like_fftw(n, 2e-14);
}

TEST(ReferenceFft, UnitRootsAreExactAtQuarterTurnsAndOnTheCircle) {
  EXPECT_EQ(unit_root(0, 12), std::complex<double>(1.0, 0.0));
  EXPECT_EQ(unit_root(3, 12), std::complex<double>(0.0, -1.0));
  EXPECT_EQ(unit_root(6, 12), std::complex<double>(-1.0, 0.0));
  EXPECT_EQ(unit_root(9, 12), std::complex<double>(0.0, 1.0));
  EXPECT_DOUBLE_EQ(unit_root(1, 8).real(), -unit_root(1, 8).imag());
  for (const std::int64_t n : {7, 30, 1000, 131072}) {
    for (std::int64_t k = 0; k < n; k += 1 + n / 500) {
      const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
      EXPECT_NEAR(unit_root(k, n).real(), std::cos(angle), 1e-15);
      EXPECT_NEAR(unit_root(k, n).imag(), -std::sin(angle), 1e-15);
    }
  }
}

TEST(ReferenceFft, ParsevalHolds) {
  const Signal x = noise(360);
  double time = 0.0;
  double frequency = 0.0;
  for (const auto& value : x) time += std::norm(value);
  for (const auto& value : dft(x, false)) frequency += std::norm(value);
  EXPECT_NEAR(frequency / (360.0 * time), 1.0, 1e-14);
}

TEST(ReferenceFft, RfftIsTheFirstHalfTimesScale) {
  for (const std::int64_t n : {1, 2, 9, 10}) {
    const Signal x = noise(n);
    std::vector<double> real;
    Signal padded;
    for (const auto& value : x) {
      real.push_back(value.real());
      padded.push_back(value.real());
    }
    const Tensor y = run_op(real_rows({real}), ir::OpKind::Rfft, ir::FftAttrs{n, 0.5});
    const Signal full = fftw(padded, FFTW_FORWARD);
    ASSERT_EQ(y.last(), n / 2 + 1);
    for (std::int64_t k = 0; k < y.last(); ++k) {
      EXPECT_NEAR(std::abs(y.at(k) - 0.5 * full[static_cast<std::size_t>(k)]), 0.0, 1e-14);
    }
  }
}

TEST(ReferenceFft, IfftUndoesFft) {
  const Tensor x = complex_row(noise(24));
  const Tensor y = run_op(x, [](ir::GraphBuilder& b, ir::NodeId in) {
    const ir::NodeId spectrum = b.add(ir::OpKind::Fft, {in}, ir::FftAttrs{24, 1.0});
    return b.add(ir::OpKind::Ifft, {spectrum}, ir::FftAttrs{24, 1.0 / 24.0});
  });
  for (std::int64_t i = 0; i < 24; ++i) EXPECT_NEAR(std::abs(y.at(i) - x.at(i)), 0.0, 1e-14);
}

TEST(ReferenceFft, IrfftUndoesRfftForEvenAndOddLengths) {
  for (const std::int64_t n : {1, 2, 9, 10}) {
    std::vector<double> row;
    for (const auto& value : noise(n)) row.push_back(value.real());
    const Tensor y = run_op(real_rows({row}), [&](ir::GraphBuilder& b, ir::NodeId in) {
      const ir::NodeId bins = b.add(ir::OpKind::Rfft, {in}, ir::FftAttrs{n, 1.0});
      return b.add(ir::OpKind::Irfft, {bins}, ir::FftAttrs{n, 1.0 / static_cast<double>(n)});
    });
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(y.re[i], row[i], 1e-14);
  }
}

// numpy.fft.irfft([1+5j, 2+3j, 4+7j], 4) = [2.25, -2.25, 0.25, 0.75]
TEST(ReferenceFft, IrfftIgnoresImaginaryPartsOfDcAndNyquist) {
  const Tensor y =
      run_op(complex_row({{1, 5}, {2, 3}, {4, 7}}), ir::OpKind::Irfft, ir::FftAttrs{4, 0.25});
  const double expected[] = {2.25, -2.25, 0.25, 0.75};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(y.re[i], expected[i], 1e-15);
}

}  // namespace
}  // namespace papilio::reference
