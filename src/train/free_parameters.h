/// What an optimiser moves: scales in units of their first value, gates within 0 .. 1, and, where
/// asked for, the phases of twiddles that stay on the unit circle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/steps.h"
#include "transform/parameters.h"

namespace papilio::train {

/// Between free parameters and the numbers of a model. Of a scale s that starts at s0 the free
/// parameter is s / |s0|: the scale of an inverse DFT is 1/n, and a step that suits twiddles, which
/// are near 1, is a leap there. On the unit circle the free parameter of a twiddle w = exp(i theta)
/// is theta, with dL/dtheta = Im(conj(w) g) for g = dL/d(re w) + i dL/d(im w). A gate is its free
/// parameter clamped to 0 .. 1. All other numbers are free themselves.
class FreeParameters {
 public:
  FreeParameters(const std::vector<transform::Parameter>& tensors, bool unit_circle);

  /// Free parameters of a tensor.
  std::size_t count(const transform::Parameter& tensor) const;

  /// Twiddles that are not on the circle are moved to it along their radius; 0 becomes 1.
  std::vector<double> to_free(std::span<const double> numbers) const;
  std::vector<double> to_numbers(std::span<const double> free) const;
  /// Gates at an end of their range that a step down the gradient would take out of it: no part of
  /// that step.
  std::vector<std::size_t> held(std::span<const double> free,
                                std::span<const double> gradient) const;
  /// Puts gates that a step has moved out of their range on its end, from which they come back at
  /// once where the loss wants it.
  void project(std::span<double> free) const;
  /// How the numbers move when the free parameters move along `direction`.
  std::vector<double> push_forward(std::span<const double> free,
                                   std::span<const double> direction) const;
  /// The gradient of the numbers as one of the free parameters.
  std::vector<double> pull_back(std::span<const double> free,
                                std::span<const double> gradient) const;
  /// The same for steps on a device: one part per tensor.
  std::vector<runtime::Descent::Part> descent_parts() const;

 private:
  enum class Kind : std::uint8_t { plain, phases, gates };
  struct Part {
    std::size_t count = 0;  ///< numbers; phases: pairs of them
    Kind kind = Kind::plain;
    double unit = 1.0;  ///< numbers are so many times the free ones
  };
  Kind kind_of(const transform::Parameter& tensor) const;

  bool unit_circle_;
  std::vector<Part> parts_;
};

/// Whether the tensor is the scale of a network.
bool is_scale(const transform::Parameter& tensor);

}  // namespace papilio::train
