// The calculus, op by op. Every rule is linear in g. For complex tensors g is dL/d(re) + i
// dL/d(im), so that a linear op hands g to its adjoint: z = w x gives conj(w) g.
#include "ir/gradient_rules.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace papilio::ir {
namespace {

NodeId scaled(const Link& l, NodeId x, double factor) {
  return l.add(OpKind::Affine, {x}, AffineAttrs{factor, 0.0});
}

NodeId conj(const Link& l, NodeId x) { return l.type(x).complex() ? l.add(OpKind::Conj, {x}) : x; }

/// What reached all items of the result, for a second operand that may be real, or a vector that
/// all items share.
NodeId for_second_operand(const Link& l, NodeId g) {
  if (l.type(g).complex() && !l.type(l.in(1)).complex()) g = l.add(OpKind::Real, {g});
  const bool shared = l.type(l.in(1)).dims.size() < l.node.type.dims.size();
  return shared ? l.add(OpKind::SumItems, {g}, SumAttrs{}) : g;
}

/// Weights of the n / 2 + 1 bins of a real signal: `inner` for those that also stand for their
/// negative frequency, 1 for DC and (even n) Nyquist.
NodeId half_spectrum(const Link& l, NodeId x, std::int64_t n, double inner) {
  std::vector<double> weights(static_cast<std::size_t>(n / 2 + 1), inner);
  weights.front() = 1.0;
  if (n % 2 == 0) weights.back() = 1.0;
  return l.add(OpKind::Mul, {x, l.builder.constant(std::move(weights))});
}

/// The transposed matrix. Its bands reach from the first to the last row that uses a bin.
BandedMatrix transposed(const BandedMatrix& matrix) {
  BandedMatrix result;
  const auto rows = static_cast<std::int64_t>(matrix.bands.size());
  result.bins = rows;
  for (std::int64_t bin = 0; bin < matrix.bins; ++bin) {
    std::vector<double> column(static_cast<std::size_t>(rows), 0.0);
    std::int64_t first = rows;
    std::int64_t end = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto& band = matrix.bands[static_cast<std::size_t>(row)];
      const std::int64_t at = bin - band.first_bin;
      if (at < 0 || at >= band.count) continue;
      first = std::min(first, row);
      end = row + 1;
      column[static_cast<std::size_t>(row)] =
          matrix.weights[static_cast<std::size_t>(band.offset + at)];
    }
    first = std::min(first, end);
    result.bands.push_back({first, end - first, std::ssize(result.weights)});
    result.weights.insert(result.weights.end(), column.begin() + first, column.begin() + end);
  }
  return result;
}

}  // namespace

NodeId grad_Frame(const Link& l) { return l.add(OpKind::Unframe, {l.g, l.in(0)}, l.node.attrs); }

NodeId grad_Unframe(const Link& l) {
  return l.input == 0 ? l.add(OpKind::Frame, {l.g}, l.node.attrs) : kNoGradient;
}

/// A projection is its own adjoint.
NodeId grad_Detrend(const Link& l) { return l.add(OpKind::Detrend, {l.g}, l.node.attrs); }

/// x[i] is used by y[i], by y[i+1], and x[0] twice by y[0]: g[i] - c (g[i+1] + [i = 0] g[0]).
NodeId grad_Preemphasis(const Link& l) {
  const double c = l.node.as<PreemphasisAttrs>().coefficient;
  const std::int64_t n = l.length(0);
  if (n == 1) return scaled(l, l.g, 1.0 - c);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return l.add(OpKind::Pad, {l.add(OpKind::Slice, {l.g}, SliceAttrs{begin, end})},
                 PadAttrs{0, n});
  };
  const NodeId used = l.add(OpKind::Add, {part(1, n), part(0, 1)});
  return l.add(OpKind::Add, {l.g, scaled(l, used, -c)});
}

NodeId grad_Mul(const Link& l) {
  if (l.input == 0) return l.add(OpKind::Mul, {l.g, conj(l, l.in(1))});
  return for_second_operand(l, l.add(OpKind::Mul, {l.g, conj(l, l.in(0))}));
}

NodeId grad_Add(const Link& l) { return l.input == 0 ? l.g : for_second_operand(l, l.g); }

NodeId grad_Affine(const Link& l) { return scaled(l, l.g, l.node.as<AffineAttrs>().mul); }

NodeId grad_Pad(const Link& l) {
  const std::int64_t before = l.node.as<PadAttrs>().before;
  return l.add(OpKind::Slice, {l.g}, SliceAttrs{before, before + l.length(0)});
}

NodeId grad_Slice(const Link& l) {
  return l.add(OpKind::Pad, {l.g}, PadAttrs{l.node.as<SliceAttrs>().begin, l.length(0)});
}

NodeId grad_Concat(const Link& l) {
  const std::int64_t first = l.length(0);
  const SliceAttrs part =
      l.input == 0 ? SliceAttrs{0, first} : SliceAttrs{first, first + l.length(1)};
  return l.add(OpKind::Slice, {l.g}, part);
}

/// irfft counts the inner bins twice, rfft gives them once.
NodeId grad_Rfft(const Link& l) {
  const std::int64_t n = l.node.as<FftAttrs>().n;
  return l.add(OpKind::Irfft, {half_spectrum(l, l.g, n, 0.5)}, l.node.attrs);
}

NodeId grad_Irfft(const Link& l) {
  const std::int64_t n = l.node.as<FftAttrs>().n;
  return half_spectrum(l, l.add(OpKind::Rfft, {l.g}, l.node.attrs), n, 2.0);
}

NodeId grad_Fft(const Link& l) { return l.add(OpKind::Ifft, {l.g}, l.node.attrs); }

NodeId grad_Ifft(const Link& l) { return l.add(OpKind::Fft, {l.g}, l.node.attrs); }

NodeId grad_Power(const Link& l) { return l.add(OpKind::Mul, {l.in(0), scaled(l, l.g, 2.0)}); }

/// z / |z|, and 0 at 0.
NodeId grad_Magnitude(const Link& l) {
  const NodeId weight = l.add(OpKind::Mul, {l.g, l.add(OpKind::Inverse, {l.y})});
  return l.add(OpKind::Mul, {l.in(0), weight});
}

NodeId grad_Filterbank(const Link& l) {
  const BandedMatrix& matrix = *l.node.as<FilterbankAttrs>().matrix;
  return l.add(OpKind::Filterbank, {l.g},
               FilterbankAttrs{std::make_shared<const BandedMatrix>(transposed(matrix))});
}

/// 1 / x above the floor, 0 below.
NodeId grad_Log(const Link& l) {
  const auto& a = l.node.as<LogAttrs>();
  const NodeId above = l.add(OpKind::Step, {l.in(0)}, StepAttrs{a.floor});
  const NodeId slope = l.add(OpKind::Mul, {above, l.add(OpKind::Inverse, {l.in(0)})});
  const NodeId product = l.add(OpKind::Mul, {l.g, slope});
  return a.base == LogBase::e ? product : scaled(l, product, 1.0 / std::numbers::ln10);
}

NodeId grad_Conj(const Link& l) { return l.add(OpKind::Conj, {l.g}); }

NodeId grad_Real(const Link& l) { return l.add(OpKind::Complex, {l.g}); }

NodeId grad_Complex(const Link& l) { return l.add(OpKind::Real, {l.g}); }

/// -1 / x^2.
NodeId grad_Inverse(const Link& l) {
  const NodeId square = l.add(OpKind::Mul, {l.y, l.y});
  return scaled(l, l.add(OpKind::Mul, {l.g, square}), -1.0);
}

NodeId grad_SumElements(const Link& l) {
  return l.add(OpKind::Spread, {l.g, l.in(0)}, l.node.attrs);
}

NodeId grad_SumItems(const Link& l) { return l.add(OpKind::Spread, {l.g, l.in(0)}, l.node.attrs); }

/// Sums over the axes along which copies were made.
NodeId grad_Spread(const Link& l) {
  if (l.input == 1) return kNoGradient;
  const Type from = l.type(l.in(0));
  const Type to = l.node.type;
  NodeId g = l.g;
  if (from.dims.size() < to.dims.size()) g = l.add(OpKind::SumItems, {g}, l.node.attrs);
  if (from.last().size == 1 && to.last().size != 1) {
    g = l.add(OpKind::SumElements, {g}, l.node.attrs);
  }
  return g;
}

NodeId grad_MeanFrames(const Link& l) {
  return l.add(OpKind::UnfoldFrames, {l.g, l.in(0)}, FoldAttrs{FrameFold::mean});
}

NodeId grad_MaxFrames(const Link& l) {
  return l.add(OpKind::UnfoldFrames, {l.g, l.in(0)}, FoldAttrs{FrameFold::max});
}

NodeId grad_MedianFrames(const Link& l) {
  return l.add(OpKind::UnfoldFrames, {l.g, l.in(0)}, FoldAttrs{FrameFold::median});
}

NodeId grad_UnfoldFrames(const Link& l) {
  if (l.input == 1) return kNoGradient;
  const auto& a = l.node.as<FoldAttrs>();
  // A mean weighs all frames alike, whatever they hold.
  if (a.fold == FrameFold::mean) return l.add(OpKind::MeanFrames, {l.g});
  return l.add(OpKind::FoldFramesAs, {l.g, l.in(1)}, a);
}

NodeId grad_FoldFramesAs(const Link& l) {
  return l.input == 0 ? l.add(OpKind::UnfoldFrames, {l.g, l.in(1)}, l.node.attrs) : kNoGradient;
}

NodeId grad_Gather(const Link& l) { return l.add(OpKind::Scatter, {l.g}, l.node.attrs); }

NodeId grad_Scatter(const Link& l) { return l.add(OpKind::Gather, {l.g}, l.node.attrs); }

NodeId grad_ClampRange(const Link& l) {
  return l.add(OpKind::UnclampRange, {l.g, l.in(0)}, l.node.attrs);
}

NodeId grad_UnclampRange(const Link& l) {
  return l.input == 0 ? l.add(OpKind::ClampRangeAs, {l.g, l.in(1)}, l.node.attrs) : kNoGradient;
}

NodeId grad_ClampRangeAs(const Link& l) {
  return l.input == 0 ? l.add(OpKind::UnclampRange, {l.g, l.in(1)}, l.node.attrs) : kNoGradient;
}

}  // namespace papilio::ir
