/// One small graph per op of ops.def. The walk over the table calls sample_<Kind> for every row: an
/// op without a sample does not compile.
#pragma once

#include <cmath>
#include <limits>
#include <memory>

#include "ir/graph.h"

namespace papilio::ir::samples {

inline constexpr std::int64_t kRows = 3;
inline constexpr std::int64_t kSamples = 29;

/// The inputs of every sample graph: `x` real and `z` complex, [rows, samples], in this order;
/// samples > 0: rows of exactly so many.
struct Inputs {
  explicit Inputs(GraphBuilder& b, std::int64_t samples = 0)
      : x(b.input("x", false, samples)), z(b.input("z", true, samples)) {}
  NodeId x;
  NodeId z;
};

inline NodeId frames(GraphBuilder& b, NodeId rows, std::int64_t length = 8) {
  FrameAttrs attrs;
  attrs.rule.length = length;
  attrs.rule.hop = 3;
  return b.add(OpKind::Frame, {rows}, attrs);
}

inline NodeId powers(GraphBuilder& b, NodeId rows) {
  return b.add(OpKind::Power, {b.add(OpKind::Rfft, {frames(b, rows)}, FftAttrs{8, 1.0})});
}

/// The top-k of a one-sided PSD of 8-point transforms, without conditions.
inline TopAttrs plain_top() {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  TopAttrs a;
  a.k = 3;
  a.n_fft = 8;
  a.bin_hz = 0.5;
  a.height = a.threshold = a.prominence = a.fmin_hz = a.fmax_hz = none;
  return a;
}

/// Three bands over five bins.
inline FilterbankAttrs small_bank() {
  auto matrix = std::make_shared<BandedMatrix>();
  matrix->bins = 5;
  matrix->bands = {{0, 2, 0}, {1, 3, 2}, {4, 1, 5}};
  matrix->weights = {1.0, 0.5, 0.25, 1.0, 0.25, 2.0};
  return {std::move(matrix)};
}

inline NodeId sample_Input(GraphBuilder&, Inputs in) { return in.x; }
inline NodeId sample_Const(GraphBuilder& b, Inputs) {
  return b.constant({1.0, 2.0, -3.0, 4.0}, true);
}
inline NodeId sample_Param(GraphBuilder& b, Inputs) { return b.param("p", {3, 2}, true); }
inline NodeId sample_Frame(GraphBuilder& b, Inputs in) { return frames(b, in.z); }
inline NodeId sample_Detrend(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Detrend, {frames(b, in.z)}, DetrendAttrs{Trend::linear});
}
inline NodeId sample_Preemphasis(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Preemphasis, {frames(b, in.x)}, PreemphasisAttrs{0.9});
}
inline NodeId sample_Mul(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Mul, {frames(b, in.z, 2), b.constant({1.0, 2.0, -3.0, 4.0}, true)});
}
inline NodeId sample_Add(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Add, {frames(b, in.z), frames(b, in.x)});
}
inline NodeId sample_Affine(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Affine, {in.x}, AffineAttrs{2.0, -1.0});
}
inline NodeId sample_Pad(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Pad, {frames(b, in.x)}, PadAttrs{2, 12});
}
inline NodeId sample_Slice(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Slice, {frames(b, in.x)}, SliceAttrs{2, 7});
}
inline NodeId sample_Concat(GraphBuilder& b, Inputs in) {
  const NodeId x = frames(b, in.x);
  return b.add(OpKind::Concat, {x, b.add(OpKind::Slice, {x}, SliceAttrs{2, 7})});
}
inline NodeId sample_Rfft(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Rfft, {frames(b, in.x)}, FftAttrs{8, 1.0});
}
inline NodeId sample_Irfft(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Irfft, {frames(b, in.z, 5)}, FftAttrs{9, 1.0});
}
inline NodeId sample_Fft(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Fft, {frames(b, in.z)}, FftAttrs{8, 1.0});
}
inline NodeId sample_Ifft(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Ifft, {frames(b, in.z)}, FftAttrs{8, 0.125});
}
inline NodeId sample_Power(GraphBuilder& b, Inputs in) { return b.add(OpKind::Power, {in.z}); }
inline NodeId sample_Magnitude(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Magnitude, {in.z});
}
inline NodeId sample_MeanFrames(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::MeanFrames, {powers(b, in.x)});
}
inline NodeId sample_MaxFrames(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::MaxFrames, {powers(b, in.x)});
}
inline NodeId sample_MedianFrames(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::MedianFrames, {powers(b, in.x)});
}
inline NodeId sample_PairedMeanPower(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::PairedMeanPower, {frames(b, in.x)}, FftAttrs{8, 1.0});
}
inline NodeId sample_Filterbank(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Filterbank, {powers(b, in.x)}, small_bank());
}
inline NodeId sample_Log(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Log, {in.x}, LogAttrs{LogBase::ten, 1e-3});
}
inline NodeId sample_ClampRange(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::ClampRange, {powers(b, in.x)}, ClampRangeAttrs{1.0, RangeMax::clip, 0.0});
}
inline NodeId sample_TopBins(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::TopBins, {powers(b, in.x)}, plain_top());
}
inline NodeId sample_Peaks(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Peaks, {sample_MeanFrames(b, in)}, plain_top());
}

inline NodeId sample_Conj(GraphBuilder& b, Inputs in) { return b.add(OpKind::Conj, {in.z}); }
inline NodeId sample_Real(GraphBuilder& b, Inputs in) { return b.add(OpKind::Real, {in.z}); }
inline NodeId sample_Complex(GraphBuilder& b, Inputs in) { return b.add(OpKind::Complex, {in.x}); }
inline NodeId sample_Inverse(GraphBuilder& b, Inputs in) { return b.add(OpKind::Inverse, {in.x}); }
inline NodeId sample_Step(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Step, {in.x}, StepAttrs{0.25});
}
inline NodeId sample_SumElements(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::SumElements, {in.z}, SumAttrs{});
}
inline NodeId sample_SumItems(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::SumItems, {frames(b, in.z)}, SumAttrs{true});
}
inline NodeId sample_Spread(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Spread, {sample_SumItems(b, in), frames(b, in.x)}, SumAttrs{});
}
inline NodeId sample_Unframe(GraphBuilder& b, Inputs in) {
  const NodeId x = frames(b, in.z);
  return b.add(OpKind::Unframe, {x, in.x}, b.node(x).attrs);
}
inline NodeId sample_UnfoldFrames(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::UnfoldFrames, {sample_MeanFrames(b, in), powers(b, in.x)},
               FoldAttrs{FrameFold::median});
}
inline NodeId sample_FoldFramesAs(GraphBuilder& b, Inputs in) {
  const NodeId v = b.add(OpKind::Real, {frames(b, in.z, 5)});
  return b.add(OpKind::FoldFramesAs, {v, frames(b, in.x, 5)}, FoldAttrs{FrameFold::max});
}
inline NodeId sample_UnclampRange(GraphBuilder& b, Inputs in) {
  const NodeId g = b.add(OpKind::Real, {frames(b, in.z)});
  return b.add(OpKind::UnclampRange, {g, frames(b, in.x)},
               ClampRangeAttrs{1.0, RangeMax::clip, 0.0});
}
inline NodeId sample_ClampRangeAs(GraphBuilder& b, Inputs in) {
  const NodeId v = b.add(OpKind::Real, {frames(b, in.z)});
  return b.add(OpKind::ClampRangeAs, {v, frames(b, in.x)},
               ClampRangeAttrs{1.0, RangeMax::clip, 0.0});
}

inline GatherAttrs choice(std::vector<std::int32_t> index, std::int64_t size) {
  return {std::make_shared<const std::vector<std::int32_t>>(std::move(index)), size};
}

/// Both stages of six positions, twiddles: 3 of radix 2 and 4 of radix 3.
inline ButterflyAttrs small_butterfly() {
  ButterflyAttrs a;
  a.radices = {2, 3};
  a.last = 2;
  a.permutation = choice({0, 3, 1, 4, 2, 5}, 6).index;
  return a;
}

inline NodeId sample_Gather(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Gather, {frames(b, in.z)}, choice({3, 0, 0, 7, 3}, 8));
}
inline NodeId sample_Scatter(GraphBuilder& b, Inputs in) {
  return b.add(OpKind::Scatter, {frames(b, in.z, 4)}, choice({1, 5, 1, 0}, 6));
}
inline NodeId sample_Butterfly(GraphBuilder& b, Inputs in) {
  const NodeId p = b.param("twiddles", {7}, true);
  return b.add(OpKind::Butterfly, {frames(b, in.z, 6), p}, small_butterfly());
}
inline NodeId sample_ButterflyGradient(GraphBuilder& b, Inputs in) {
  const NodeId p = b.param("twiddles", {7}, true);
  const NodeId g = b.add(OpKind::Complex, {frames(b, in.x, 6)});
  return b.add(OpKind::ButterflyGradient, {frames(b, in.z, 6), g, p}, small_butterfly());
}

/// The node of an op in the graph that `b` builds.
inline NodeId sample_node(OpKind kind, GraphBuilder& b, Inputs inputs) {
  switch (kind) {
#define PAPILIO_OP(Kind, text, count, Attributes, space, traits, gradient) \
  case OpKind::Kind:                                                       \
    return sample_##Kind(b, inputs);
#include "ir/ops.def"
#undef PAPILIO_OP
  }
  return -1;
}

/// The sample graph of an op: output "y" is the op's node.
inline Graph sample_graph(OpKind kind, DType compute = DType::f64) {
  GraphBuilder builder(compute);
  const Inputs inputs(builder);
  builder.output("y", sample_node(kind, builder, inputs));
  return builder.finish();
}

}  // namespace papilio::ir::samples
