// From rows of samples to frames ready for a transform: input, const, param, frame and its adjoint,
// detrend, pre-emphasis, pad, slice, concat, gather and its adjoint.
#include <numeric>
#include <string>

#include "papilio/error.h"
#include "reference/interpret.h"
#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// Position in [0, count) that position t of the padded row reads, or -1 for a zero.
std::int64_t source_of(std::int64_t t, std::int64_t count, ir::PadMode pad) {
  if (t >= 0 && t < count) return t;
  if (count == 0) return -1;
  switch (pad) {
    case ir::PadMode::none:
    case ir::PadMode::zeros:
      return -1;
    case ir::PadMode::reflect: {
      if (count == 1) return 0;
      const std::int64_t period = 2 * (count - 1);
      const std::int64_t phase = ((t % period) + period) % period;
      return phase < count ? phase : period - phase;
    }
    case ir::PadMode::mirror: {
      const std::int64_t period = 2 * count;
      const std::int64_t phase = ((t % period) + period) % period;
      return phase < count ? phase : period - 1 - phase;
    }
  }
  return -1;
}

/// Calls f(element of the frames, sample of the rows) for every element that a sample is read for.
template <typename F>
void for_framed_samples(const ir::FrameAttrs& a, std::int64_t rows, std::int64_t samples, F f) {
  const std::int64_t frames = a.rule.frames(samples);
  const std::int64_t padded_from = a.rule.effective_samples(samples);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      const std::int64_t start = frame * a.rule.hop - a.rule.pad_left;
      for (std::int64_t i = 0; i < a.rule.length; ++i) {
        const std::int64_t t = source_of(start + i, padded_from, a.pad);
        // Where every row has fixed_samples, a shorter one goes on with zeros.
        if (t < 0 || t >= samples) continue;
        f((row * frames + frame) * a.rule.length + i, row * samples + t);
      }
    }
  }
}

/// Copies [begin, begin + count) of each item of `from` to `to_begin` of each item of `to`.
void copy_runs(const Tensor& from, std::int64_t begin, std::int64_t count, Tensor& to,
               std::int64_t to_begin) {
  for (std::int64_t item = 0; item < from.items(); ++item) {
    for (std::int64_t i = 0; i < count; ++i) {
      to.set(item * to.last() + to_begin + i, from.at(item * from.last() + begin + i));
    }
  }
}

/// Takes the mean, or the least-squares line, off `values`.
void take_trend_off(std::span<double> values, ir::Trend trend) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  for (double& value : values) value -= mean;
  if (trend == ir::Trend::constant || values.size() < 2) return;
  // Abscissas around their own middle: the line's height there is the mean, which is gone already.
  const double middle = (count - 1.0) / 2.0;
  double product = 0.0;
  double square = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double t = static_cast<double>(i) - middle;
    product += t * values[i];
    square += t * t;
  }
  const double slope = product / square;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] -= slope * (static_cast<double>(i) - middle);
  }
}

}  // namespace

Tensor run_Input(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::InputAttrs>();
  const Tensor& given = *in[0];
  const bool fits = given.shape.size() == 2 && given.complex == a.complex &&
                    (a.samples == 0 || given.shape[1] == a.samples);
  if (!fits) throw InternalError("[reference] input " + a.name + " does not fit the graph");
  return given;
}

Tensor run_Const(const ir::Node& node, Inputs) {
  return value_of_constant(node.as<ir::ConstAttrs>());
}

Tensor run_Param(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::ParamAttrs>();
  if (in[0]->shape != a.shape || in[0]->complex != a.complex) {
    throw InternalError("[reference] param " + a.name + " does not fit the graph");
  }
  return *in[0];
}

/// Frame s holds the samples s * hop - pad_left + [0, length) of the padded row.
Tensor run_Frame(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::FrameAttrs>();
  const std::int64_t rows = in[0]->shape[0];
  const std::int64_t samples = in[0]->shape[1];
  Tensor out = zeros({rows, a.rule.frames(samples), a.rule.length}, in[0]->complex);
  for_framed_samples(a, rows, samples, [&](std::int64_t element, std::int64_t sample) {
    out.set(element, in[0]->at(sample));
  });
  return out;
}

/// The adjoint of frame: every sample gets the sum of the elements that were read from it. Of the
/// second operand only the shape matters.
Tensor run_Unframe(const ir::Node& node, Inputs in) {
  Tensor out = zeros(in[1]->shape, in[0]->complex);
  for_framed_samples(node.as<ir::FrameAttrs>(), out.shape[0], out.shape[1],
                     [&](std::int64_t element, std::int64_t sample) {
                       out.set(sample, out.at(sample) + in[0]->at(element));
                     });
  return out;
}

Tensor run_Detrend(const ir::Node& node, Inputs in) {
  Tensor out = *in[0];
  const auto length = static_cast<std::size_t>(out.last());
  const ir::Trend trend = node.as<ir::DetrendAttrs>().trend;
  for (std::size_t begin = 0; begin < out.re.size(); begin += length) {
    take_trend_off(std::span(out.re).subspan(begin, length), trend);
    if (out.complex) take_trend_off(std::span(out.im).subspan(begin, length), trend);
  }
  return out;
}

Tensor run_Preemphasis(const ir::Node& node, Inputs in) {
  const double c = node.as<ir::PreemphasisAttrs>().coefficient;
  Tensor out = *in[0];
  const auto length = static_cast<std::size_t>(out.last());
  for (std::size_t i = 0; i < out.re.size(); ++i) {
    const double before = i % length == 0 ? in[0]->re[i] : in[0]->re[i - 1];
    out.re[i] = in[0]->re[i] - c * before;
  }
  return out;
}

Tensor run_Pad(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::PadAttrs>();
  Tensor out = zeros_like(*in[0], a.size, in[0]->complex);
  copy_runs(*in[0], 0, in[0]->last(), out, a.before);
  return out;
}

Tensor run_Slice(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::SliceAttrs>();
  Tensor out = zeros_like(*in[0], a.end - a.begin, in[0]->complex);
  copy_runs(*in[0], a.begin, a.end - a.begin, out, 0);
  return out;
}

Tensor run_Concat(const ir::Node&, Inputs in) {
  const std::int64_t first = in[0]->last();
  const std::int64_t second = in[1]->last();
  Tensor out = zeros_like(*in[0], first + second, in[0]->complex);
  copy_runs(*in[0], 0, first, out, 0);
  copy_runs(*in[1], 0, second, out, first);
  return out;
}

Tensor run_Gather(const ir::Node& node, Inputs in) {
  const auto& index = *node.as<ir::GatherAttrs>().index;
  const auto count = static_cast<std::int64_t>(index.size());
  Tensor out = zeros_like(*in[0], count, in[0]->complex);
  for (std::int64_t i = 0; i < out.count(); ++i) {
    const std::int64_t source = index[static_cast<std::size_t>(i % count)];
    out.set(i, in[0]->at(i / count * in[0]->last() + source));
  }
  return out;
}

Tensor run_Scatter(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::GatherAttrs>();
  const std::int64_t count = in[0]->last();
  Tensor out = zeros_like(*in[0], a.size, in[0]->complex);
  for (std::int64_t i = 0; i < in[0]->count(); ++i) {
    const std::int64_t to = i / count * a.size + (*a.index)[static_cast<std::size_t>(i % count)];
    out.set(to, out.at(to) + in[0]->at(i));
  }
  return out;
}

}  // namespace papilio::reference
