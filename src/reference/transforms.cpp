// Fourier transforms of every item, times the node's factor.
#include "reference/fft.h"
#include "reference/ops.h"

namespace papilio::reference {
namespace {

using Signal = std::vector<std::complex<double>>;

Signal item_of(const Tensor& in, std::int64_t item) {
  Signal signal;
  for (std::int64_t i = 0; i < in.last(); ++i) signal.push_back(in.at(item * in.last() + i));
  return signal;
}

/// Keeps as many elements of `result` as an item of `out` has.
void store(const Signal& result, double scale, std::int64_t item, Tensor& out) {
  for (std::int64_t i = 0; i < out.last(); ++i) {
    out.set(item * out.last() + i, scale * result[static_cast<std::size_t>(i)]);
  }
}

Tensor transform_items(const Tensor& in, std::int64_t bins, double scale, bool inverse) {
  Tensor out = zeros_like(in, bins, true);
  for (std::int64_t item = 0; item < in.items(); ++item) {
    store(dft(item_of(in, item), inverse), scale, item, out);
  }
  return out;
}

}  // namespace

Tensor run_Rfft(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::FftAttrs>();
  return transform_items(*in[0], a.n / 2 + 1, a.scale, false);
}

Tensor run_Fft(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::FftAttrs>();
  return transform_items(*in[0], a.n, a.scale, false);
}

Tensor run_Ifft(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::FftAttrs>();
  return transform_items(*in[0], a.n, a.scale, true);
}

/// The missing half is the conjugate; the imaginary parts of DC and (even n) Nyquist are ignored.
Tensor run_Irfft(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::FftAttrs>();
  Tensor out = zeros_like(*in[0], a.n, false);
  for (std::int64_t item = 0; item < in[0]->items(); ++item) {
    Signal full = item_of(*in[0], item);
    full[0] = full[0].real();
    if (a.n % 2 == 0) full.back() = full.back().real();
    for (std::int64_t k = a.n / 2 + 1; k < a.n; ++k) {
      full.push_back(std::conj(full[static_cast<std::size_t>(a.n - k)]));
    }
    store(dft(full, true), a.scale, item, out);
  }
  return out;
}

}  // namespace papilio::reference
