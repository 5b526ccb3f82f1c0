// Mel graphs of every profile: which ops, in which order, with which numbers.
#include "spectral/mel.h"
#include "spectral/support.h"
#include "spectral/window.h"

namespace papilio::spectral {
namespace {

MelOptions mel_profile(const std::string& name, double fs = 16000.0) {
  return std::get<MelOptions>(profile("mel", name, fs).options);
}

ir::Graph graph_of(const MelOptions& options) { return build_log_mel({options, 0}, DType::f32); }

const ir::FrameAttrs& frame_of(const ir::Graph& graph) {
  return node_of(graph, ir::OpKind::Frame).as<ir::FrameAttrs>();
}

TEST(MelGraph, Whisper) {
  const ir::Graph graph = graph_of(mel_profile("whisper"));
  EXPECT_EQ(chain_of(graph), "frame mul rfft power filterbank log clamp_range affine");
  EXPECT_EQ(graph.outputs()[0].name, "mel");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[0].node).type),
            "f32[rows, frames(400/160), band 80]");
  EXPECT_EQ(frame_of(graph).pad, ir::PadMode::reflect);
  EXPECT_EQ(frame_of(graph).rule.count, ir::FrameCount::drop_last);
  EXPECT_EQ(frame_of(graph).rule.frames(480000), 3000);
  const auto& clamp = node_of(graph, ir::OpKind::ClampRange).as<ir::ClampRangeAttrs>();
  EXPECT_EQ(clamp.range, 8.0);
  EXPECT_EQ(clamp.over, ir::RangeMax::clip);
  EXPECT_EQ(node_of(graph, ir::OpKind::Log).as<ir::LogAttrs>().floor, 1e-10);
}

TEST(MelGraph, Librosa) {
  const ir::Graph graph = graph_of(mel_profile("librosa", 22050.0));
  EXPECT_EQ(chain_of(graph), "frame mul rfft power filterbank");
  EXPECT_EQ(frame_of(graph).pad, ir::PadMode::zeros);
  EXPECT_EQ(frame_of(graph).rule.frames(22050), 1 + 22050 / 512);
}

TEST(MelGraph, Torchaudio) {
  const ir::Graph graph = graph_of(mel_profile("torchaudio"));
  EXPECT_EQ(chain_of(graph), "frame mul rfft power filterbank");
  EXPECT_EQ(frame_of(graph).rule.frames(16000), 1 + 16000 / 200);
}

TEST(MelGraph, Kaldi) {
  const ir::Graph graph = graph_of(mel_profile("kaldi"));
  EXPECT_EQ(chain_of(graph), "frame detrend preemphasis mul pad rfft power filterbank log");
  EXPECT_EQ(frame_of(graph).pad, ir::PadMode::none);
  EXPECT_EQ(frame_of(graph).rule.length, 400);
  EXPECT_EQ(frame_of(graph).rule.frames(16000), 98);
  const std::vector<double> window = make_window({"povey", {}}, 400, "mel");
  EXPECT_EQ(factor_of(graph, products_of(graph)[0])[200], 32768.0 * window[200]);
}

TEST(MelGraph, KaldiWithoutSnipEdgesMirrors) {
  MelOptions options = mel_profile("kaldi");
  options.snip_edges = false;
  const ir::Graph graph = graph_of(options);
  EXPECT_EQ(frame_of(graph).pad, ir::PadMode::mirror);
  EXPECT_EQ(frame_of(graph).rule.pad_left, 200 - 80);
  EXPECT_EQ(frame_of(graph).rule.frames(16000), 100);
}

TEST(MelGraph, Rlx) {
  const ir::Graph graph = graph_of(mel_profile("rlx"));
  EXPECT_EQ(chain_of(graph), "frame mul rfft power filterbank log clamp_range affine");
  EXPECT_EQ(frame_of(graph).pad, ir::PadMode::none);
  EXPECT_EQ(frame_of(graph).rule.frames(1024), 1);
  EXPECT_EQ(node_of(graph, ir::OpKind::ClampRange).as<ir::ClampRangeAttrs>().over,
            ir::RangeMax::frame);
}

TEST(MelGraph, AShortWindowIsCentredBetweenZeros) {
  const ir::Graph graph = graph_of({.n_fft = 8, .win_length = 3, .window = {"boxcar", {}}});
  EXPECT_EQ(factor_of(graph, products_of(graph)[0]), (std::vector<double>{0, 0, 1, 1, 1, 0, 0, 0}));
}

TEST(MelGraph, DecibelsAreRelativeToRef) {
  const ir::Graph graph = graph_of({.log = MelLog::db, .ref = 100.0, .range = 80.0});
  EXPECT_EQ(chain_of(graph), "frame mul rfft power filterbank log affine clamp_range");
  const auto& affine = node_of(graph, ir::OpKind::Affine).as<ir::AffineAttrs>();
  EXPECT_EQ(affine.mul, 10.0);
  EXPECT_DOUBLE_EQ(affine.add, -20.0);
}

TEST(MelGraph, MagnitudeAndFixedRange) {
  const ir::Graph graph = graph_of({.power = 1,
                                    .log = MelLog::ln,
                                    .range = 5.0,
                                    .range_max = RangeMaximum::fixed,
                                    .range_fixed = 2.0});
  EXPECT_EQ(chain_of(graph), "frame mul rfft magnitude filterbank log clamp_range");
  EXPECT_EQ(node_of(graph, ir::OpKind::ClampRange).as<ir::ClampRangeAttrs>().maximum, 2.0);
}

TEST(MelGraph, PadToFixesTheSamples) {
  MelOptions options = mel_profile("whisper");
  options.pad_to = 30.0;
  const FittedMel fitted = fit_mel(options, 5000);
  EXPECT_EQ(fitted.fixed_samples, 480000);
  EXPECT_EQ(frame_rule(fitted).frames(5000), 3000);
}

TEST(MelGraph, FrameTimesAreCentres) {
  EXPECT_EQ(frame_times({mel_profile("whisper"), 0}, 480), (std::vector<double>{0.0, 0.01, 0.02}));
  EXPECT_EQ(frame_times({mel_profile("kaldi"), 0}, 560), (std::vector<double>{0.0125, 0.0225}));
  EXPECT_EQ(frame_times(
                {{.fs = 1.0, .n_fft = 4, .win_length = 4, .hop_length = 2, .center = false}, 0}, 8),
            (std::vector<double>{2.0, 4.0, 6.0}));
}

TEST(MelGraph, TheTailIsCounted) {
  EXPECT_EQ(dropped_samples({mel_profile("kaldi"), 0}, 16000), 16000 - (97 * 160 + 400));
  EXPECT_EQ(dropped_samples({mel_profile("librosa"), 0}, 16000), 0);
}

}  // namespace
}  // namespace papilio::spectral
