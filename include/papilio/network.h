/// Butterfly networks: fast transforms whose numbers can be trained.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "papilio/export.h"
#include "papilio/plan.h"
#include "papilio/view.h"

namespace papilio {

struct NetworkOptions {
  /// Points; length of a signal.
  std::int64_t n = 0;
  /// Of the stages, first one first, each from 2 to 32; their product is n (with real input n/2).
  /// Empty: prime factors.
  std::vector<int> radices = {};
  /// Every block is a free r x r matrix instead of twiddles before a DFT of r points.
  bool blocks = false;
  /// The exact network is the unscaled inverse DFT instead of the DFT.
  bool inverse = false;
  /// The network is the transpose (decimation in frequency) of what its parameters say.
  bool transposed = false;
  /// Every block B has a gate g from 0 to 1: g B + (1 - g) I in its place. They begin as 1.
  bool gates = false;
  /// n real samples give n/2 + 1 bins, by a network of n/2 points on x[2t] + i x[2t+1] and a
  /// recombination with n/2 twiddles w: X[k] = E[k] + w[k] O[k] for k < n/2, X[n/2] = E[0] - w[0]
  /// O[0], where E and O are the spectra of the even and the odd samples.
  bool real = false;
};

/// y = A(p) x for rows x of n complex or real values: a digit-reversing permutation, then stages of
/// n/r blocks each (docs/learning.md). R is float or double. Only set_parameters and set_gates
/// change it: forward and backward may run in any number of threads.
///
///   papilio::Network<float> network({.n = 256});            // the exact DFT
///   network.forward(x, y);                                  // [rows, 256] each
///   network.backward(x, dy, dx, gradient);                  // for any upstream gradient dy
///   for (std::size_t i = 0; i < p.size(); ++i) p[i] -= rate * gradient[i];
///   network.set_parameters(p);
///
/// An encoder with its decoder is two networks: forward of one behind the other, and backward of
/// the decoder, whose dx is the dy of the encoder (examples/07_roundtrip.cpp).
template <typename R>
class PAPILIO_API Network {
 public:
  using Complex = std::complex<R>;

  /// The exact transform of these options. Throws UserError for an n below 2, a prime factor above
  /// 32, radices that do not make n, and real input with an odd n or transposed.
  explicit Network(const NetworkOptions& options);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  std::int64_t n() const;
  /// Values of a result row: n, or n/2 + 1 for real input.
  std::int64_t outputs() const;
  /// Stage after stage its twiddles [n/r, r-1] or blocks [n/r, r, r]; then, for real input, the
  /// twiddles [n/2] of the recombination. With real input n is n/2 in the stages.
  std::span<const Complex> parameters() const;
  /// Throws UserError for another number of values.
  void set_parameters(std::span<const Complex> values);
  /// Stage after stage its gates [n/r]; none without NetworkOptions::gates.
  std::span<const R> gates() const;
  /// Throws UserError for another number of values, and for one that is not from 0 to 1.
  void set_gates(std::span<const R> values);

  /// y = A(p) x, [rows, n] and [rows, outputs] with any strides, not overlapping. Throws UserError
  /// when the shapes do not fit, and for complex rows of a network with real input or the reverse.
  void forward(View<const Complex> x, View<Complex> y) const;
  void forward(View<const Complex> x, View<Complex> y, Scratch& scratch) const;
  void forward(View<const R> x, View<Complex> y) const;
  void forward(View<const R> x, View<Complex> y, Scratch& scratch) const;

  /// From x and dy = dL/d(re y) + i dL/d(im y), the same of x and of the parameters: dx = A(p)^H dy
  /// (real x: its real part), and `gradient` (as many values as parameters) is written, the sum
  /// over the rows; so is `gates`, dL/dg, unless it is empty. An empty dx (no data) is not
  /// computed.
  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient, std::span<R> gates = {}) const;
  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient, std::span<R> gates, Scratch& scratch) const;
  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient, Scratch& scratch) const;
  void backward(View<const R> x, View<const Complex> dy, View<R> dx, std::span<Complex> gradient,
                std::span<R> gates = {}) const;
  void backward(View<const R> x, View<const Complex> dy, View<R> dx, std::span<Complex> gradient,
                std::span<R> gates, Scratch& scratch) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace papilio
