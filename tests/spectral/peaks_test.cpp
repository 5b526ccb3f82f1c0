// Top-k graphs: their attributes, their outputs, their refusals.
#include "spectral/peaks.h"

#include <cmath>

#include "spectral/support.h"

namespace papilio::spectral {
namespace {

TEST(Peaks, GraphSelectsFromTheWholePsd) {
  const PeaksOptions options{.welch = {.fs = 256.0, .fmin = 10.0, .fmax = 20.0}, .top = 5};
  const ir::Graph graph = build_peaks({options, 0}, false, DType::f32, true);
  EXPECT_EQ(chain_of(graph), "frame detrend mul rfft power mean_frames mul peaks");
  ASSERT_EQ(graph.outputs().size(), 2u);
  EXPECT_EQ(graph.outputs()[0].name, "peaks");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[0].node).type), "f32[rows, rank 5, field 4]");
  EXPECT_EQ(graph.outputs()[1].name, "psd");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[1].node).type), "f32[rows, bin 129]");
  const auto& top = node_of(graph, ir::OpKind::Peaks).as<ir::TopAttrs>();
  EXPECT_EQ(top.fmin_hz, 10.0);
  EXPECT_EQ(top.fmax_hz, 20.0);
  EXPECT_EQ(top.bin_hz, 1.0);
  EXPECT_TRUE(top.one_sided && top.doubled);
}

TEST(Peaks, ConditionsThatAreNotAskedForAreNan) {
  const ir::Graph graph = build_peaks({{.height = 2.0}, 0}, false, DType::f32);
  EXPECT_EQ(graph.outputs().size(), 1u);
  const auto& top = node_of(graph, ir::OpKind::Peaks).as<ir::TopAttrs>();
  EXPECT_EQ(top.height, 2.0);
  EXPECT_TRUE(std::isnan(top.threshold) && std::isnan(top.prominence) && std::isnan(top.fmin_hz) &&
              std::isnan(top.fmax_hz));
  EXPECT_EQ(top.distance, 1);
}

TEST(Peaks, BinsModeAndComplexInput) {
  const ir::Graph graph = build_peaks({{.mode = TopMode::bins}, 0}, true, DType::f32);
  const auto& top = node_of(graph, ir::OpKind::TopBins).as<ir::TopAttrs>();
  EXPECT_FALSE(top.one_sided || top.doubled);
}

TEST(Peaks, RangesWithoutABinAreRefusedForComplexInputToo) {
  const PeaksOptions options{.welch = {.fs = 256.0, .fmin = 10.2, .fmax = 10.8}};
  for (const bool complex : {false, true}) {
    expect_refusal([&] { check_peaks(options, complex, "peaks"); },
                   {"[peaks] no bin lies from 10.2 to 10.8 Hz"});
  }
}

TEST(Peaks, DistanceIsRoundedUpToBins) {
  const auto distance = [](double hz) {
    return distance_bins({.welch = {.fs = 256.0}, .min_distance = hz}, false);
  };
  EXPECT_EQ(distance(0.0), 1);
  EXPECT_EQ(distance(1.0), 1);
  EXPECT_EQ(distance(2.5), 3);
  EXPECT_EQ(distance(1e12), 129);
}

TEST(Peaks, ShrinkingMayLeaveTooFewBins) {
  const PeaksOptions options{.welch = {.short_rows = ShortRows::shrink}, .top = 16};
  EXPECT_EQ(fit_peaks(options, 40, false).options.welch.nperseg, 40);
  expect_refusal([&] { fit_peaks(options, 20, false); },
                 {"[peaks] top 16 is more than the 11 bins"});
}

TEST(Peaks, RefusalsSayWhatToDo) {
  const auto refused = [](const PeaksOptions& options, std::initializer_list<std::string> parts) {
    expect_refusal([&] { check_peaks(options); }, parts);
  };
  refused({.top = 0}, {"[peaks] top is 0", "--top from 1"});
  refused({.top = 130}, {"top 130 is more than the 129 bins", "--top"});
  refused({.height = -1.0}, {"height is -1", "--height of 0 or more"});
  refused({.threshold = NAN}, {"threshold is nan"});
  refused({.prominence = -0.5}, {"prominence is -0.5"});
  refused({.min_distance = -2.0}, {"min_distance is -2", "--min-distance"});
  refused({.mode = TopMode::bins, .height = 1.0}, {"--height", "--mode peaks"});
  refused({.welch = {.noverlap = 300}}, {"[peaks] noverlap 300"});
  refused({.welch = {.fmin = 0.101, .fmax = 0.101}}, {"[peaks] no bin lies"});
}

TEST(Peaks, AllBinsMayBeAskedForOfComplexInput) {
  EXPECT_NO_THROW(check_peaks({.top = 256}, true));
}

}  // namespace
}  // namespace papilio::spectral
