// Welch's PSD built from plain ops, against scipy 1.11.4. The signal is sin(0.7 t) + 0.01 t^2 + t
// mod 5, t < 40, fs 10, nperseg 8, boxcar; the numbers are those of
//   scipy.signal.welch(x, fs=10, nperseg=8, noverlap=.., window="boxcar", detrend=.., average=..)
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using ir::NodeId;
using ir::OpKind;

double sample(int t) { return std::sin(0.7 * t) + 0.01 * t * t + t % 5; }

Tensor signal() {
  std::vector<double> row;
  for (int t = 0; t < 40; ++t) row.push_back(sample(t));
  return real_rows({row});
}

/// One-sided density: 1 / (fs sum w^2), interior bins doubled.
NodeId welch(ir::GraphBuilder& b, NodeId x, std::optional<ir::Trend> trend, OpKind average) {
  NodeId frames = b.add(OpKind::Frame, {x}, frames_of(8, 3));
  if (trend) frames = b.add(OpKind::Detrend, {frames}, ir::DetrendAttrs{*trend});
  const NodeId spectrum = b.add(OpKind::Rfft, {frames}, ir::FftAttrs{8, 1.0});
  const NodeId powers = b.add(average, {b.add(OpKind::Power, {spectrum})});
  const double density = 1.0 / 80.0;
  return b.add(OpKind::Mul,
               {powers, b.constant({density, 2 * density, 2 * density, 2 * density, density})});
}

void expect_near(const Tensor& psd, const std::vector<double>& expected) {
  ASSERT_EQ(psd.re.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(psd.re[k], expected[k], 2e-14 * expected[1]) << k;
  }
}

TEST(ReferenceWelch, MeanWithConstantDetrend) {
  expect_near(
      run_op(
          signal(),
          [](auto& b, NodeId x) { return welch(b, x, ir::Trend::constant, OpKind::MeanFrames); }),
      {0.0, 1.1465928097569602, 0.8630943351004877, 0.5876275348058686, 0.07899321568864019});
}

TEST(ReferenceWelch, MedianWithLinearDetrend) {
  expect_near(
      run_op(
          signal(),
          [](auto& b, NodeId x) { return welch(b, x, ir::Trend::linear, OpKind::MedianFrames); }),
      {0.0, 0.8748280633062594, 0.6513180236307958, 0.6036581180961678, 0.02563940897046247});
}

TEST(ReferenceWelch, MedianWithoutDetrend) {
  const Tensor psd = run_op(
      signal(), [](auto& b, NodeId x) { return welch(b, x, std::nullopt, OpKind::MedianFrames); });
  EXPECT_NEAR(psd.re[0], 28.759502225449534, 1e-13);
  EXPECT_NEAR(psd.re[3], 0.8857876756372944, 1e-14);
}

// noverlap 4, detrend "linear", average "median", return_onesided=False, on x + i cos(0.3 t^2)
TEST(ReferenceWelch, ComplexIsTwoSided) {
  std::vector<std::complex<double>> row;
  for (int t = 0; t < 40; ++t) row.emplace_back(sample(t), std::cos(0.3 * t * t));
  const Tensor psd = run_op(complex_row(row), [](ir::GraphBuilder& b, NodeId z) {
    NodeId frames = b.add(OpKind::Frame, {z}, frames_of(8, 4));
    frames = b.add(OpKind::Detrend, {frames}, ir::DetrendAttrs{ir::Trend::linear});
    const NodeId powers =
        b.add(OpKind::Power, {b.add(OpKind::Fft, {frames}, ir::FftAttrs{8, 1.0})});
    const NodeId median = b.add(OpKind::MedianFrames, {powers});
    return b.add(OpKind::Affine, {median}, ir::AffineAttrs{1.0 / 80.0, 0.0});
  });
  expect_near(
      psd, {0.0, 0.4716439565740948, 0.43750215688400373, 0.41480032818496293, 0.06934390438343985,
            0.3340117204811785, 0.44967874732550883, 0.4604920486403721});
}

}  // namespace
}  // namespace papilio::reference
