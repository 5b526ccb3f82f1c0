/// Every op with a gradient in its sample graph, and in the other forms that it has: what walks
/// over the table are made of.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/gradient_check.h"

namespace papilio::ir::cases {

using samples::frames;
using samples::Inputs;
using samples::powers;

/// A tensor of which a random loss is taken.
struct Case {
  std::string name;
  Build tensor;
};

inline std::vector<Case> samples_of_ops() {
  std::vector<Case> cases;
  for (const OpInfo& info : all_ops()) {
    const bool none = info.gradient == Gradient::rank || info.gradient == Gradient::late;
    if (none) continue;
    const OpKind kind = info.kind;
    cases.push_back({std::string(info.text), [kind](GraphBuilder& b, Inputs in) {
                       return samples::sample_node(kind, b, in);
                     }});
  }
  return cases;
}

inline FrameAttrs framing(PadMode pad, FrameCount count, std::int64_t fixed_samples) {
  FrameAttrs a;
  a.rule = {8, 3, 5, count == FrameCount::rounded ? 0 : 4, count, fixed_samples};
  a.pad = pad;
  return a;
}

inline Case framed(std::string name, const FrameAttrs& attrs) {
  return {std::move(name),
          [attrs](GraphBuilder& b, Inputs in) { return b.add(OpKind::Frame, {in.x}, attrs); }};
}

inline std::vector<Case> other_framings() {
  using enum PadMode;
  return {
      framed("frame_zeros", framing(zeros, FrameCount::full, 0)),
      framed("frame_reflect", framing(reflect, FrameCount::drop_last, 0)),
      framed("frame_mirror", framing(mirror, FrameCount::rounded, 0)),
      framed("frame_cut", framing(reflect, FrameCount::full, 20)),
      framed("frame_filled", framing(zeros, FrameCount::full, 40)),
      {"unframe_mirror",
       [](GraphBuilder& b, Inputs in) {
         const FrameAttrs a = framing(mirror, FrameCount::rounded, 0);
         return b.add(OpKind::Unframe, {b.add(OpKind::Frame, {in.z}, a), in.x}, a);
       }},
  };
}

/// An op with one input, of frames of a length, real or complex.
inline Case of_frames(std::string name, bool complex, std::int64_t length, OpKind op, Attrs attrs) {
  return {std::move(name), [=](GraphBuilder& b, Inputs in) {
            return b.add(op, {frames(b, complex ? in.z : in.x, length)}, attrs);
          }};
}

inline FilterbankAttrs crossed_bank() {
  auto matrix = std::make_shared<BandedMatrix>();
  matrix->bins = 6;
  matrix->bands = {{4, 2, 0}, {0, 2, 2}, {1, 0, 4}, {0, 2, 4}};
  matrix->weights = {1.0, -0.5, 0.25, 1.5, 2.0, 0.75};
  return {std::move(matrix)};
}

inline std::vector<Case> other_attributes() {
  return {
      of_frames("detrend_constant", false, 8, OpKind::Detrend, DetrendAttrs{Trend::constant}),
      of_frames("preemphasis_of_one", false, 1, OpKind::Preemphasis, PreemphasisAttrs{0.9}),
      of_frames("rfft_odd", false, 9, OpKind::Rfft, FftAttrs{9, 0.5}),
      of_frames("rfft_of_one", false, 1, OpKind::Rfft, FftAttrs{1, 1.0}),
      of_frames("irfft_even", true, 5, OpKind::Irfft, FftAttrs{8, 0.125}),
      of_frames("irfft_of_two", true, 2, OpKind::Irfft, FftAttrs{2, 1.0}),
      of_frames("fft_odd", true, 7, OpKind::Fft, FftAttrs{7, 3.0}),
      of_frames("ifft_odd", true, 9, OpKind::Ifft, FftAttrs{9, 1.0}),
      of_frames("log_natural", false, 8, OpKind::Log, LogAttrs{LogBase::e, 0.1}),
      of_frames("clamp_frame", false, 8, OpKind::ClampRange,
                ClampRangeAttrs{1.0, RangeMax::frame, 0.0}),
      of_frames("clamp_fixed", false, 8, OpKind::ClampRange,
                ClampRangeAttrs{1.0, RangeMax::fixed, 0.75}),
      of_frames("filterbank_crossed", false, 6, OpKind::Filterbank, crossed_bank()),
      of_frames("median_of_odd", false, 5, OpKind::MedianFrames, NoAttrs{}),
      of_frames("sum_elements_mean", true, 5, OpKind::SumElements, SumAttrs{true}),
      of_frames("sum_items_sum", false, 5, OpKind::SumItems, SumAttrs{false}),
  };
}

/// A product or a sum of what two functions make.
inline Case pair_of(std::string name, OpKind op, const Build& first, const Build& second,
                    const Attrs& attrs = NoAttrs{}) {
  return {std::move(name), [=](GraphBuilder& b, Inputs in) {
            const NodeId x = first(b, in);
            return b.add(op, {x, second(b, in)}, attrs);
          }};
}

inline std::vector<Case> other_operands() {
  const Build x = [](GraphBuilder& b, Inputs in) { return frames(b, in.x, 4); };
  const Build z = [](GraphBuilder& b, Inputs in) { return frames(b, in.z, 4); };
  const Build spectrum = [](GraphBuilder& b, Inputs in) {
    return b.add(OpKind::Fft, {frames(b, in.z, 4)}, FftAttrs{4, 1.0});
  };
  const Build p = [](GraphBuilder& b, Inputs) { return b.param("p", {4}); };
  const Build q = [](GraphBuilder& b, Inputs) { return b.param("q", {4}, true); };
  const Build scalar = [](GraphBuilder& b, Inputs) { return b.param("s", {1}, true); };
  const Build column = [](GraphBuilder& b, Inputs in) {
    return b.add(OpKind::SumElements, {frames(b, in.z, 4)}, SumAttrs{});
  };
  return {
      pair_of("mul_square", OpKind::Mul, x, x),
      pair_of("mul_real_param", OpKind::Mul, x, p),
      pair_of("mul_complex_real", OpKind::Mul, z, x),
      pair_of("mul_complex_complex", OpKind::Mul, z, spectrum),
      pair_of("mul_complex_real_param", OpKind::Mul, z, p),
      pair_of("mul_complex_param", OpKind::Mul, z, q),
      pair_of("mul_params", OpKind::Mul, q, p),
      pair_of("mul_columns", OpKind::Mul, column, scalar),
      pair_of("add_real_param", OpKind::Add, x, p),
      pair_of("add_complex_real_param", OpKind::Add, z, p),
      pair_of("add_complex_param", OpKind::Add, z, q),
      pair_of("add_params", OpKind::Add, q, p),
      pair_of("concat_complex", OpKind::Concat, z, spectrum),
      pair_of("spread_vector_mean", OpKind::Spread, q, x, SumAttrs{true}),
      pair_of("spread_column", OpKind::Spread, column, x, SumAttrs{}),
      pair_of("spread_column_mean", OpKind::Spread, column, x, SumAttrs{true}),
      pair_of("spread_scalar", OpKind::Spread, scalar, x, SumAttrs{}),
      pair_of("spread_scalar_mean", OpKind::Spread, scalar, q, SumAttrs{true}),
  };
}

inline std::vector<Case> other_choices() {
  const Build x = [](GraphBuilder& b, Inputs in) { return frames(b, in.x, 5); };
  const Build v = [](GraphBuilder& b, Inputs in) {
    return b.add(OpKind::Real, {frames(b, in.z, 5)});
  };
  const Build folded = [v](GraphBuilder& b, Inputs in) {
    return b.add(OpKind::MeanFrames, {v(b, in)});
  };
  const ClampRangeAttrs frame{1.0, RangeMax::frame, 0.0};
  const ClampRangeAttrs fixed{1.0, RangeMax::fixed, 0.75};
  return {
      pair_of("unfold_mean", OpKind::UnfoldFrames, folded, x, FoldAttrs{FrameFold::mean}),
      pair_of("unfold_max", OpKind::UnfoldFrames, folded, x, FoldAttrs{FrameFold::max}),
      pair_of("fold_as_mean", OpKind::FoldFramesAs, v, x, FoldAttrs{FrameFold::mean}),
      pair_of("fold_as_median", OpKind::FoldFramesAs, v, x, FoldAttrs{FrameFold::median}),
      pair_of("unclamp_frame", OpKind::UnclampRange, v, x, frame),
      pair_of("unclamp_fixed", OpKind::UnclampRange, v, x, fixed),
      pair_of("clamp_as_frame", OpKind::ClampRangeAs, v, x, frame),
      pair_of("clamp_as_fixed", OpKind::ClampRangeAs, v, x, fixed),
  };
}

inline std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& part : {samples_of_ops(), other_framings(), other_attributes(), other_operands(),
                           other_choices()}) {
    cases.insert(cases.end(), part.begin(), part.end());
  }
  return cases;
}

inline Build loss_of(const Case& c) {
  return [c](GraphBuilder& b, Inputs in) { return random_loss(b, c.tensor(b, in)); };
}

}  // namespace papilio::ir::cases
