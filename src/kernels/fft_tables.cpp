// Twiddles and chirps, formed in extended precision and rounded once.
#include "kernels/fft_tables.h"

#include <string>

#include "kernels/fft_factors.h"
#include "papilio/error.h"

namespace papilio::kernels {
namespace {

template <typename T>
void put(const ExtendedComplex& value, T* out) {
  out[0] = static_cast<T>(value.real());
  out[1] = static_cast<T>(value.imag());
}

template <typename T>
base::Buffer<T> rounded(const std::vector<ExtendedComplex>& values) {
  base::Buffer<T> out(2 * values.size());
  for (std::size_t i = 0; i < values.size(); ++i) put(values[i], out.data() + 2 * i);
  return out;
}

std::int64_t checked_length(std::int64_t n) {
  if (n < 1) throw InternalError("[fft] transform length " + std::to_string(n));
  return n;
}

}  // namespace

std::vector<FftPass> make_passes(std::span<const int> radices, std::int64_t n) {
  std::vector<FftPass> passes;
  std::int64_t stride = 1, offset = 0;
  for (int radix : radices) {
    FftPass pass{radix, stride, n / stride / radix, offset};
    if (pass.count > 1) offset += 2 * pass.count * (radix - 1);
    stride *= radix;
    passes.push_back(pass);
  }
  return passes;
}

template <typename T>
void fill_twiddles(const Roots& roots, const FftPass& pass, T* out) {
  for (std::int64_t p = 0; p < pass.count; ++p) {
    for (std::int64_t k = 1; k < pass.radix; ++k, out += 2) put(roots.at(pass.stride * p * k), out);
  }
}

template <typename T>
FftTables<T>::FftTables(std::int64_t n, Isa isa, std::int64_t lanes)
    : n_(checked_length(n)), isa_(isa), lanes_(lanes) {
  if (!is_five_smooth(n)) {
    const auto cost = [isa](std::int64_t m) {
      return static_cast<double>(m) * (1 + radices_cost(m, isa));
    };
    inner_ = std::make_shared<FftTables>(bluestein_length(n, cost), isa, lanes);
    const Chirp exact(n, inner_->n());
    chirp_ = rounded<T>(exact.values);
    chirp_spectrum_ = rounded<T>(exact.spectrum);
    return;
  }
  passes_ = make_passes(best_radices(n, isa), n);
  std::int64_t size = 0;
  for (const FftPass& pass : passes_) {
    if (pass.count > 1) size = pass.twiddles + 2 * pass.count * (pass.radix - 1);
  }
  twiddles_ = base::Buffer<T>(static_cast<std::size_t>(size));
  const Roots roots(n);
  for (const FftPass& pass : passes_) {
    if (pass.count > 1) fill_twiddles(roots, pass, twiddles_.data() + pass.twiddles);
  }
}

Chirp::Chirp(std::int64_t n, std::int64_t m)
    : values(static_cast<std::size_t>(n)), spectrum(static_cast<std::size_t>(m)) {
  const Roots roots(2 * n);
  std::int64_t square = 0;  // e^2 mod 2n
  for (std::int64_t e = 0; e < n; ++e) {
    values[static_cast<std::size_t>(e)] = roots.at(square);
    square = (square + 2 * e + 1) % (2 * n);
  }
  const auto inverse_m = 1 / static_cast<long double>(m);
  for (std::int64_t e = 0; e < n; ++e) {
    const ExtendedComplex value = std::conj(values[static_cast<std::size_t>(e)]) * inverse_m;
    spectrum[static_cast<std::size_t>(e)] = value;
    if (e > 0) spectrum[static_cast<std::size_t>(m - e)] = value;
  }
  extended_fft(spectrum);
}

template <typename T>
RealFftTables<T>::RealFftTables(std::int64_t n, Isa isa)
    : n_(checked_length(n)), complex_(n % 2 == 0 ? n / 2 : n, isa) {
  if (!halved()) return;
  const Roots exact(n);
  roots_ = base::Buffer<T>(static_cast<std::size_t>(2 * (n / 4 + 1)));
  for (std::int64_t k = 0; k <= n / 4; ++k) put(exact.at(k), roots_.data() + 2 * k);
}

template void fill_twiddles<float>(const Roots&, const FftPass&, float*);
template void fill_twiddles<double>(const Roots&, const FftPass&, double*);
template class FftTables<float>;
template class FftTables<double>;
template class RealFftTables<float>;
template class RealFftTables<double>;

}  // namespace papilio::kernels
