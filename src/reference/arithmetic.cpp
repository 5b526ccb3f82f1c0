// Arithmetic inside an item: products, sums, powers, filterbanks, logarithms, parts of complex
// values.
#include <cmath>
#include <functional>

#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// Applies `f` to the elements of two tensors; a vector is repeated along the items of the first.
template <typename F>
Tensor combine(Inputs in, F f) {
  const Tensor& a = *in[0];
  const Tensor& b = *in[1];
  Tensor out = zeros(a.shape, a.complex);
  const std::int64_t repeat = b.shape.size() == 1 ? b.count() : a.count();
  for (std::int64_t i = 0; i < a.count(); ++i) out.set(i, f(a.at(i), b.at(i % repeat)));
  return out;
}

template <typename F>
Tensor map_real(const Tensor& in, F f) {
  Tensor out = in;
  for (double& value : out.re) value = f(value);
  return out;
}

/// As numpy.maximum: NaN wins.
double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::nan("");
  return a > b ? a : b;
}

}  // namespace

Tensor run_Mul(const ir::Node&, Inputs in) {
  if (in[1]->complex) return combine(in, std::multiplies<std::complex<double>>());
  // A real factor scales both parts: it must not spread a NaN or an infinity of one to the other.
  return combine(in, [](std::complex<double> a, std::complex<double> b) { return a * b.real(); });
}

Tensor run_Add(const ir::Node&, Inputs in) {
  return combine(in, std::plus<std::complex<double>>());
}

Tensor run_Affine(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::AffineAttrs>();
  Tensor out = map_real(*in[0], [&](double x) { return a.mul * x + a.add; });
  for (double& im : out.im) im *= a.mul;
  return out;
}

Tensor run_Power(const ir::Node&, Inputs in) {
  Tensor out = zeros(in[0]->shape, false);
  for (std::size_t i = 0; i < out.re.size(); ++i) {
    out.re[i] = in[0]->re[i] * in[0]->re[i] + in[0]->im[i] * in[0]->im[i];
  }
  return out;
}

Tensor run_Magnitude(const ir::Node&, Inputs in) {
  Tensor out = zeros(in[0]->shape, false);
  for (std::size_t i = 0; i < out.re.size(); ++i) {
    out.re[i] = std::hypot(in[0]->re[i], in[0]->im[i]);
  }
  return out;
}

Tensor run_Filterbank(const ir::Node& node, Inputs in) {
  const ir::BandedMatrix& matrix = *node.as<ir::FilterbankAttrs>().matrix;
  const auto bands = static_cast<std::int64_t>(matrix.bands.size());
  Tensor out = zeros_like(*in[0], bands, false);
  for (std::int64_t item = 0; item < in[0]->items(); ++item) {
    for (std::int64_t b = 0; b < bands; ++b) {
      const auto& band = matrix.bands[static_cast<std::size_t>(b)];
      double sum = 0.0;
      for (std::int64_t i = 0; i < band.count; ++i) {
        sum += matrix.weights[static_cast<std::size_t>(band.offset + i)] *
               in[0]->re[static_cast<std::size_t>(item * matrix.bins + band.first_bin + i)];
      }
      out.re[static_cast<std::size_t>(item * bands + b)] = sum;
    }
  }
  return out;
}

Tensor run_Log(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::LogAttrs>();
  return map_real(*in[0], [&](double x) {
    const double floored = maximum(x, a.floor);
    return a.base == ir::LogBase::e ? std::log(floored) : std::log10(floored);
  });
}

Tensor run_Conj(const ir::Node&, Inputs in) {
  Tensor out = *in[0];
  for (double& im : out.im) im = -im;
  return out;
}

Tensor run_Real(const ir::Node&, Inputs in) { return {false, in[0]->shape, in[0]->re, {}}; }

Tensor run_Complex(const ir::Node&, Inputs in) {
  Tensor out = zeros(in[0]->shape, true);
  out.re = in[0]->re;
  return out;
}

/// 1 / x, and 0 where x is 0.
Tensor run_Inverse(const ir::Node&, Inputs in) {
  return map_real(*in[0], [](double x) { return x == 0.0 ? 0.0 : 1.0 / x; });
}

Tensor run_Step(const ir::Node& node, Inputs in) {
  const double threshold = node.as<ir::StepAttrs>().threshold;
  return map_real(*in[0], [&](double x) {
    if (std::isnan(x)) return x;
    return x > threshold ? 1.0 : 0.0;
  });
}

}  // namespace papilio::reference
