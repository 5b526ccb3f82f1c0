// Over the frames of a row: [rows, frames, n] -> [rows, n]. A row without frames gives NaN.
#include <algorithm>
#include <cmath>

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

/// mean_frames(power(rfft(x))). That frames may share a transform is a device's own business.
Tensor run_PairedMeanPower(const ir::Node& node, Inputs in) {
  const Tensor spectrum = run_Rfft(node, in);
  const Tensor* spectra[] = {&spectrum};
  const Tensor power = run_Power(node, spectra);
  return fold(power, mean_of);
}

}  // namespace papilio::reference
