/// Twiddles that stay on the unit circle: the optimiser moves their phases.
#pragma once

#include <span>
#include <vector>

#include "transform/parameters.h"

namespace papilio::train {

/// Between free parameters and the numbers of a model. Of a twiddle w = exp(i theta) the free
/// parameter is theta, with dL/dtheta = Im(conj(w) g) for g = dL/d(re w) + i dL/d(im w); all other
/// numbers are free themselves.
class UnitCircle {
 public:
  /// `on` false: nothing is bound.
  UnitCircle(const std::vector<transform::Parameter>& tensors, bool on);

  /// Free parameters of a tensor.
  std::size_t count(const transform::Parameter& tensor) const;

  /// Twiddles that are not on the circle are moved to it along their radius; 0 becomes 1.
  std::vector<double> to_free(std::span<const double> numbers) const;
  std::vector<double> to_numbers(std::span<const double> free) const;
  /// How the numbers move when the free parameters move along `direction`.
  std::vector<double> push_forward(std::span<const double> free,
                                   std::span<const double> direction) const;
  /// The gradient of the numbers as one of the free parameters.
  std::vector<double> pull_back(std::span<const double> free,
                                std::span<const double> gradient) const;

 private:
  struct Part {
    std::size_t count = 0;  ///< numbers; phases: pairs of them
    bool phases = false;
  };
  bool on_;
  std::vector<Part> parts_;
};

}  // namespace papilio::train
