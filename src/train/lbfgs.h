/// Limited-memory BFGS (Nocedal 1980; Nocedal and Wright, Numerical Optimization, algorithms 7.4
/// and 3.5).
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

namespace papilio::train {

/// The value at `x`; writes the gradient.
using Smooth = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// What is remembered of the steps so far, and the next step. The function may be another one from
/// step to step, as the loss on other rows is: the differences of one step are those of one
/// function (Schraudolph, Yu, Guenter 2007).
class Lbfgs {
 public:
  struct Pair {
    std::vector<double> s, y;  ///< differences of points and of gradients
    double rho = 0.0;          ///< 1 / <s, y>
  };

  explicit Lbfgs(int memory = 20) : memory_(memory) {}

  /// Moves x, at which f has this value and gradient, and writes those of the new x. Returns the
  /// length of the step as a part of the direction's; 0: x stays, since no step lowers the value
  /// (the floor of rounding). A step to where f is not finite is shortened, never taken.
  double step(const Smooth& f, std::span<double> x, double& value, std::span<double> gradient);

  int memory() const { return memory_; }
  /// Everything that the next step depends on, the oldest first: `memory` at most.
  const std::deque<Pair>& pairs() const { return pairs_; }
  void set_pairs(std::deque<Pair> pairs) { pairs_ = std::move(pairs); }

 private:
  int memory_;
  std::deque<Pair> pairs_;
};

struct LbfgsOptions {
  int steps = 1000;         ///< at most
  int memory = 20;          ///< pairs of differences that are kept
  double tolerance = 1e-9;  ///< of |gradient| against that of the start
  /// Called after every step with its number and the value; false stops.
  std::function<bool(int, double)> progress = {};
};

struct LbfgsResult {
  double value = 0.0;
  int steps = 0;
  bool converged = false;  ///< by the tolerance
};

/// Minimises f, which stays the same, from x on. Stops when no step lowers the value any more.
LbfgsResult minimise_lbfgs(const Smooth& f, std::span<double> x, const LbfgsOptions& options = {});

}  // namespace papilio::train
