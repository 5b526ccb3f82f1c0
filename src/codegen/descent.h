/// Steps of first-order optimisers as kernels behind those of a loss and its gradients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace papilio::codegen {

struct Assembly;

/// How the params of a graph follow from free parameters, in double, and how these move down the
/// gradient. The graph's outputs are the loss and the gradient of every param, in their order.
struct Descent {
  enum class Rule : std::uint8_t { sgd, adam, diagonal };
  enum class Kind : std::uint8_t {
    plain,   ///< a number is `unit` times its free parameter
    phases,  ///< complex numbers exp(i theta)
    gates,   ///< clamped to 0 .. 1
  };
  struct Part {
    Kind kind = Kind::plain;
    double unit = 1.0;
  };
  Rule rule = Rule::adam;
  std::vector<Part> parts;  ///< one per param
};

/// What a step is told, and behind it what it tells: device/descent.cuh declares the same.
struct StepFacts {
  double rate = 0.0;
  double mean_share = 1.0;    ///< means and mean squares are divided by these
  double square_share = 1.0;  ///< Adam: 1 - beta^t; diagonal: steps
  double longest = 0.0;       ///< > 0: gradients longer than this are shortened to it
  std::uint64_t moves = 1;    ///< 0: only the numbers are made of the free parameters
  double loss = 0.0;
  double norm = 0.0;                 ///< of the gradient of the free parameters
  std::uint64_t bad = ~UINT64_C(0);  ///< first number whose gradient is not finite; none: ~0
};

/// Appends the launches to the program, whose shared values have their places. The last of them
/// makes the numbers and can be launched alone.
void add_descent(Assembly& a, const Descent& descent, const std::string& slopes_kernel,
                 const std::string& move_kernel);

}  // namespace papilio::codegen
