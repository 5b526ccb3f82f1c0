// Welch's graph: which ops, in which order, with which numbers.
#include "spectral/welch.h"
#include "spectral/window.h"

#include "spectral/support.h"

namespace papilio::spectral {
namespace {

ir::Graph graph_of(const WelchOptions& options, bool complex_input = false) {
  return build_welch({options, 0}, complex_input, DType::f32);
}

TEST(WelchGraph, DefaultChain) {
  const ir::Graph graph = graph_of({});
  EXPECT_EQ(chain_of(graph), "frame detrend mul rfft power mean_frames mul");
  EXPECT_EQ(graph.outputs()[0].name, "psd");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[0].node).type), "f32[rows, bin 129]");
}

TEST(WelchGraph, SegmentsHopByTheirLengthLessTheOverlap) {
  const ir::Graph graph = graph_of({.nperseg = 101, .noverlap = 31});
  const auto& frame = node_of(graph, ir::OpKind::Frame).as<ir::FrameAttrs>();
  EXPECT_EQ(frame.rule.length, 101);
  EXPECT_EQ(frame.rule.hop, 70);
  EXPECT_EQ(frame.pad, ir::PadMode::none);
}

TEST(WelchGraph, OverlapIsHalfRoundedDownByDefault) {
  EXPECT_EQ(node_of(graph_of({.nperseg = 101}), ir::OpKind::Frame).as<ir::FrameAttrs>().rule.hop,
            51);
}

TEST(WelchGraph, ZeroPadsToALongerTransform) {
  const ir::Graph graph = graph_of({.nperseg = 100, .n_fft = 128});
  EXPECT_EQ(chain_of(graph), "frame detrend mul pad rfft power mean_frames mul");
  EXPECT_EQ(node_of(graph, ir::OpKind::Pad).as<ir::PadAttrs>().before, 0);
  EXPECT_EQ(node_of(graph, ir::OpKind::Rfft).as<ir::FftAttrs>().n, 128);
}

TEST(WelchGraph, DetrendsAndAverages) {
  EXPECT_EQ(chain_of(graph_of({.detrend = Detrend::none, .average = Average::max})),
            "frame mul rfft power max_frames mul");
  const ir::Graph graph = graph_of({.detrend = Detrend::linear, .average = Average::median});
  EXPECT_EQ(chain_of(graph), "frame detrend mul rfft power median_frames mul");
  EXPECT_EQ(node_of(graph, ir::OpKind::Detrend).as<ir::DetrendAttrs>().trend, ir::Trend::linear);
}

TEST(WelchGraph, ComplexInputIsTwoSidedAndNotDoubled) {
  const ir::Graph graph = graph_of({.nperseg = 8, .scaling = Scaling::none}, true);
  EXPECT_EQ(chain_of(graph), "frame detrend mul fft power mean_frames mul");
  EXPECT_EQ(factor_of(graph, products_of(graph)[1]), std::vector<double>(8, 1.0));
}

TEST(WelchGraph, InteriorBinsAreDoubled) {
  const ir::Graph even = graph_of({.nperseg = 6, .scaling = Scaling::none});
  EXPECT_EQ(factor_of(even, products_of(even)[1]), (std::vector<double>{1, 2, 2, 1}));
  const ir::Graph odd = graph_of({.nperseg = 5, .scaling = Scaling::none});
  EXPECT_EQ(factor_of(odd, products_of(odd)[1]), (std::vector<double>{1, 2, 2}));
}

TEST(WelchGraph, ScalingsDivideByTheWindowsSums) {
  const WelchOptions density{.fs = 50.0, .window = {"", {1.0, 2.0, 3.0, 4.0}}, .nperseg = 4};
  const ir::Graph a = graph_of(density);
  EXPECT_DOUBLE_EQ(factor_of(a, products_of(a)[1])[0], 1.0 / (50.0 * 30.0));
  WelchOptions spectrum = density;
  spectrum.scaling = Scaling::spectrum;
  const ir::Graph b = graph_of(spectrum);
  EXPECT_DOUBLE_EQ(factor_of(b, products_of(b)[1])[0], 1.0 / 100.0);
}

TEST(WelchGraph, TheWindowIsTheSegments) {
  const ir::Graph graph = graph_of({.window = {"blackman", {}}, .nperseg = 16});
  EXPECT_EQ(factor_of(graph, products_of(graph)[0]), make_window({"blackman", {}}, 16, "psd"));
}

TEST(WelchGraph, AFrequencyRangeIsASlice) {
  const ir::Graph graph = graph_of({.fs = 256.0, .fmin = 10.0, .fmax = 20.5});
  EXPECT_EQ(chain_of(graph), "frame detrend mul rfft power mean_frames mul slice");
  const auto& slice = node_of(graph, ir::OpKind::Slice).as<ir::SliceAttrs>();
  EXPECT_EQ(slice.begin, 10);
  EXPECT_EQ(slice.end, 21);
}

TEST(WelchGraph, SegmentPowersKeepTheFrames) {
  const ir::Graph graph = build_segment_powers({{.fs = 256.0, .fmax = 9.0}, 0}, false, DType::f64);
  EXPECT_EQ(chain_of(graph), "frame detrend mul rfft power mul slice");
  EXPECT_EQ(graph.outputs()[0].name, "segments");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[0].node).type),
            "f64[rows, frames(256/128), bin 10]");
}

}  // namespace
}  // namespace papilio::spectral
