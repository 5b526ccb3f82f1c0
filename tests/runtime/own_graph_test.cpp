// Graphs that no feature builds: a device gives what the reference gives, whatever the passes make
// of them.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "papilio/error.h"
#include "runtime/support.h"
#include "spectral/mel.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {
namespace {

using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

constexpr std::int64_t kSamples = 330;

ir::Graph framed(const std::function<NodeId(GraphBuilder&, NodeId)>& body) {
  GraphBuilder builder(DType::f64);
  ir::FrameAttrs frame;
  frame.rule.length = 32;
  frame.rule.hop = 16;
  const NodeId frames = builder.add(OpKind::Frame, {builder.input("x")}, frame);
  builder.output("o", body(builder, frames));
  return builder.finish();
}

void expect_like_reference(const ir::Graph& graph, bool positive = false) {
  std::vector<double> data = signal(3, kSamples);
  for (double& value : data) value = positive ? std::abs(value) + 1.0 : value;
  const auto input = base::dense(data.data(), DType::f64, {3, kSamples});
  const Outcome want = run(graph, input, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& under_test : runs_under_test()) {
    const Outcome got = run(graph, input, under_test);
    for (std::size_t i = 0; i < want.outputs.size(); ++i) {
      EXPECT_LE(worst_row(got.outputs[i], want.outputs[i], 3), 1e-13) << name_of(under_test);
    }
  }
}

NodeId mean_power(GraphBuilder& b, NodeId x, double scale = 1.0) {
  const NodeId spectrum = b.add(OpKind::Rfft, {x}, ir::FftAttrs{32, scale});
  return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
}

TEST(OwnGraph, ScaledTransformsKeepTheirScaleWhenSegmentsPair) {
  expect_like_reference(framed([](auto& b, NodeId x) { return mean_power(b, x, 0.5); }));
}

// Loading and detrending multiply by a window only if nobody wants the frames otherwise.
TEST(OwnGraph, FramesThatAreWindowedAndWantedOtherwise) {
  std::vector<double> window;
  for (int i = 0; i < 32; ++i) window.push_back(0.25 + 0.05 * i);
  for (const bool detrended : {false, true}) {
    for (const bool named : {false, true}) {
      const auto body = [&](GraphBuilder& b, NodeId frames) {
        const NodeId x = detrended ? b.add(OpKind::Detrend, {frames}, ir::DetrendAttrs{}) : frames;
        if (named) b.output("plain", x);
        const NodeId falling =
            b.add(OpKind::Mul, {x, b.constant({window.rbegin(), window.rend()})});
        const NodeId rising = b.add(OpKind::Mul, {x, b.constant(window)});
        return mean_power(b, named ? rising : b.add(OpKind::Add, {rising, falling}));
      };
      expect_like_reference(framed(body));
    }
  }
}

TEST(OwnGraph, JoinedFramesRideInPairs) {
  expect_like_reference(framed([](auto& b, NodeId x) {
    const NodeId tail = b.add(OpKind::Slice, {x}, ir::SliceAttrs{20, 32});
    const NodeId head = b.add(OpKind::Slice, {x}, ir::SliceAttrs{0, 20});
    return mean_power(b, b.add(OpKind::Concat, {tail, head}));
  }));
}

TEST(OwnGraph, FramesThatAreSquaredOrLoggedAreNotPaired) {
  expect_like_reference(framed([](auto& b, NodeId x) {
    return mean_power(b, b.add(OpKind::Mul, {x, x}));
  }));
  expect_like_reference(framed([](auto& b, NodeId x) {
                          return mean_power(b, b.add(OpKind::Log, {x}, ir::LogAttrs{}));
                        }),
                        true);
  expect_like_reference(framed([](auto& b, NodeId x) {
    return mean_power(b, b.add(OpKind::Affine, {x}, ir::AffineAttrs{2.0, 3.0}));
  }));
}

TEST(OwnGraph, MeanOfACepstrum) {
  expect_like_reference(framed([](auto& b, NodeId x) {
    const NodeId power = b.add(OpKind::Power, {b.add(OpKind::Rfft, {x}, ir::FftAttrs{32, 1.0})});
    const NodeId log = b.add(OpKind::Log, {power}, ir::LogAttrs{ir::LogBase::e, 1e-10});
    const NodeId again = b.add(OpKind::Rfft, {log}, ir::FftAttrs{17, 1.0});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {again})});
  }));
}

TEST(OwnGraph, FramesThemselvesAreAResult) {
  expect_like_reference(framed([](auto&, NodeId x) { return x; }));
  expect_like_reference(framed([](auto& b, NodeId x) {
    return b.add(OpKind::Affine, {x}, ir::AffineAttrs{1.0, 0.0});
  }));
}

TEST(OwnGraph, AnInputThatNothingReadsStaysAPort) {
  GraphBuilder builder(DType::f64);
  builder.input("unused", false, 16);
  const NodeId x = builder.input("x", false, 16);
  builder.output("o", builder.add(OpKind::Rfft, {x}, ir::FftAttrs{16, 1.0}));
  const auto program = compile(builder.finish());
  std::vector<double> data = signal(2, 16);
  const auto view = base::dense(data.data(), DType::f64, {2, 16});
  const std::vector<base::TensorView> inputs{view, view};
  OutputMemory memory(*program, 2, 16);
  Workspace work;
  EXPECT_NO_THROW(program->run(inputs, memory.views, {}, {}, work));
}

TEST(OwnGraph, EqualHashesOfDifferentTablesStayTwoNodes) {
  GraphBuilder builder(DType::f64);
  EXPECT_NE(builder.constant({1.0, 2.0}), builder.constant({2.0, 1.0}));
  EXPECT_EQ(builder.constant({1.0, 2.0}), builder.constant({1.0, 2.0}));
}

TEST(BadSamples, ReflectionShowsTheEarliestOfTwo) {
  auto options = std::get<MelOptions>(profile("mel", "whisper", 16000).options);
  const auto graph = spectral::build_log_mel(spectral::fit_mel(options, 4000), DType::f32);
  std::vector<float> data(4000, 1.0F);
  data[30] = data[35] = std::numeric_limits<float>::quiet_NaN();
  const auto view = base::dense(data.data(), DType::f32, {1, 4000});
  EXPECT_EQ(run(graph, view, {}).status[0].first_bad, 30);
  EXPECT_EQ(run(graph, view, {"reference", {}, 1, {}}).status[0].first_bad, 30);
}

TEST(BadSamples, SamplesThatNoFrameCoversDoNotCount) {
  GraphBuilder builder(DType::f64);
  ir::FrameAttrs frame;
  frame.rule.length = 16;
  frame.rule.hop = 40;
  const NodeId frames = builder.add(OpKind::Frame, {builder.input("x")}, frame);
  builder.output("o", builder.add(OpKind::MeanFrames, {frames}));
  const auto graph = builder.finish();
  std::vector<double> data(200, 1.0);
  data[20] = std::numeric_limits<double>::quiet_NaN();
  const auto view = base::dense(data.data(), DType::f64, {1, 200});
  EXPECT_EQ(run(graph, view, {}).status[0].first_bad, -1);
  EXPECT_EQ(run(graph, view, {"reference", {}, 1, {}}).status[0].first_bad, -1);
}

TEST(BadSamples, NothingLeftAfterSkippingIsNaN) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    WelchOptions options;
    options.nperseg = 32;
    options.average = average;
    const auto graph = spectral::build_welch(spectral::fit_welch(options, 200), false, DType::f32);
    std::vector<float> data(200, std::numeric_limits<float>::infinity());
    for (RunSpec under_test : runs_under_test()) {
      under_test.bad = BadSamples::skip;
      const Outcome got = run(graph, base::dense(data.data(), DType::f32, {1, 200}), under_test);
      for (const double value : got.outputs[0]) EXPECT_TRUE(std::isnan(value));
    }
  }
}

TEST(BadSamples, AFactorBeyondTheTypeFlagsRowsAndNeverCrashes) {
  WelchOptions options;
  options.nperseg = 32;
  const auto graph = spectral::build_welch(spectral::fit_welch(options, 200), false, DType::f32);
  std::vector<float> data(200, 1.0F);
  auto view = base::dense(data.data(), DType::f32, {1, 200});
  view.scale = 1e300;
  for (const RunSpec& under_test : runs_under_test()) {
    EXPECT_EQ(run(graph, view, under_test).status[0].first_bad, 0) << name_of(under_test);
  }
}

TEST(Outputs, StridesThatSplitAComplexElementAreRefused) {
  GraphBuilder builder(DType::f32);
  ir::FrameAttrs frame;
  frame.rule.length = 8;
  frame.rule.hop = 8;
  const NodeId frames = builder.add(OpKind::Frame, {builder.input("x")}, frame);
  builder.output("o", builder.add(OpKind::Rfft, {frames}, ir::FftAttrs{8, 1.0}));
  const auto program = compile(builder.finish());
  std::vector<float> data(32, 1.0F);
  const auto input = base::dense(data.data(), DType::f32, {1, 32});
  OutputMemory memory(*program, 1, 32);
  memory.views[0].byte_strides[2] = 12;
  Workspace work;
  EXPECT_THROW(program->run({&input, 1}, memory.views, {}, {}, work), UserError);
}

}  // namespace
}  // namespace papilio::runtime::testing
