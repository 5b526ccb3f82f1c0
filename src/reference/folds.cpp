// Over the frames of a row: [rows, frames, n] -> [rows, n]. A row without frames gives NaN.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// `f` gets the values of one element in all frames of one row.
template <typename F>
Tensor fold(const Tensor& in, F f) {
  const std::int64_t rows = in.shape[0];
  const std::int64_t frames = in.shape[1];
  const std::int64_t n = in.shape[2];
  Tensor out = zeros({rows, n}, false);
  std::vector<double> values(static_cast<std::size_t>(frames));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < n; ++i) {
      bool has_nan = frames == 0;
      for (std::int64_t s = 0; s < frames; ++s) {
        const double value = in.re[static_cast<std::size_t>((row * frames + s) * n + i)];
        values[static_cast<std::size_t>(s)] = value;
        has_nan = has_nan || std::isnan(value);
      }
      out.re[static_cast<std::size_t>(row * n + i)] = has_nan ? std::nan("") : f(values);
    }
  }
  return out;
}

/// Sums halves, so that a million frames cost no digits.
double sum_of(std::span<const double> values) {
  if (values.size() <= 8) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum;
  }
  const std::size_t half = values.size() / 2;
  return sum_of(values.first(half)) + sum_of(values.subspan(half));
}

double mean_of(const std::vector<double>& values) {
  return sum_of(values) / static_cast<double>(values.size());
}

/// Ratio of the median to the mean of n powers of Gaussian noise, as scipy.signal's _median_bias.
double median_bias(std::int64_t n) {
  double bias = 1.0;
  for (std::int64_t i = 1; i <= (n - 1) / 2; ++i) {
    const double even = 2.0 * static_cast<double>(i);
    bias += 1.0 / (even + 1.0) - 1.0 / even;
  }
  return bias;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return 0.5 * (values[middle - 1] + values[middle]);
}

/// Equal values are taken in order.
std::vector<double> median_weights(const std::vector<double>& values) {
  const std::size_t count = values.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double half = 0.5 / median_bias(static_cast<std::int64_t>(count));
  std::vector<double> weights(count, 0.0);
  weights[order[(count - 1) / 2]] += half;
  weights[order[count / 2]] += half;
  return weights;
}

/// The first of equal values is the maximum.
std::vector<double> max_weights(const std::vector<double>& values) {
  std::vector<double> weights(values.size(), 0.0);
  const auto top = std::max_element(values.begin(), values.end()) - values.begin();
  weights[static_cast<std::size_t>(top)] = 1.0;
  return weights;
}

/// What each value counts for in the fold.
std::vector<double> weights_of(ir::FrameFold fold, const std::vector<double>& values) {
  switch (fold) {
    case ir::FrameFold::mean:
      return std::vector<double>(values.size(), 1.0 / static_cast<double>(values.size()));
    case ir::FrameFold::max:
      return max_weights(values);
    case ir::FrameFold::median:
      return median_weights(values);
  }
  return {};
}

/// Calls f(element of the folded, element of the frames, weight) for every element of x: [rows,
/// frames, n]. A NaN among the values of a fold makes all its weights NaN.
template <typename F>
void for_weights(ir::FrameFold fold, const Tensor& x, F f) {
  const std::int64_t frames = x.shape[1];
  const std::int64_t n = x.shape[2];
  if (frames == 0) return;
  for (std::int64_t folded = 0; folded < x.shape[0] * n; ++folded) {
    const std::int64_t first = folded / n * frames * n + folded % n;
    std::vector<double> values;
    bool has_nan = false;
    for (std::int64_t s = 0; s < frames; ++s) {
      values.push_back(x.re[static_cast<std::size_t>(first + s * n)]);
      has_nan = has_nan || std::isnan(values.back());
    }
    const std::vector<double> weights = weights_of(fold, values);
    for (std::int64_t s = 0; s < frames; ++s) {
      f(static_cast<std::size_t>(folded), static_cast<std::size_t>(first + s * n),
        has_nan ? std::nan("") : weights[static_cast<std::size_t>(s)]);
    }
  }
}

}  // namespace

Tensor run_MeanFrames(const ir::Node&, Inputs in) { return fold(*in[0], mean_of); }

Tensor run_MaxFrames(const ir::Node&, Inputs in) {
  return fold(*in[0],
              [](const auto& values) { return *std::max_element(values.begin(), values.end()); });
}

Tensor run_MedianFrames(const ir::Node&, Inputs in) {
  const double bias = median_bias(in[0]->shape[1]);
  return fold(*in[0], [&](const auto& values) { return median_of(values) / bias; });
}

/// How the fold of x answers to a change v of x: the sum of v over the frames, with the weights
/// that the fold of x gives them.
Tensor run_FoldFramesAs(const ir::Node& node, Inputs in) {
  const Tensor& x = *in[1];
  Tensor out = zeros({x.shape[0], x.shape[2]}, false);
  if (x.shape[1] == 0) out.re.assign(out.re.size(), std::nan(""));
  for_weights(node.as<ir::FoldAttrs>().fold, x,
              [&](std::size_t folded, std::size_t element, double weight) {
                out.re[folded] += weight * in[0]->re[element];
              });
  return out;
}

/// The adjoint: each frame gets its share of a folded value, by the weights of the fold of x.
Tensor run_UnfoldFrames(const ir::Node& node, Inputs in) {
  Tensor out = zeros(in[1]->shape, false);
  for_weights(node.as<ir::FoldAttrs>().fold, *in[1],
              [&](std::size_t folded, std::size_t element, double weight) {
                out.re[element] = weight * in[0]->re[folded];
              });
  return out;
}

/// mean_frames(power(rfft(x))). That frames may share a transform is a device's own business.
Tensor run_PairedMeanPower(const ir::Node& node, Inputs in) {
  const Tensor spectrum = run_Rfft(node, in);
  const Tensor* spectra[] = {&spectrum};
  const Tensor power = run_Power(node, spectra);
  return fold(power, mean_of);
}

}  // namespace papilio::reference
