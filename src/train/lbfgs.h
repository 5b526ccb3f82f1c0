/// Limited-memory BFGS for objectives that do not change from call to call (Nocedal 1980; Nocedal
/// and Wright, Numerical Optimization, algorithms 7.4 and 3.5).
#pragma once

#include <functional>
#include <span>

namespace papilio::train {

/// The value at `x`; writes the gradient.
using Smooth = std::function<double(std::span<const double> x, std::span<double> gradient)>;

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

/// Minimises f from x on. Stops when no step lowers the value any more (the floor of rounding). A
/// step that is not finite is shortened, never taken.
LbfgsResult minimise_lbfgs(const Smooth& f, std::span<double> x, const LbfgsOptions& options = {});

}  // namespace papilio::train
