/// What stands around the stages of a public network: gates in front of the plan's blocks, and the
/// recombination of real input.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::api {

/// Blocks g B + (1 - g) I, with a gate g for each block B of a network, which is DFT_r behind
/// twiddles or free numbers. T = float or double.
template <typename T>
class GatedBlocks {
 public:
  using Complex = std::complex<T>;

  explicit GatedBlocks(const transform::NetworkSpec& spec);

  std::int64_t gates() const { return gates_; }
  /// Complex values of all blocks.
  std::int64_t values() const { return values_; }

  /// `parameters` stage after stage, as transform::Stage holds them.
  void mix(std::span<const Complex> parameters, std::span<const T> gates, Complex* blocks) const;

  /// From the gradient of the blocks those of parameters and gates, added to what is there; either
  /// may be empty. A gradient is dL/d(re) + i dL/d(im).
  void unmix_add(std::span<const Complex> parameters, std::span<const T> gates,
                 const Complex* gradient, std::span<Complex> of_parameters,
                 std::span<T> of_gates) const;

 private:
  struct Stage {
    std::int64_t blocks = 0;
    std::int64_t radix = 0;
    std::int64_t held = 0;  ///< parameters of a block
    bool twiddles = false;
    std::vector<Complex> dft;  ///< [r, r]
  };

  /// Entry [q, j] of a block with these parameters.
  static Complex entry(const Stage& stage, const Complex* p, std::int64_t q, std::int64_t j);

  std::vector<Stage> stages_;
  std::int64_t gates_ = 0, values_ = 0;
};

/// The h + 1 bins of a real signal from the spectrum u [h] of x[2t] + i x[2t+1]; `w` [h] as
/// transform/recombination.h says.
template <typename T>
void recombine(std::span<const std::complex<T>> w, const std::complex<T>* u, std::complex<T>* bins);

/// From the gradient `g` [h+1] of the bins that of u into `du` [h]; that of w is added to `dw`.
template <typename T>
void recombine_backward(std::span<const std::complex<T>> w, const std::complex<T>* u,
                        const std::complex<T>* g, std::complex<T>* du, std::complex<T>* dw);

}  // namespace papilio::api
