// Every diagnostic of the shape rules: a node that must not be, and what the refusal says.
#include "ir/shapes.h"

#include <gtest/gtest.h>

#include <functional>

#include "ir/op_samples.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

const Type kRow{DType::f32, {rows_dim(), samples_dim()}};
const Type kRow8{DType::f32, {rows_dim(), fixed(Axis::sample, 8)}};
const Type kComplex8{DType::c64, {rows_dim(), fixed(Axis::sample, 8)}};
const Type kVector8{DType::f32, {fixed(Axis::sample, 8)}};
const Type kVector7{DType::f32, {fixed(Axis::sample, 7)}};
const Type kComplexVector8{DType::c64, {fixed(Axis::sample, 8)}};

struct Refused {
  const char* name;
  OpKind op;
  std::vector<Type> inputs;
  Attrs attrs;
  const char* says;
};

std::string refusal(const Refused& c) {
  try {
    infer_type(c.op, c.inputs, c.attrs, DType::f32);
  } catch (const InternalError& error) {
    return error.what();
  }
  return "accepted";
}

FrameAttrs frame(std::int64_t length, std::int64_t hop, std::int64_t left, PadMode pad) {
  FrameAttrs attrs;
  attrs.rule.length = length;
  attrs.rule.hop = hop;
  attrs.rule.pad_left = left;
  attrs.pad = pad;
  return attrs;
}

TopAttrs top(std::int64_t k, std::int64_t n_fft) {
  TopAttrs attrs = samples::plain_top();
  attrs.k = k;
  attrs.n_fft = n_fft;
  return attrs;
}

std::vector<Refused> refused_rows() {
  const Type framed =
      infer_type(OpKind::Frame, {&kRow, 1}, frame(8, 4, 0, PadMode::none), DType::f32);
  return {
      {"WrongArity", OpKind::Power, {kRow8, kRow8}, NoAttrs{}, "power: wrong number of inputs"},
      {"WrongAttributes", OpKind::Power, {kComplex8}, PadAttrs{}, "power: wrong attributes"},
      {"InputWithoutName", OpKind::Input, {}, InputAttrs{}, "input: needs a name"},
      {"ConstWithoutValues", OpKind::Const, {}, ConstAttrs{}, "const: needs values"},
      {"FrameOfFrames",
       OpKind::Frame,
       {framed},
       frame(4, 2, 0, PadMode::none),
       "needs [rows, samples]"},
      {"FrameWithoutLength",
       OpKind::Frame,
       {kRow},
       frame(0, 2, 0, PadMode::none),
       "length and hop"},
      {"FrameWithoutHop", OpKind::Frame, {kRow}, frame(4, 0, 0, PadMode::none), "length and hop"},
      {"FrameNegativePad",
       OpKind::Frame,
       {kRow},
       frame(4, 2, -1, PadMode::zeros),
       "pads of 0 or more"},
      {"FramePadWithoutMode",
       OpKind::Frame,
       {kRow},
       frame(4, 2, 1, PadMode::none),
       "without a pad mode"},
      {"DetrendOfAnyLength",
       OpKind::Detrend,
       {kRow},
       DetrendAttrs{},
       "detrend: needs a fixed length"},
      {"PreemphasisOfAnyLength", OpKind::Preemphasis, {kRow}, PreemphasisAttrs{}, "fixed length"},
      {"PreemphasisOfComplex",
       OpKind::Preemphasis,
       {kComplex8},
       PreemphasisAttrs{},
       "needs real input"},
      {"MulByComplex",
       OpKind::Mul,
       {kRow8, kComplexVector8},
       NoAttrs{},
       "first operand must be complex"},
      {"MulShapes", OpKind::Mul, {kRow8, kVector7}, NoAttrs{}, "mul: shapes differ"},
      {"AddShapes", OpKind::Add, {kRow8, kRow}, NoAttrs{}, "add: shapes differ"},
      {"AddVectorFirst", OpKind::Add, {kVector8, kRow8}, NoAttrs{}, "add: shapes differ"},
      {"AffineOfComplex",
       OpKind::Affine,
       {kComplex8},
       AffineAttrs{1.0, 0.5},
       "affine: an addend needs real input"},
      {"PadTooSmall", OpKind::Pad, {kRow8}, PadAttrs{1, 8}, "does not hold its input"},
      {"PadOfAnyLength", OpKind::Pad, {kRow}, PadAttrs{0, 8}, "does not hold its input"},
      {"SliceEmpty", OpKind::Slice, {kRow8}, SliceAttrs{3, 3}, "empty or out of range"},
      {"SliceBeyond", OpKind::Slice, {kRow8}, SliceAttrs{3, 9}, "empty or out of range"},
      {"ConcatOfAnyLength", OpKind::Concat, {kRow8, kRow}, NoAttrs{}, "needs fixed lengths"},
      {"ConcatOfComplex", OpKind::Concat, {kRow8, kComplex8}, NoAttrs{}, "concat: cannot join"},
      {"ConcatOfVector", OpKind::Concat, {kRow8, kVector8}, NoAttrs{}, "concat: cannot join"},
  };
}

std::vector<Refused> refused_spectra() {
  const Type framed =
      infer_type(OpKind::Frame, {&kRow, 1}, frame(8, 4, 0, PadMode::none), DType::f32);
  return {
      {"RfftOfComplex", OpKind::Rfft, {kComplex8}, FftAttrs{8, 1.0}, "rfft: needs real input"},
      {"RfftLength", OpKind::Rfft, {kRow8}, FftAttrs{7, 1.0}, "rfft: needs n elements"},
      {"IrfftOfReal", OpKind::Irfft, {kRow8}, FftAttrs{14, 1.0}, "irfft: needs complex input"},
      {"IrfftBins", OpKind::Irfft, {kComplex8}, FftAttrs{8, 1.0}, "irfft: needs n / 2 + 1 bins"},
      {"FftOfReal", OpKind::Fft, {kRow8}, FftAttrs{8, 1.0}, "fft: needs complex input"},
      {"IfftLength", OpKind::Ifft, {kComplex8}, FftAttrs{9, 1.0}, "ifft: needs n elements"},
      {"PowerOfReal", OpKind::Power, {kRow8}, NoAttrs{}, "power: needs complex input"},
      {"MagnitudeOfReal", OpKind::Magnitude, {kRow8}, NoAttrs{}, "magnitude: needs complex input"},
      {"MeanWithoutFrames", OpKind::MeanFrames, {kRow8}, NoAttrs{}, "needs [rows, frames, ..]"},
      {"MaxWithoutFrames", OpKind::MaxFrames, {kRow8}, NoAttrs{}, "needs [rows, frames, ..]"},
      {"MedianOfComplex", OpKind::MedianFrames, {kComplex8}, NoAttrs{}, "needs real input"},
      {"PairedLength", OpKind::PairedMeanPower, {framed}, FftAttrs{7, 1.0}, "needs n elements"},
      {"FilterbankBins",
       OpKind::Filterbank,
       {kRow8},
       samples::small_bank(),
       "another number of bins"},
      {"FilterbankNoMatrix",
       OpKind::Filterbank,
       {kRow8},
       FilterbankAttrs{},
       "another number of bins"},
      {"LogOfComplex", OpKind::Log, {kComplex8}, LogAttrs{}, "log: needs real input"},
      {"ClampNegative",
       OpKind::ClampRange,
       {kRow8},
       ClampRangeAttrs{-1.0, RangeMax::frame, 0.0},
       "range of 0 or more"},
      {"TopWithoutK", OpKind::TopBins, {kRow8}, top(0, 15), "needs k above 0"},
      {"TopOfAnyLength", OpKind::Peaks, {kRow}, top(1, 15), "fixed number of bins"},
      {"TopBins", OpKind::Peaks, {kRow8}, top(1, 8), "n_fft does not match"},
  };
}

std::vector<Refused> refused_params_and_parts() {
  return {
      {"ParamWithoutName", OpKind::Param, {}, ParamAttrs{"", {2}, false}, "a name and a shape"},
      {"ParamWithoutShape", OpKind::Param, {}, ParamAttrs{"p", {}, false}, "a name and a shape"},
      {"ParamEmpty", OpKind::Param, {}, ParamAttrs{"p", {2, 0}, false}, "extents above 0"},
      {"ConjOfReal", OpKind::Conj, {kRow8}, NoAttrs{}, "conj: needs complex input"},
      {"RealOfReal", OpKind::Real, {kRow8}, NoAttrs{}, "real: needs complex input"},
      {"ComplexOfComplex", OpKind::Complex, {kComplex8}, NoAttrs{}, "complex: needs real input"},
      {"InverseOfComplex", OpKind::Inverse, {kComplex8}, NoAttrs{}, "inverse: needs real input"},
      {"StepOfComplex", OpKind::Step, {kComplex8}, StepAttrs{}, "step: needs real input"},
  };
}

std::vector<Refused> refused_adjoints() {
  const FrameAttrs rule = frame(8, 4, 0, PadMode::none);
  const Type framed = infer_type(OpKind::Frame, {&kRow, 1}, rule, DType::f32);
  const Type complex_framed{DType::c64, framed.dims};
  const ClampRangeAttrs clamp{1.0, RangeMax::frame, 0.0};
  return {
      {"SpreadLength", OpKind::Spread, {kVector7, kRow8}, SumAttrs{}, "does not fit into"},
      {"SpreadOfAnyLength", OpKind::Spread, {kVector8, kRow}, SumAttrs{}, "does not fit into"},
      {"SpreadRows", OpKind::Spread, {kRow8, framed}, SumAttrs{}, "does not fit into"},
      {"UnframeRule",
       OpKind::Unframe,
       {framed, kRow},
       frame(8, 3, 0, PadMode::none),
       "unframe: frames of another rule"},
      {"UnframeIntoFrames", OpKind::Unframe, {framed, framed}, rule, "needs [rows, samples]"},
      {"UnfoldLength", OpKind::UnfoldFrames, {kRow, framed}, FoldAttrs{}, "does not fit"},
      {"UnfoldOfComplex",
       OpKind::UnfoldFrames,
       {kComplex8, framed},
       FoldAttrs{},
       "unfold_frames: needs real input"},
      {"UnfoldWithoutFrames",
       OpKind::UnfoldFrames,
       {kRow8, kRow8},
       FoldAttrs{},
       "needs [rows, frames, ..]"},
      {"FoldAsShapes", OpKind::FoldFramesAs, {kRow8, framed}, FoldAttrs{}, "shapes differ"},
      {"FoldAsWithoutFrames",
       OpKind::FoldFramesAs,
       {kRow8, kRow8},
       FoldAttrs{},
       "needs [rows, frames, ..]"},
      {"UnclampShapes", OpKind::UnclampRange, {kRow8, framed}, clamp, "shapes differ"},
      {"UnclampOfComplex",
       OpKind::UnclampRange,
       {complex_framed, framed},
       clamp,
       "unclamp_range: needs real input"},
      {"ClampAsShapes", OpKind::ClampRangeAs, {framed, kRow8}, clamp, "shapes differ"},
      {"ClampAsOfComplex",
       OpKind::ClampRangeAs,
       {framed, complex_framed},
       clamp,
       "clamp_range_as: needs real input"},
  };
}

std::vector<Refused> refused_choices() {
  const GatherAttrs none{nullptr, 8};
  const auto to = samples::choice;
  return {
      {"GatherWithoutIndex", OpKind::Gather, {kRow8}, none, "gather: needs an index"},
      {"GatherOfNothing", OpKind::Gather, {kRow8}, to({}, 8), "gather: needs an index"},
      {"GatherBelow", OpKind::Gather, {kRow8}, to({0, -1}, 8), "an index is out of range"},
      {"GatherBeyond", OpKind::Gather, {kRow8}, to({0, 8}, 8), "an index is out of range"},
      {"GatherLength", OpKind::Gather, {kRow8}, to({0, 1}, 7), "needs `size` elements"},
      {"GatherOfAnyLength", OpKind::Gather, {kRow}, to({0, 1}, 7), "needs `size` elements"},
      {"ScatterWithoutIndex", OpKind::Scatter, {kRow8}, none, "scatter: needs an index"},
      {"ScatterBeyond", OpKind::Scatter, {kRow8}, to({0, 3}, 3), "an index is out of range"},
      {"ScatterLength", OpKind::Scatter, {kRow8}, to({0, 1}, 8), "one element per index"},
      {"ScatterOfAnyLength", OpKind::Scatter, {kRow}, to({0, 1}, 8), "one element per index"},
  };
}

/// A butterfly of eight positions, changed.
ButterflyAttrs butterfly(const std::function<void(ButterflyAttrs&)>& change) {
  ButterflyAttrs a;
  a.radices = {2, 4};
  a.last = 2;
  change(a);
  return a;
}

Type complex_vector(std::int64_t n) { return {DType::c64, {fixed(Axis::sample, n)}}; }

/// Twiddles of a stage of radix 2 and one of radix 4.
const Type kTwiddles = complex_vector(4 + 6);

std::vector<Refused> refused_butterflies() {
  using A = ButterflyAttrs;
  const auto of = [](const char* name, const char* says,
                     const std::function<void(ButterflyAttrs&)>& change) {
    return Refused{name, OpKind::Butterfly, {kComplex8, kTwiddles}, butterfly(change), says};
  };
  const auto permuted = [](std::vector<std::int32_t> list) {
    return [list](A& a) { a.permutation = samples::choice(list, 0).index; };
  };
  return {
      of("NoRadices", "needs radices from 2 to 32", [](A& a) { a.radices = {}; }),
      of("RadixOfOne", "needs radices from 2 to 32",
         [](A& a) {
           a.radices = {8, 1};
         }),
      of("RadixTooLarge", "needs radices from 2 to 32",
         [](A& a) {
           a.radices = {33, 2};
         }),
      of("OtherSize", "needs n elements",
         [](A& a) {
           a.radices = {2, 2};
         }),
      of("HugeSize", "needs n elements", [](A& a) { a.radices.assign(20, 32); }),
      of("NoStages", "needs stages that the network has", [](A& a) { a.last = 0; }),
      of("StagesBefore", "needs stages that the network has", [](A& a) { a.first = -1; }),
      of("StagesBeyond", "needs stages that the network has", [](A& a) { a.last = 3; }),
      of("InverseBlocks", "neither inverse nor linear", [](A& a) { a.block = a.inverse = true; }),
      of("LinearBlocks", "neither inverse nor linear", [](A& a) { a.block = a.linear = true; }),
      of("ParametersOfBlocks", "needs the parameters of", [](A& a) { a.block = true; }),
      of("ParametersOfAll", "needs the parameters of its stages", [](A& a) { a.last = 1; }),
      of("TwicePermuted", "needs a permutation", permuted({0, 1, 2, 3, 4, 5, 6, 6})),
      of("ShortPermutation", "needs a permutation", permuted({0, 1, 2, 3})),
  };
}

std::vector<Refused> refused_operands_of_butterflies() {
  constexpr OpKind op = OpKind::Butterfly;
  constexpr OpKind gradient = OpKind::ButterflyGradient;
  const ButterflyAttrs fine = butterfly([](ButterflyAttrs&) {});
  const Type p = kTwiddles;
  const Type any_row{DType::c64, kRow.dims};
  const Type real_p{DType::f32, p.dims};
  const Type rows_of_p{DType::c64, {rows_dim(), p.dims[0]}};
  const Type row7{DType::c64, {rows_dim(), fixed(Axis::sample, 7)}};
  const Type short_p = complex_vector(9);
  return {
      {"RealX", op, {kRow8, p}, fine, "butterfly: needs complex input"},
      {"AnyLength", op, {any_row, p}, fine, "needs n elements"},
      {"RealParameters", op, {kComplex8, real_p}, fine, "butterfly: needs complex input"},
      {"ParametersByRow", op, {kComplex8, rows_of_p}, fine, "needs the parameters of its stages"},
      {"GradientOfRealX", gradient, {kRow8, kComplex8, p}, fine, "needs complex input"},
      {"GradientOfRealG", gradient, {kComplex8, kRow8, p}, fine, "shapes differ"},
      {"GradientOfOtherG", gradient, {kComplex8, row7, p}, fine, "shapes differ"},
      {"GradientParameters", gradient, {kComplex8, kComplex8, short_p}, fine, "the parameters"},
  };
}

class ShapeRefusal : public testing::TestWithParam<Refused> {};

TEST_P(ShapeRefusal, SaysWhatIsWrong) {
  EXPECT_NE(refusal(GetParam()).find(GetParam().says), std::string::npos) << refusal(GetParam());
}

const auto kName = [](const auto& param) { return param.param.name; };
INSTANTIATE_TEST_SUITE_P(Rows, ShapeRefusal, testing::ValuesIn(refused_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Spectra, ShapeRefusal, testing::ValuesIn(refused_spectra()), kName);
INSTANTIATE_TEST_SUITE_P(Parts, ShapeRefusal, testing::ValuesIn(refused_params_and_parts()), kName);
INSTANTIATE_TEST_SUITE_P(Adjoints, ShapeRefusal, testing::ValuesIn(refused_adjoints()), kName);
INSTANTIATE_TEST_SUITE_P(Choices, ShapeRefusal, testing::ValuesIn(refused_choices()), kName);
INSTANTIATE_TEST_SUITE_P(Butterflies, ShapeRefusal, testing::ValuesIn(refused_butterflies()),
                         kName);
INSTANTIATE_TEST_SUITE_P(ButterflyOperands, ShapeRefusal,
                         testing::ValuesIn(refused_operands_of_butterflies()), kName);

TEST(Shapes, NamesOfAxesNeedNotAgree) {
  const Type bins{DType::f32, {rows_dim(), fixed(Axis::bin, 8)}};
  const Type operands[] = {kRow8, bins};
  EXPECT_EQ(infer_type(OpKind::Mul, operands, NoAttrs{}, DType::f32), kRow8);
}

}  // namespace
}  // namespace papilio::ir
