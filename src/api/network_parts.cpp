// Gates and recombination with their gradients.
#include "api/network_parts.h"

#include <algorithm>

#include "transform/blocks.h"

namespace papilio::api {
namespace {

/// Without the checks for infinities that operator* makes.
template <typename T>
std::complex<T> times(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// i a.
template <typename T>
std::complex<T> turned(std::complex<T> a) {
  return {-a.imag(), a.real()};
}

/// E[k] and O[k], the spectra of the even and of the odd samples.
template <typename T>
struct EvenOdd {
  std::complex<T> even, odd;
};

template <typename T>
EvenOdd<T> even_odd(const std::complex<T>* u, std::size_t k, std::size_t mirrored) {
  const std::complex<T> a = u[k], b = std::conj(u[mirrored]);
  return {T(0.5) * (a + b), T(-0.5) * turned(a - b)};
}

std::size_t mirrored(std::size_t k, std::size_t h) { return k == 0 ? 0 : h - k; }

}  // namespace

template <typename T>
GatedBlocks<T>::GatedBlocks(const transform::NetworkSpec& spec) {
  for (int s = 0; s < spec.layout.stages(); ++s) {
    const transform::StageShape shape = spec.layout.stage(s);
    Stage stage;
    stage.blocks = shape.blocks();
    stage.radix = shape.radix;
    stage.held = held_parameters(spec, s) / stage.blocks;
    stage.twiddles = spec.form == transform::Form::twiddle;
    if (stage.twiddles) {
      for (const auto value : transform::dft_matrix(stage.radix, spec.direction).values) {
        stage.dft.emplace_back(value);
      }
    }
    gates_ += stage.blocks;
    values_ += stage.blocks * stage.radix * stage.radix;
    stages_.push_back(std::move(stage));
  }
}

template <typename T>
std::complex<T> GatedBlocks<T>::entry(const Stage& stage, const Complex* p, std::int64_t q,
                                      std::int64_t j) {
  const auto at = static_cast<std::size_t>(q * stage.radix + j);
  if (!stage.twiddles) return p[at];
  return j == 0 ? stage.dft[at] : times(stage.dft[at], p[j - 1]);
}

template <typename T>
void GatedBlocks<T>::mix(std::span<const Complex> parameters, std::span<const T> gates,
                         Complex* blocks) const {
  const Complex* p = parameters.data();
  const T* gate = gates.data();
  for (const Stage& stage : stages_) {
    for (std::int64_t b = 0; b < stage.blocks; ++b, p += stage.held, ++gate) {
      for (std::int64_t q = 0; q < stage.radix; ++q) {
        for (std::int64_t j = 0; j < stage.radix; ++j) {
          *blocks++ = *gate * entry(stage, p, q, j) + (q == j ? T(1) - *gate : T(0));
        }
      }
    }
  }
}

// With M = g B + (1 - g) I and G = dL/dM: dL/dg = Re sum conj(G) (B - I), dL/dB = g G; and for
// B_qj = F_qj w_j: dL/dw_j = sum_q conj(F_qj) dL/dB_qj.
template <typename T>
void GatedBlocks<T>::unmix_add(std::span<const Complex> parameters, std::span<const T> gates,
                               const Complex* gradient, std::span<Complex> of_parameters,
                               std::span<T> of_gates) const {
  std::size_t first = 0, gate = 0;
  for (const Stage& stage : stages_) {
    for (std::int64_t b = 0; b < stage.blocks; ++b, ++gate) {
      const Complex* p = parameters.data() + first;
      T of_gate = 0;
      for (std::int64_t q = 0; q < stage.radix; ++q) {
        for (std::int64_t j = 0; j < stage.radix; ++j, ++gradient) {
          const Complex difference = entry(stage, p, q, j) - (q == j ? T(1) : T(0));
          of_gate += gradient->real() * difference.real() + gradient->imag() * difference.imag();
          if (of_parameters.empty()) continue;
          const Complex own = gates[gate] * *gradient;
          const auto at = static_cast<std::size_t>(q * stage.radix + j);
          if (!stage.twiddles) of_parameters[first + at] += own;
          if (stage.twiddles && j > 0) {
            of_parameters[first + static_cast<std::size_t>(j - 1)] +=
                times(std::conj(stage.dft[at]), own);
          }
        }
      }
      if (!of_gates.empty()) of_gates[gate] += of_gate;
      first += static_cast<std::size_t>(stage.held);
    }
  }
}

template <typename T>
void recombine(std::span<const std::complex<T>> w, const std::complex<T>* u,
               std::complex<T>* bins) {
  const std::size_t h = w.size();
  for (std::size_t k = 0; k < h; ++k) {
    const auto [even, odd] = even_odd(u, k, mirrored(k, h));
    bins[k] = even + times(w[k], odd);
    if (k == 0) bins[h] = even - times(w[0], odd);
  }
}

// E and O hold u[k] and conj(u[-k]): what reaches them goes to u[k] and, conjugated, to u[-k].
template <typename T>
void recombine_backward(std::span<const std::complex<T>> w, const std::complex<T>* u,
                        const std::complex<T>* g, std::complex<T>* du, std::complex<T>* dw) {
  const std::size_t h = w.size();
  std::fill_n(du, h, std::complex<T>());
  for (std::size_t k = 0; k < h; ++k) {
    const std::complex<T> nyquist = k == 0 ? g[h] : std::complex<T>();
    const std::complex<T> of_even = g[k] + nyquist;
    const std::complex<T> of_product = g[k] - nyquist;
    const std::complex<T> of_odd = times(std::conj(w[k]), of_product);
    dw[k] += times(of_product, std::conj(even_odd(u, k, mirrored(k, h)).odd));
    du[k] += T(0.5) * (of_even + turned(of_odd));
    du[mirrored(k, h)] += T(0.5) * (std::conj(of_even) + turned(std::conj(of_odd)));
  }
}

#define PAPILIO_INSTANTIATE(T)                                                                  \
  template class GatedBlocks<T>;                                                                \
  template void recombine<T>(std::span<const std::complex<T>>, const std::complex<T>*,          \
                             std::complex<T>*);                                                 \
  template void recombine_backward<T>(std::span<const std::complex<T>>, const std::complex<T>*, \
                                      const std::complex<T>*, std::complex<T>*, std::complex<T>*);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::api
