// Two-loop recursion and a line search with strong Wolfe conditions.
#include "train/lbfgs.h"

#include <cmath>
#include <utility>

namespace papilio::train {
namespace {

using Vector = std::vector<double>;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

using Pair = Lbfgs::Pair;

/// Minus the inverse Hessian as the pairs tell it, times the gradient.
Vector direction_of(std::span<const double> gradient, const std::deque<Pair>& pairs) {
  Vector q(gradient.begin(), gradient.end()), alpha(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].rho * dot(pairs[i].s, q);
    for (std::size_t e = 0; e < q.size(); ++e) q[e] -= alpha[i] * pairs[i].y[e];
  }
  const double scale = pairs.empty()
                           ? 1.0 / std::sqrt(dot(q, q))
                           : 1.0 / (pairs.back().rho * dot(pairs.back().y, pairs.back().y));
  for (double& value : q) value *= scale;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].rho * dot(pairs[i].y, q);
    for (std::size_t e = 0; e < q.size(); ++e) q[e] += (alpha[i] - beta) * pairs[i].s[e];
  }
  for (double& value : q) value = -value;
  return q;
}

/// The function along a line, and the last point that was asked for.
struct Line {
  const Smooth& f;
  std::span<const double> start, direction;
  Vector x, gradient;

  Line(const Smooth& function, std::span<const double> from, std::span<const double> along)
      : f(function), start(from), direction(along), x(from.size()), gradient(from.size()) {}

  double value(double t) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = start[i] + t * direction[i];
    return f(x, gradient);
  }
  double slope() const { return dot(gradient, direction); }
};

/// A step length with f <= f0 + 1e-4 t slope0 and |slope| <= 0.9 |slope0|, by bisection between a
/// lower and an upper end; 0 when there is none. The line is left at it.
double search(Line& line, double value0, double slope0, double& value) {
  constexpr double kDecrease = 1e-4, kCurvature = 0.9;
  double low = 0.0, high = 0.0, t = 1.0;
  for (int tries = 0; tries < 50; ++tries) {
    value = line.value(t);
    if (!std::isfinite(value) || value > value0 + kDecrease * t * slope0) {
      high = t;
    } else if (line.slope() < kCurvature * slope0) {
      low = t;
    } else {
      return t;
    }
    t = high > 0.0 ? 0.5 * (low + high) : 2.0 * t;
  }
  // At the floor of rounding the conditions cannot be told any more: any descent counts.
  if (low > 0.0) {
    value = line.value(low);
    return value < value0 ? low : 0.0;
  }
  return 0.0;
}

}  // namespace

double Lbfgs::step(const Smooth& f, std::span<double> x, double& value,
                   std::span<double> gradient) {
  if (!(dot(gradient, gradient) > 0.0)) return 0.0;
  const Vector direction = direction_of(gradient, pairs_);
  Line line(f, x, direction);
  double next = 0.0;
  const double t = search(line, value, dot(gradient, direction), next);
  if (t == 0.0) {
    if (pairs_.empty()) return 0.0;
    pairs_.clear();  // once more along the gradient before giving up
    return step(f, x, value, gradient);
  }
  Pair pair{Vector(x.size()), Vector(x.size()), 0.0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    pair.s[i] = line.x[i] - x[i];
    pair.y[i] = line.gradient[i] - gradient[i];
    x[i] = line.x[i];
    gradient[i] = line.gradient[i];
  }
  value = next;
  const double curvature = dot(pair.s, pair.y);
  if (curvature > 0.0) {
    pair.rho = 1.0 / curvature;
    pairs_.push_back(std::move(pair));
    if (static_cast<int>(pairs_.size()) > memory_) pairs_.pop_front();
  }
  return t;
}

LbfgsResult minimise_lbfgs(const Smooth& f, std::span<double> x, const LbfgsOptions& options) {
  LbfgsResult result;
  Vector gradient(x.size());
  result.value = f(x, gradient);
  const double goal = options.tolerance * std::sqrt(dot(gradient, gradient));
  Lbfgs lbfgs(options.memory);
  while (result.steps < options.steps) {
    result.converged = std::sqrt(dot(gradient, gradient)) <= goal;
    if (result.converged || !std::isfinite(result.value)) break;
    if (lbfgs.step(f, x, result.value, gradient) == 0.0) break;
    ++result.steps;
    if (options.progress && !options.progress(result.steps, result.value)) break;
  }
  return result;
}

}  // namespace papilio::train
