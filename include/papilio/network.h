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
  /// Points.
  std::int64_t n = 0;
  /// Of the stages, first one first, each from 2 to 32; their product is n. Empty: prime factors.
  std::vector<int> radices = {};
  /// Every block is a free r x r matrix instead of twiddles before a DFT of r points.
  bool blocks = false;
  /// The exact network is the unscaled inverse DFT instead of the DFT.
  bool inverse = false;
  /// The network is the transpose (decimation in frequency) of what its parameters say.
  bool transposed = false;
};

/// y = A(p) x for rows x of n complex values: a digit-reversing permutation, then stages of n/r
/// blocks each (docs/learning.md). R is float or double. Only set_parameters changes it: forward
/// and backward may run in any number of threads.
///
///   papilio::Network<float> network({.n = 256});            // the exact DFT
///   network.forward(x, y);                                  // [rows, 256] each
///   network.backward(x, dy, dx, gradient);                  // for any upstream gradient dy
///   for (std::size_t i = 0; i < p.size(); ++i) p[i] -= rate * gradient[i];
///   network.set_parameters(p);
template <typename R>
class PAPILIO_API Network {
 public:
  using Complex = std::complex<R>;

  /// The exact transform of these options. Throws UserError for an n below 2, a prime factor above
  /// 32, and radices that do not make n.
  explicit Network(const NetworkOptions& options);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  std::int64_t n() const;
  /// Stage after stage its twiddles [n/r, r-1] or blocks [n/r, r, r].
  std::span<const Complex> parameters() const;
  /// Throws UserError for another number of values.
  void set_parameters(std::span<const Complex> values);

  /// y = A(p) x, both [rows, n] with any strides, not overlapping. Throws UserError when the shapes
  /// do not fit.
  void forward(View<const Complex> x, View<Complex> y) const;
  void forward(View<const Complex> x, View<Complex> y, Scratch& scratch) const;

  /// From x and dy = dL/d(re y) + i dL/d(im y), the same of x and of the parameters: dx = A(p)^H
  /// dy, and `gradient` (as many values as parameters) is written, the sum over the rows. An empty
  /// dx (no data) is not computed.
  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient) const;
  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient, Scratch& scratch) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace papilio
