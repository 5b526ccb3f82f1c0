// Transforms that take several kernels, and what is computed of them.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "papilio/error.h"
#include "runtime/cuda/on_gpu.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {
namespace {

using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

/// Lengths whose transforms take several kernels; in emulation the bound of a block is far, so few.
TEST_F(OnGpu, TransformsBeyondABlock) {
  for (const bool real : {true, false}) {
    for (const bool inverse : {false, true}) {
      for (const std::int64_t n : {20000, 32749, 65536, 100000, 131072}) {
        FftOptions options;
        options.real = real;
        options.inverse = inverse;
        options.n = n;
        const std::int64_t length = real && inverse ? n / 2 + 1 : n;
        const bool complex = spectral::takes_complex(options);
        const std::vector<double> values = signal(2, length, 5, complex);
        const std::vector<float> rows(values.begin(), values.end());
        const base::TensorView in = base::dense(const_cast<float*>(rows.data()),
                                                complex ? DType::c64 : DType::f32, {2, length});
        const auto graph = spectral::build_fft(options, length, DType::f32);
        const Outcome got = run(graph, in, {"cuda", {}, 1});
        const Outcome want = run(graph, in, {"cpu", {}, 1});
        EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], 2), 1e-6)
            << n << (real ? " real" : "") << (inverse ? " inverse" : "");
      }
    }
  }
}

/// Segments that just fit a block, or just do not, of chips with little or much shared memory; the
/// primes take convolutions.
TEST_F(OnGpu, SegmentsAboutTheSizeOfABlock) {
  for (const std::int64_t nperseg : {4096, 4099, 8209, 15000}) {
    PeaksOptions options;
    options.welch.nperseg = nperseg;
    const std::int64_t samples = 2 * nperseg;
    std::vector<float> rows = noise(samples);
    const base::TensorView in = base::dense(rows.data(), DType::f32, {1, samples});
    const auto graph = spectral::build_peaks(spectral::fit_peaks(options, samples, false), false,
                                             DType::f32, true);
    const Outcome got = run(graph, in, {"cuda", {}, 1});
    const Outcome want = run(graph, in, {"cpu", {}, 1});
    for (std::size_t i = 0; i < want.outputs.size(); ++i) {
      EXPECT_LE(worst_row(got.outputs[i], want.outputs[i], 1), 1e-5) << nperseg << " " << i;
    }
  }
}

TEST_F(OnGpu, WelchOfLongSegments) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    WelchOptions options;
    options.nperseg = 40000;
    options.average = average;
    std::vector<float> rows = noise(2 * 130000);
    const base::TensorView in = base::dense(rows.data(), DType::f32, {2, 130000});
    const auto graph =
        spectral::build_welch(spectral::fit_welch(options, 130000), false, DType::f32);
    const Outcome got = run(graph, in, {"cuda", {}, 1});
    const Outcome want = run(graph, in, {"cpu", {}, 1});
    EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], 2), 1e-6);
    PeaksOptions peaks;
    peaks.welch = options;
    const auto search =
        spectral::build_peaks(spectral::fit_peaks(peaks, 130000, false), false, DType::f32, false);
    const Outcome found = run(search, in, {"cuda", {}, 1});
    const Outcome wanted = run(search, in, {"cpu", {}, 1});
    EXPECT_LE(worst_row(found.outputs[0], wanted.outputs[0], 2), 1e-5);
  }
}

/// Two rows like the CPU's, and between them one with a bad sample in its second segment.
void expect_flagged(const WelchOptions& options, float bad) {
  constexpr std::int64_t kSamples = 90000;
  std::vector<float> rows = noise(3 * kSamples);
  rows[kSamples + 50000] = bad;
  const base::TensorView in = base::dense(rows.data(), DType::f32, {3, kSamples});
  const auto graph =
      spectral::build_welch(spectral::fit_welch(options, kSamples), false, DType::f32);
  const Outcome got = run(graph, in, {"cuda", {}, 1});
  const Outcome want = run(graph, in, {"cpu", {}, 1});
  const std::size_t bins = want.outputs[0].size() / 3;
  for (std::size_t row = 0; row < 3; ++row) {
    SCOPED_TRACE(row);
    EXPECT_EQ(got.status[row].first_bad, row == 1 ? 50000 : -1);
    EXPECT_FALSE(got.status[row].overflow);
    const auto part = [&](const Outcome& outcome) {
      const auto begin = outcome.outputs[0].begin() + static_cast<std::ptrdiff_t>(row * bins);
      return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(bins));
    };
    if (row == 1) {
      for (const double value : part(got)) ASSERT_TRUE(std::isnan(value));
    } else {
      EXPECT_LE(worst_row(part(got), part(want), 1), 1e-6);
    }
  }
  EXPECT_THROW(run(graph, in, {"cuda", {}, 1, BadSamples::skip}), UserError);
}

/// Without a trend the first kernel of the transform reads the frames itself.
TEST_F(OnGpu, BadSamplesOfLongSegments) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    WelchOptions options;
    options.nperseg = 40000;
    options.average = average;
    options.detrend = average == Average::max ? Detrend::constant : Detrend::none;
    expect_flagged(
        options, average == Average::mean ? std::numeric_limits<float>::infinity() : std::nanf(""));
  }
}

ir::Graph framed(std::int64_t length, const std::function<NodeId(GraphBuilder&, NodeId)>& body) {
  GraphBuilder b(DType::f32);
  const NodeId x = b.add(OpKind::Frame, {b.input("x")}, ir::FrameAttrs{{length, length / 2}, {}});
  b.output("o", body(b, x));
  return b.finish();
}

void expect_like_the_cpu(const ir::Graph& graph, std::int64_t samples, double tolerance) {
  std::vector<float> rows = noise(2 * samples);
  const base::TensorView in = base::dense(rows.data(), DType::f32, {2, samples});
  const Outcome got = run(graph, in, {"cuda", {}, 1});
  const Outcome want = run(graph, in, {"cpu", {}, 1});
  EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], 2), tolerance);
}

/// What needs a whole frame at once, between a long transform and a sum over the frames.
TEST_F(OnGpu, BlocksBehindALongTransform) {
  const auto power = [](GraphBuilder& b, NodeId x) {
    const NodeId z = b.add(OpKind::Rfft, {x}, ir::FftAttrs{40000, 1.0});
    return b.add(OpKind::Power, {z});
  };
  expect_like_the_cpu(framed(40000,
                             [&](GraphBuilder& b, NodeId x) {
                               const NodeId log = b.add(OpKind::Log, {power(b, x)},
                                                        ir::LogAttrs{ir::LogBase::e, 1e-10});
                               const NodeId flat =
                                   b.add(OpKind::Detrend, {log}, ir::DetrendAttrs{});
                               return b.add(OpKind::MeanFrames, {flat});
                             }),
                      90000, 1e-5);
  expect_like_the_cpu(
      framed(40000,
             [&](GraphBuilder& b, NodeId x) {
               const NodeId part = b.add(OpKind::Slice, {power(b, x)}, ir::SliceAttrs{8, 1032});
               const NodeId again = b.add(OpKind::Rfft, {part}, ir::FftAttrs{1024, 1.0});
               return b.add(OpKind::MaxFrames, {b.add(OpKind::Power, {again})});
             }),
      90000, 1e-5);
}

/// The maximum drops what is bad, and still no result of the row may be finite.
TEST_F(OnGpu, BadSamplesThatDoNotReachALongTransform) {
  constexpr std::int64_t kLength = 40000;
  const ir::Graph graph = framed(kLength, [](GraphBuilder& b, NodeId x) {
    const NodeId most = b.add(OpKind::MaxFrames, {x});
    const NodeId z = b.add(OpKind::Rfft, {most}, ir::FftAttrs{kLength, 1.0});
    return b.add(OpKind::Irfft, {z}, ir::FftAttrs{kLength, 1.0 / kLength});
  });
  std::vector<float> rows = noise(2 * 2 * kLength);
  rows[2 * kLength + 30000] = -std::numeric_limits<float>::infinity();
  const base::TensorView in = base::dense(rows.data(), DType::f32, {2, 2 * kLength});
  const Outcome got = run(graph, in, {"cuda", {}, 1});
  EXPECT_EQ(got.status[0].first_bad, -1);
  EXPECT_EQ(got.status[1].first_bad, 30000);
  for (std::size_t i = 0; i < kLength; ++i) {
    ASSERT_TRUE(std::isfinite(got.outputs[0][i])) << i;
    ASSERT_TRUE(std::isnan(got.outputs[0][kLength + i])) << i;
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
