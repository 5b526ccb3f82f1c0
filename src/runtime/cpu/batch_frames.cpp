// One function per op or pair of adjoint ops.
#include "runtime/cpu/batch_frames.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/median.h"
#include "papilio/error.h"
#include "runtime/cpu/items.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Node;
using ir::OpKind;

template <typename T>
constexpr T kNan = std::numeric_limits<T>::quiet_NaN();

/// By element of a row's frames: the sample that stands there, or -1.
std::vector<std::int64_t> sources_of(const ir::FrameAttrs& a, std::int64_t samples) {
  std::vector<std::int64_t> sources;
  const std::int64_t effective = a.rule.effective_samples(samples);
  for (std::int64_t frame = 0; frame < a.rule.frames(samples); ++frame) {
    for (std::int64_t i = 0; i < a.rule.length; ++i) {
      const std::int64_t at = frame * a.rule.hop - a.rule.pad_left + i;
      sources.push_back(samples == 0 ? -1 : sample_at(at, a.pad, effective, samples));
    }
  }
  return sources;
}

template <typename T>
Run<T> run_Frame(const ir::FrameAttrs& attrs, std::int64_t samples) {
  return [sources = sources_of(attrs, samples)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    const std::int64_t unit = x.complex ? 2 : 1;
    T* out = call.out;
    for (std::int64_t row = 0; row < call.rows; ++row) {
      const T* from = x.item(row);
      for (const std::int64_t source : sources) {
        for (std::int64_t part = 0; part < unit; ++part) {
          *out++ = source < 0 ? T(0) : from[source * unit + part];
        }
      }
    }
  };
}

template <typename T>
Run<T> run_Unframe(const ir::FrameAttrs& attrs, std::int64_t samples) {
  return [samples, sources = sources_of(attrs, samples)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    const std::int64_t unit = x.complex ? 2 : 1;
    std::fill_n(call.out, call.rows * samples * unit, T(0));
    const T* from = x.data;
    for (std::int64_t row = 0; row < call.rows; ++row) {
      T* out = call.out + row * samples * unit;
      for (const std::int64_t source : sources) {
        for (std::int64_t part = 0; part < unit; ++part, ++from) {
          if (source >= 0) out[source * unit + part] += *from;
        }
      }
    }
  };
}

/// Takes the mean, or the least-squares line, off `count` values `unit` apart.
template <typename T>
void take_trend_off(T* values, std::int64_t count, std::int64_t unit, ir::Trend trend) {
  const auto size = static_cast<double>(count);
  double sum = 0.0, product = 0.0, square = 0.0;
  // Abscissas around their own middle: the line's height there is the mean.
  const double middle = (size - 1.0) / 2.0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) - middle;
    sum += static_cast<double>(values[i * unit]);
    product += t * static_cast<double>(values[i * unit]);
    square += t * t;
  }
  const double mean = sum / size;
  const double slope = trend == ir::Trend::constant || count < 2 ? 0.0 : product / square;
  for (std::int64_t i = 0; i < count; ++i) {
    const double line = mean + slope * (static_cast<double>(i) - middle);
    values[i * unit] = static_cast<T>(static_cast<double>(values[i * unit]) - line);
  }
}

template <typename T>
Run<T> run_Detrend(ir::Trend trend) {
  return [trend](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    const std::int64_t unit = x.complex ? 2 : 1;
    for (std::int64_t i = 0; i < call.items; ++i) {
      T* out = std::copy_n(x.item(i), x.width(), call.out + i * x.width()) - x.width();
      for (std::int64_t part = 0; part < unit; ++part) {
        take_trend_off(out + part, x.length, unit, trend);
      }
    }
  };
}

template <typename T>
Run<T> run_Preemphasis(double coefficient) {
  return [c = static_cast<T>(coefficient)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    for (std::int64_t i = 0; i < call.items; ++i) {
      const T* from = x.item(i);
      T* out = call.out + i * x.length;
      for (std::int64_t e = 0; e < x.length; ++e) out[e] = from[e] - c * from[e == 0 ? 0 : e - 1];
    }
  };
}

template <typename T>
Run<T> run_Filterbank(const std::shared_ptr<const ir::BandedMatrix>& matrix) {
  return [matrix](const BatchCall<T>& call) {
    T* out = call.out;
    for (std::int64_t i = 0; i < call.items; ++i) {
      const T* from = call.in[0].item(i);
      for (const auto& band : matrix->bands) {
        const double* weights = matrix->weights.data() + band.offset;
        double sum = 0.0;
        for (std::int64_t k = 0; k < band.count; ++k) {
          sum += weights[k] * static_cast<double>(from[band.first_bin + k]);
        }
        *out++ = static_cast<T>(sum);
      }
    }
  };
}

/// What each value counts for in a fold; all NaN where a value is NaN.
template <typename T>
void weights_of(ir::FrameFold fold, std::span<const T> values, std::span<double> weights) {
  const std::size_t count = values.size();
  const bool nan = std::any_of(values.begin(), values.end(), [](T x) { return std::isnan(x); });
  const double share = fold == ir::FrameFold::mean ? 1.0 / static_cast<double>(count) : 0.0;
  std::fill(weights.begin(), weights.end(), nan ? kNan<double> : share);
  if (nan || fold == ir::FrameFold::mean) return;
  if (fold == ir::FrameFold::max) {
    const auto top = std::max_element(values.begin(), values.end()) - values.begin();
    weights[static_cast<std::size_t>(top)] = 1.0;
    return;
  }
  // The middle ones, equal values taken in order.
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double half = 0.5 / kernels::median_bias(static_cast<std::int64_t>(count));
  weights[order[(count - 1) / 2]] += half;
  weights[order[count / 2]] += half;
}

/// Calls f(row, element, weights by frame) for every element of the frames x of every row.
template <typename T, typename F>
void for_folds(ir::FrameFold fold, const BatchOperand<T>& x, std::int64_t rows, F f) {
  const auto frames = static_cast<std::size_t>(x.items);
  std::vector<T> values(frames);
  std::vector<double> weights(frames);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t e = 0; e < x.length; ++e) {
      for (std::int64_t s = 0; s < x.items; ++s) {
        values[static_cast<std::size_t>(s)] = x.item(row * x.items + s)[e];
      }
      weights_of<T>(fold, values, weights);
      f(row, e, weights);
    }
  }
}

/// sum_s w_s v_s with the weights w that the fold of x gives; v = x: the fold itself.
template <typename T>
Run<T> run_fold(ir::FrameFold fold) {
  return [fold](const BatchCall<T>& call) {
    const BatchOperand<T>&v = call.in.front(), &x = call.in.back();
    const auto add_up = [&](std::int64_t row, std::int64_t e, const std::vector<double>& weights) {
      double sum = x.items == 0 ? kNan<double> : 0.0;
      for (std::int64_t s = 0; s < x.items; ++s) {
        const double weight = weights[static_cast<std::size_t>(s)];
        // 0 times infinity is none of the fold's business.
        if (weight != 0.0) sum += weight * static_cast<double>(v.item(row * x.items + s)[e]);
      }
      call.out[row * x.length + e] = static_cast<T>(sum);
    };
    for_folds(fold, x, call.rows, add_up);
  };
}

/// Each frame gets its share of the folded value g.
template <typename T>
Run<T> run_UnfoldFrames(ir::FrameFold fold) {
  return [fold](const BatchCall<T>& call) {
    const BatchOperand<T>&g = call.in[0], &x = call.in[1];
    const auto share = [&](std::int64_t row, std::int64_t e, const std::vector<double>& weights) {
      for (std::int64_t s = 0; s < x.items; ++s) {
        const double weight = weights[static_cast<std::size_t>(s)];
        const double value = weight * static_cast<double>(g.item(row)[e]);
        call.out[(row * x.items + s) * x.length + e] = static_cast<T>(value);
      }
    };
    for_folds(fold, x, call.rows, share);
  };
}

/// Element i of an operand, counted over all its items.
template <typename T>
T element(const BatchOperand<T>& x, std::int64_t i) {
  return x.item(i / x.length)[i % x.length];
}

/// Calls f(element, where its value comes from, threshold) for the clamp of x: from itself above
/// the threshold, from the maximum below (-1 where that is given). The threshold is NaN in a group
/// that holds one.
template <typename T, typename F>
void for_choices(const BatchOperand<T>& x, const ir::ClampRangeAttrs& a, std::int64_t rows, F f) {
  const bool clip = a.over == ir::RangeMax::clip;
  const std::int64_t count = rows * x.items * x.length;
  const std::int64_t size = clip ? x.items * x.length : x.length;
  for (std::int64_t begin = 0; begin < count; begin += size) {
    const T* values = x.item(begin / x.length);
    std::int64_t top = -1;
    double threshold = a.maximum - a.range;
    if (a.over != ir::RangeMax::fixed) {
      const bool nan = std::any_of(values, values + size, [](T v) { return std::isnan(v); });
      const std::int64_t at = std::max_element(values, values + size) - values;
      top = begin + at;
      threshold = nan ? kNan<double> : static_cast<double>(values[at]) - a.range;
    }
    for (std::int64_t i = 0; i < size; ++i) {
      const auto value = static_cast<double>(values[i]);
      const double bound = std::isnan(value) ? value : threshold;
      f(begin + i, value > bound ? begin + i : top, bound);
    }
  }
}

template <typename T>
Run<T> run_ClampRange(const ir::ClampRangeAttrs& attrs) {
  return [attrs](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    for_choices(x, attrs, call.rows, [&](std::int64_t i, std::int64_t from, double threshold) {
      const bool kept = from == i && !std::isnan(threshold);
      call.out[i] = kept ? element(x, i) : static_cast<T>(threshold);
    });
  };
}

template <typename T>
Run<T> run_ClampRangeAs(const ir::ClampRangeAttrs& attrs) {
  return [attrs](const BatchCall<T>& call) {
    const auto take = [&](std::int64_t i, std::int64_t from, double threshold) {
      const T value = from < 0 ? T(0) : element(call.in[0], from);
      call.out[i] = std::isnan(threshold) ? static_cast<T>(threshold) : value;
    };
    for_choices(call.in[1], attrs, call.rows, take);
  };
}

template <typename T>
Run<T> run_UnclampRange(const ir::ClampRangeAttrs& attrs) {
  return [attrs](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[1];
    std::fill_n(call.out, call.rows * x.items * x.length, T(0));
    const auto give = [&](std::int64_t i, std::int64_t from, double threshold) {
      if (std::isnan(threshold)) call.out[i] = static_cast<T>(threshold);
      if (from >= 0) call.out[from] += element(call.in[0], i);
    };
    for_choices(x, attrs, call.rows, give);
  };
}

/// How the step of an op is made.
template <typename T>
struct Maker {
  OpKind op;
  Run<T> (*make)(const Node& node, std::int64_t samples);
};

template <typename T>
constexpr Maker<T> kMakers[] = {
    {OpKind::Frame,
     [](const Node& n, std::int64_t s) { return run_Frame<T>(n.as<ir::FrameAttrs>(), s); }},
    {OpKind::Unframe,
     [](const Node& n, std::int64_t s) { return run_Unframe<T>(n.as<ir::FrameAttrs>(), s); }},
    {OpKind::Detrend,
     [](const Node& n, std::int64_t) { return run_Detrend<T>(n.as<ir::DetrendAttrs>().trend); }},
    {OpKind::Preemphasis,
     [](const Node& n, std::int64_t) {
       return run_Preemphasis<T>(n.as<ir::PreemphasisAttrs>().coefficient);
     }},
    {OpKind::Filterbank,
     [](const Node& n, std::int64_t) {
       return run_Filterbank<T>(n.as<ir::FilterbankAttrs>().matrix);
     }},
    {OpKind::MeanFrames,
     [](const Node&, std::int64_t) { return run_fold<T>(ir::FrameFold::mean); }},
    {OpKind::MaxFrames, [](const Node&, std::int64_t) { return run_fold<T>(ir::FrameFold::max); }},
    {OpKind::MedianFrames,
     [](const Node&, std::int64_t) { return run_fold<T>(ir::FrameFold::median); }},
    {OpKind::FoldFramesAs,
     [](const Node& n, std::int64_t) { return run_fold<T>(n.as<ir::FoldAttrs>().fold); }},
    {OpKind::UnfoldFrames,
     [](const Node& n, std::int64_t) { return run_UnfoldFrames<T>(n.as<ir::FoldAttrs>().fold); }},
    {OpKind::ClampRange,
     [](const Node& n, std::int64_t) { return run_ClampRange<T>(n.as<ir::ClampRangeAttrs>()); }},
    {OpKind::ClampRangeAs,
     [](const Node& n, std::int64_t) { return run_ClampRangeAs<T>(n.as<ir::ClampRangeAttrs>()); }},
    {OpKind::UnclampRange,
     [](const Node& n, std::int64_t) { return run_UnclampRange<T>(n.as<ir::ClampRangeAttrs>()); }},
};

}  // namespace

template <typename T>
BatchStep<T> make_frame_step(const Node& node, std::int64_t samples) {
  const auto& makers = kMakers<T>;
  const auto found = std::find_if(std::begin(makers), std::end(makers),
                                  [&](const Maker<T>& maker) { return maker.op == node.op; });
  if (found != std::end(makers)) return {found->make(node, samples)};
  throw InternalError("[cpu] " + std::string(ir::info_of(node.op).text) + " is no op of frames");
}

template BatchStep<float> make_frame_step<float>(const Node&, std::int64_t);
template BatchStep<double> make_frame_step<double>(const Node&, std::int64_t);

}  // namespace papilio::runtime::cpu
