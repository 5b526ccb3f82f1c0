// Gradients through whole pipelines, for the samples and for a window that is a parameter, against
// central differences.
#include <gtest/gtest.h>

#include "ir/gradient_check.h"
#include "ir/verify.h"

namespace papilio::ir {
namespace {

using samples::Inputs;

constexpr double kTolerance = 1e-8;

/// 8-point power spectra of windowed frames.
NodeId windowed_powers(GraphBuilder& b, NodeId frames) {
  const NodeId windowed = b.add(OpKind::Mul, {frames, b.param("window", {8})});
  return b.add(OpKind::Power, {b.add(OpKind::Rfft, {windowed}, FftAttrs{8, 1.0})});
}

/// Welch's PSD against a given one.
NodeId welch_loss(GraphBuilder& b, Inputs in) {
  const NodeId detrended = b.add(OpKind::Detrend, {samples::frames(b, in.x)}, DetrendAttrs{});
  const NodeId psd = b.add(OpKind::MeanFrames, {windowed_powers(b, detrended)});
  return mean_squared_error(b, psd, b.constant({1.0, 2.0, 0.5, 3.0, 1.5}));
}

/// Padded frames, window, mel-like bands, log and dynamic range as whisper orders them.
NodeId log_mel_loss(GraphBuilder& b, Inputs in) {
  FrameAttrs frame;
  frame.rule = {8, 3, 4, 4, FrameCount::drop_last, 0};
  frame.pad = PadMode::reflect;
  const NodeId powers = windowed_powers(b, b.add(OpKind::Frame, {in.x}, frame));
  const NodeId mel = b.add(OpKind::Filterbank, {powers}, samples::small_bank());
  const NodeId log = b.add(OpKind::Log, {mel}, LogAttrs{LogBase::ten, 1e-10});
  const NodeId clamped = b.add(OpKind::ClampRange, {log}, ClampRangeAttrs{1.0, RangeMax::clip, 0});
  const NodeId scaled = b.add(OpKind::Affine, {clamped}, AffineAttrs{0.25, 1.0});
  return mean_squared_error(b, scaled, b.constant({0.5, 1.0, 0.75}));
}

/// A learned filter between a transform and its inverse, against other rows.
NodeId filter_loss(GraphBuilder& b, Inputs in) {
  const NodeId z = samples::frames(b, in.z);
  const NodeId spectrum = b.add(OpKind::Fft, {z}, FftAttrs{8, 1.0});
  const NodeId filtered = b.add(OpKind::Mul, {spectrum, b.param("filter", {8}, true)});
  const NodeId back = b.add(OpKind::Ifft, {filtered}, FftAttrs{8, 0.125});
  return mean_squared_error(b, back, samples::frames(b, in.x));
}

/// Magnitudes of one spectrum used three times: mean, maximum and median over its frames.
NodeId fan_out_loss(GraphBuilder& b, Inputs in) {
  const NodeId spectrum = b.add(OpKind::Rfft, {samples::frames(b, in.x)}, FftAttrs{8, 1.0});
  const NodeId size = b.add(OpKind::Magnitude, {spectrum});
  const NodeId sum =
      b.add(OpKind::Add, {b.add(OpKind::MeanFrames, {size}), b.add(OpKind::MaxFrames, {size})});
  const NodeId all = b.add(OpKind::Mul, {sum, b.add(OpKind::MedianFrames, {size})});
  return mean_of(b, all);
}

struct Pipeline {
  const char* name;
  NodeId (*loss)(GraphBuilder&, Inputs);
};

class GradientPipeline : public testing::TestWithParam<Pipeline> {};

TEST_P(GradientPipeline, IsThatOfCentralDifferences) {
  EXPECT_LE(gradient_error(GetParam().loss), kTolerance);
}

TEST_P(GradientPipeline, HasHessianVectorProducts) {
  EXPECT_LE(hessian_error(GetParam().loss), kTolerance);
}

TEST_P(GradientPipeline, VerifiesAndReachesInputsAndParams) {
  const Graph gradient = gradient_graph(GetParam().loss);
  EXPECT_NO_THROW(verify(gradient));
  EXPECT_NO_THROW(verify(hessian_graph(GetParam().loss)));
  const auto g = reference::interpret(gradient, noise_for(gradient));
  int reached = 0;
  for (const Tensor& tensor : g) reached += norm(tensor) > 0.0;
  const bool has_param = g.size() > 2;
  EXPECT_GE(reached, has_param ? 2 : 1);
}

INSTANTIATE_TEST_SUITE_P(Losses, GradientPipeline,
                         testing::Values(Pipeline{"Welch", welch_loss},
                                         Pipeline{"LogMel", log_mel_loss},
                                         Pipeline{"Filter", filter_loss},
                                         Pipeline{"FanOut", fan_out_loss}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace papilio::ir
