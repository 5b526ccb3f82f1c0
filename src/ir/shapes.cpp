// One infer_<Kind> per row of ops.def: what the op makes of its input types.
#include "ir/shapes.h"

#include <algorithm>
#include <string>

#include "base/permutation.h"
#include "ir/butterfly.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

using Inputs = std::span<const Type>;

void need(bool condition, OpKind op, const std::string& what) {
  if (!condition) throw InternalError("[ir] " + std::string(info_of(op).text) + ": " + what);
}

/// Extent of the last axis, or 0 when it is symbolic.
std::int64_t length_of(const Type& type) {
  return type.last().extent == Extent::fixed ? type.last().size : 0;
}

Type with_last(const Type& type, DType dtype, Dim last) {
  Type result{dtype, type.dims};
  result.dims.back() = last;
  return result;
}

Type need_real(OpKind op, const Type& type) {
  need(!type.complex(), op, "needs real input, has " + to_text(type));
  return type;
}

Type need_complex(OpKind op, const Type& type) {
  need(type.complex(), op, "needs complex input, has " + to_text(type));
  return type;
}

Type infer_Input(Inputs, const InputAttrs& a, DType compute) {
  need(!a.name.empty(), OpKind::Input, "needs a name");
  const Dim last = a.samples > 0 ? fixed(Axis::sample, a.samples) : samples_dim();
  return {a.complex ? complex_of(compute) : compute, {rows_dim(), last}};
}

Type infer_Const(Inputs, const ConstAttrs& a, DType compute) {
  need(a.values != nullptr && !a.values->empty(), OpKind::Const, "needs values");
  const auto count = static_cast<std::int64_t>(a.values->size()) / (a.complex ? 2 : 1);
  return {a.complex ? complex_of(compute) : compute, {fixed(Axis::sample, count)}};
}

Type infer_Param(Inputs, const ParamAttrs& a, DType compute) {
  need(!a.name.empty() && !a.shape.empty(), OpKind::Param, "needs a name and a shape");
  Type type{a.complex ? complex_of(compute) : compute, {}};
  for (const std::int64_t extent : a.shape) {
    need(extent > 0, OpKind::Param, "needs extents above 0");
    type.dims.push_back(fixed(Axis::sample, extent));
  }
  return type;
}

Type infer_Frame(Inputs in, const FrameAttrs& a, DType) {
  const FrameRule& rule = a.rule;
  need(in[0].dims.size() == 2, OpKind::Frame, "needs [rows, samples], has " + to_text(in[0]));
  need(rule.length > 0 && rule.hop > 0, OpKind::Frame, "needs length and hop above 0");
  need(rule.pad_left >= 0 && rule.pad_right >= 0, OpKind::Frame, "needs pads of 0 or more");
  need(a.pad != PadMode::none || (rule.pad_left == 0 && rule.pad_right == 0), OpKind::Frame,
       "pads without a pad mode");
  return {in[0].dtype, {in[0].dims[0], frames_dim(rule), fixed(Axis::sample, rule.length)}};
}

Type infer_Detrend(Inputs in, const DetrendAttrs&, DType) {
  need(length_of(in[0]) > 0, OpKind::Detrend, "needs a fixed length");
  return in[0];
}

Type infer_Preemphasis(Inputs in, const PreemphasisAttrs&, DType) {
  need(length_of(in[0]) > 0, OpKind::Preemphasis, "needs a fixed length");
  return need_real(OpKind::Preemphasis, in[0]);
}

/// Equal extents. The names of axes are for reading: a product of spectra may be a signal again.
bool same_extents(const Type& a, const Type& b) {
  return std::equal(a.dims.begin(), a.dims.end(), b.dims.begin(), b.dims.end(),
                    [](const Dim& x, const Dim& y) {
                      return x.extent == y.extent && x.size == y.size && x.rule == y.rule;
                    });
}

/// Broadcasts a vector along the last axis; otherwise both have the same extents.
Type infer_binary(OpKind op, Inputs in) {
  const Type& a = in[0];
  const Type& b = in[1];
  need(!b.complex() || a.complex(), op, "the first operand must be complex if the second is");
  const bool broadcast = b.dims.size() == 1 && length_of(a) == length_of(b);
  need(broadcast || same_extents(a, b), op, "shapes differ: " + to_text(a) + ", " + to_text(b));
  return a;
}

Type infer_Mul(Inputs in, const NoAttrs&, DType) { return infer_binary(OpKind::Mul, in); }

Type infer_Add(Inputs in, const NoAttrs&, DType) { return infer_binary(OpKind::Add, in); }

Type infer_Affine(Inputs in, const AffineAttrs& a, DType) {
  need(a.add == 0.0 || !in[0].complex(), OpKind::Affine, "an addend needs real input");
  return in[0];
}

Type infer_Pad(Inputs in, const PadAttrs& a, DType) {
  const std::int64_t length = length_of(in[0]);
  need(length > 0 && a.before >= 0 && a.before + length <= a.size, OpKind::Pad,
       "does not hold its input");
  return with_last(in[0], in[0].dtype, fixed(in[0].last().axis, a.size));
}

Type infer_Slice(Inputs in, const SliceAttrs& a, DType) {
  need(a.begin >= 0 && a.begin < a.end && a.end <= length_of(in[0]), OpKind::Slice,
       "is empty or out of range");
  return with_last(in[0], in[0].dtype, fixed(in[0].last().axis, a.end - a.begin));
}

/// The second after the first, along the last axis.
Type infer_Concat(Inputs in, const NoAttrs&, DType) {
  const std::int64_t first = length_of(in[0]);
  const std::int64_t second = length_of(in[1]);
  need(first > 0 && second > 0, OpKind::Concat, "needs fixed lengths");
  const Dim last = fixed(in[0].last().axis, first + second);
  const Type joined = with_last(in[0], in[0].dtype, last);
  need(in[0].dtype == in[1].dtype && joined == with_last(in[1], in[1].dtype, last), OpKind::Concat,
       "cannot join " + to_text(in[0]) + " and " + to_text(in[1]));
  return joined;
}

Type infer_Rfft(Inputs in, const FftAttrs& a, DType compute) {
  need_real(OpKind::Rfft, in[0]);
  need(a.n > 0 && length_of(in[0]) == a.n, OpKind::Rfft, "needs n elements");
  return with_last(in[0], complex_of(compute), fixed(Axis::bin, a.n / 2 + 1));
}

Type infer_Irfft(Inputs in, const FftAttrs& a, DType compute) {
  need_complex(OpKind::Irfft, in[0]);
  need(a.n > 0 && length_of(in[0]) == a.n / 2 + 1, OpKind::Irfft, "needs n / 2 + 1 bins");
  return with_last(in[0], compute, fixed(Axis::sample, a.n));
}

Type infer_complex_fft(OpKind op, Inputs in, const FftAttrs& a, Axis axis) {
  need_complex(op, in[0]);
  need(a.n > 0 && length_of(in[0]) == a.n, op, "needs n elements");
  return with_last(in[0], in[0].dtype, fixed(axis, a.n));
}

Type infer_Fft(Inputs in, const FftAttrs& a, DType) {
  return infer_complex_fft(OpKind::Fft, in, a, Axis::bin);
}

Type infer_Ifft(Inputs in, const FftAttrs& a, DType) {
  return infer_complex_fft(OpKind::Ifft, in, a, Axis::sample);
}

Type infer_Power(Inputs in, const NoAttrs&, DType compute) {
  need_complex(OpKind::Power, in[0]);
  return {compute, in[0].dims};
}

Type infer_Magnitude(Inputs in, const NoAttrs&, DType compute) {
  need_complex(OpKind::Magnitude, in[0]);
  return {compute, in[0].dims};
}

Type infer_fold(OpKind op, Inputs in) {
  need_real(op, in[0]);
  need(in[0].has_frames() && in[0].dims.size() == 3, op, "needs [rows, frames, ..]");
  return {in[0].dtype, {in[0].dims[0], in[0].dims[2]}};
}

Type infer_MeanFrames(Inputs in, const NoAttrs&, DType) {
  return infer_fold(OpKind::MeanFrames, in);
}

Type infer_MaxFrames(Inputs in, const NoAttrs&, DType) { return infer_fold(OpKind::MaxFrames, in); }

Type infer_MedianFrames(Inputs in, const NoAttrs&, DType) {
  return infer_fold(OpKind::MedianFrames, in);
}

Type infer_PairedMeanPower(Inputs in, const FftAttrs& a, DType) {
  Type type = infer_fold(OpKind::PairedMeanPower, in);
  need(a.n > 0 && length_of(type) == a.n, OpKind::PairedMeanPower, "needs n elements");
  type.dims.back() = fixed(Axis::bin, a.n / 2 + 1);
  return type;
}

Type infer_Filterbank(Inputs in, const FilterbankAttrs& a, DType) {
  need_real(OpKind::Filterbank, in[0]);
  need(a.matrix != nullptr && a.matrix->bins == length_of(in[0]), OpKind::Filterbank,
       "the matrix has another number of bins");
  const auto bands = static_cast<std::int64_t>(a.matrix->bands.size());
  return with_last(in[0], in[0].dtype, fixed(Axis::band, bands));
}

Type infer_Log(Inputs in, const LogAttrs&, DType) { return need_real(OpKind::Log, in[0]); }

Type infer_ClampRange(Inputs in, const ClampRangeAttrs& a, DType) {
  need(a.range >= 0, OpKind::ClampRange, "needs a range of 0 or more");
  return need_real(OpKind::ClampRange, in[0]);
}

Type infer_top(OpKind op, Inputs in, const TopAttrs& a) {
  need_real(op, in[0]);
  need(a.k > 0 && length_of(in[0]) > 0, op, "needs k above 0 and a fixed number of bins");
  const std::int64_t bins = a.one_sided ? a.n_fft / 2 + 1 : a.n_fft;
  need(bins == length_of(in[0]), op, "n_fft does not match the number of bins");
  Type type = with_last(in[0], in[0].dtype, fixed(Axis::rank, a.k));
  type.dims.push_back(fixed(Axis::field, 4));
  return type;
}

Type infer_TopBins(Inputs in, const TopAttrs& a, DType) {
  return infer_top(OpKind::TopBins, in, a);
}

Type infer_Peaks(Inputs in, const TopAttrs& a, DType) { return infer_top(OpKind::Peaks, in, a); }

Type infer_Conj(Inputs in, const NoAttrs&, DType) { return need_complex(OpKind::Conj, in[0]); }

Type infer_Real(Inputs in, const NoAttrs&, DType compute) {
  return {compute, need_complex(OpKind::Real, in[0]).dims};
}

Type infer_Complex(Inputs in, const NoAttrs&, DType compute) {
  return {complex_of(compute), need_real(OpKind::Complex, in[0]).dims};
}

Type infer_Inverse(Inputs in, const NoAttrs&, DType) { return need_real(OpKind::Inverse, in[0]); }

Type infer_Step(Inputs in, const StepAttrs&, DType) { return need_real(OpKind::Step, in[0]); }

Type infer_SumElements(Inputs in, const SumAttrs&, DType) {
  return with_last(in[0], in[0].dtype, fixed(in[0].last().axis, 1));
}

Type infer_SumItems(Inputs in, const SumAttrs&, DType) { return {in[0].dtype, {in[0].last()}}; }

/// The first operand takes the extents of the second; its own are 1 or missing where they differ.
Type infer_Spread(Inputs in, const SumAttrs&, DType) {
  Type from = in[0];
  const Type to{from.dtype, in[1].dims};
  if (from.dims.size() == 1)
    from.dims.insert(from.dims.begin(), to.dims.begin(), to.dims.end() - 1);
  if (length_of(from) == 1) from.dims.back() = to.dims.back();
  need(same_extents(from, to), OpKind::Spread,
       to_text(in[0]) + " does not fit into " + to_text(in[1]));
  return to;
}

Type infer_Unframe(Inputs in, const FrameAttrs& a, DType compute) {
  need(same_extents(in[0], infer_Frame(in.subspan(1), a, compute)), OpKind::Unframe,
       "frames of another rule: " + to_text(in[0]));
  return {in[0].dtype, in[1].dims};
}

Type infer_UnfoldFrames(Inputs in, const FoldAttrs&, DType) {
  need(same_extents(in[0], infer_fold(OpKind::UnfoldFrames, in.subspan(1))), OpKind::UnfoldFrames,
       "the folded value " + to_text(in[0]) + " does not fit " + to_text(in[1]));
  return {need_real(OpKind::UnfoldFrames, in[0]).dtype, in[1].dims};
}

Type need_same(OpKind op, Inputs in) {
  need(same_extents(in[0], in[1]), op, "shapes differ: " + to_text(in[0]) + ", " + to_text(in[1]));
  need_real(op, in[1]);
  return need_real(op, in[0]);
}

Type infer_FoldFramesAs(Inputs in, const FoldAttrs&, DType) {
  need_same(OpKind::FoldFramesAs, in);
  return infer_fold(OpKind::FoldFramesAs, in);
}

Type infer_UnclampRange(Inputs in, const ClampRangeAttrs&, DType) {
  return need_same(OpKind::UnclampRange, in);
}

Type infer_ClampRangeAs(Inputs in, const ClampRangeAttrs&, DType) {
  return need_same(OpKind::ClampRangeAs, in);
}

/// Every index is below `size`.
void need_index(OpKind op, const GatherAttrs& a) {
  need(a.index != nullptr && !a.index->empty(), op, "needs an index");
  const auto inside = [&](std::int32_t i) { return i >= 0 && i < a.size; };
  need(std::all_of(a.index->begin(), a.index->end(), inside), op, "an index is out of range");
}

Type infer_Gather(Inputs in, const GatherAttrs& a, DType) {
  need_index(OpKind::Gather, a);
  need(length_of(in[0]) == a.size, OpKind::Gather, "needs `size` elements");
  return with_last(in[0], in[0].dtype, fixed(in[0].last().axis, std::ssize(*a.index)));
}

Type infer_Scatter(Inputs in, const GatherAttrs& a, DType) {
  need_index(OpKind::Scatter, a);
  need(length_of(in[0]) == std::ssize(*a.index), OpKind::Scatter, "needs one element per index");
  return with_last(in[0], in[0].dtype, fixed(in[0].last().axis, a.size));
}

/// A run of stages of n positions, and p as it takes it.
void need_butterfly(OpKind op, const Type& x, const Type& p, const ButterflyAttrs& a) {
  const auto known = [](int radix) { return radix >= 2 && radix <= 32; };
  need(!a.radices.empty() && std::all_of(a.radices.begin(), a.radices.end(), known), op,
       "needs radices from 2 to 32");
  need(a.first >= 0 && a.first < a.last && a.last <= std::ssize(a.radices), op,
       "needs stages that the network has");
  need(!a.block || (!a.inverse && !a.linear), op, "blocks are neither inverse nor linear");
  need_complex(op, x);
  need(length_of(x) > 0 && length_of(x) == butterfly_size(a), op, "needs n elements");
  if (a.permutation != nullptr) {
    need(base::is_permutation(*a.permutation) && std::ssize(*a.permutation) == length_of(x), op,
         "needs a permutation of n positions");
  }
  need_complex(op, p);
  need(p.dims.size() == 1 && length_of(p) == butterfly_parameters(a), op,
       "needs the parameters of its stages, has " + to_text(p));
}

Type infer_Butterfly(Inputs in, const ButterflyAttrs& a, DType) {
  need_butterfly(OpKind::Butterfly, in[0], in[1], a);
  return in[0];
}

Type infer_ButterflyGradient(Inputs in, const ButterflyAttrs& a, DType) {
  need_butterfly(OpKind::ButterflyGradient, in[0], in[2], a);
  need(in[1].complex() && same_extents(in[0], in[1]), OpKind::ButterflyGradient,
       "shapes differ: " + to_text(in[0]) + ", " + to_text(in[1]));
  return in[2];
}

}  // namespace

Type infer_type(OpKind op, Inputs inputs, const Attrs& attrs, DType compute) {
  need(static_cast<int>(inputs.size()) == info_of(op).inputs, op, "wrong number of inputs");
  switch (op) {
#define PAPILIO_OP(Kind, text, count, Attributes, space, traits, gradient)   \
  case OpKind::Kind:                                                         \
    need(std::holds_alternative<Attributes>(attrs), op, "wrong attributes"); \
    return infer_##Kind(inputs, std::get<Attributes>(attrs), compute);
#include "ir/ops.def"
#undef PAPILIO_OP
  }
  throw InternalError("[ir] unknown op");
}

}  // namespace papilio::ir
