// Conjugate gradients and Gauss-Newton with Levenberg's damping.
#include "train/gauss_newton.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace papilio::train {
namespace {

constexpr int kMaxIterations = 200;
/// Of the first steps, far from the end, where the linear model is no better than that.
constexpr double kLoosest = 0.1;
constexpr double kTightest = 1e-4;
constexpr double kFirstDamping = 1e-6;
constexpr double kLargestDamping = 1e6;
/// A step that lowers the loss by less than this part of it ends the fit: beside the noise, far
/// below what the parameters of any network that is worth fitting take up of it.
constexpr double kNoiseTolerance = 1e-6;

template <typename T>
double inner(const Parameters<T>& a, const Parameters<T>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i].real()) * static_cast<double>(b[i].real()) +
           static_cast<double>(a[i].imag()) * static_cast<double>(b[i].imag());
  }
  return sum;
}

template <typename T>
void add(Parameters<T>& sum, double factor, const Parameters<T>& x) {
  const T scale = static_cast<T>(factor);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += scale * x[i];
}

/// A step of some parameters, and by how much it lowers the linearised loss.
template <typename T>
struct Solution {
  Parameters<T> step;
  double decrease = 0.0;
};

/// (J^H J + damping I) step = -gradient.
template <typename T>
Solution<T> conjugate_gradients(const Stack<T>& stack, const Parameters<T>& values,
                                const Batches<T>& data, StepRange range, Parameters<T> residual,
                                double tolerance, double damping) {
  for (auto& value : residual) value = -value;
  const Parameters<T> right = residual;
  Solution<T> solution{Parameters<T>(values.size()), 0.0};
  Parameters<T> direction = residual;
  Parameters<T> product;
  double power = inner(residual, residual);
  const double goal = tolerance * tolerance * power;
  double shift = -1.0;
  for (int i = 0; i < kMaxIterations && power > goal; ++i) {
    stack.normal_product(values, data, range, direction, product);
    // The first quotient stands for the mean of the diagonal.
    if (shift < 0.0) shift = damping * inner(direction, product) / power;
    add(product, shift, direction);
    const double curvature = inner(direction, product);
    if (!(curvature > 0.0)) break;
    add(solution.step, power / curvature, direction);
    add(residual, -power / curvature, product);
    const double next = inner(residual, residual);
    for (std::size_t k = 0; k < direction.size(); ++k) {
      direction[k] = residual[k] + static_cast<T>(next / power) * direction[k];
    }
    power = next;
  }
  // |r + J d|^2 = |r|^2 + 2 <g, d> + <d, J^H J d>, with J^H J d = -g - residual - shift d.
  solution.decrease = inner(solution.step, right) + inner(solution.step, residual);
  return solution;
}

}  // namespace

template <typename T>
Parameters<T> solve_step(const Stack<T>& stack, const Parameters<T>& values, const Batches<T>& data,
                         StepRange range, double tolerance, double damping) {
  Parameters<T> gradient(values.size());
  stack.gradient(values, data, range, gradient);
  return conjugate_gradients(stack, values, data, range, std::move(gradient), tolerance, damping)
      .step;
}

template <typename T>
Fit gauss_newton(const Stack<T>& stack, const Batches<T>& data, int max_steps,
                 Parameters<T>& values) {
  // What rounding of T leaves of the outputs' power, at worst.
  const double rounding = std::pow(8.0 * std::numeric_limits<T>::epsilon(), 2) * data.power;
  double damping = kFirstDamping;
  double tolerance = kLoosest;
  Fit fit{stack.loss(values, data), 0};
  while (fit.steps < max_steps && fit.loss > 0.0 && damping < kLargestDamping) {
    balance(stack, values);
    Parameters<T> gradient(values.size());
    stack.gradient(values, data, stack.all(), gradient);
    const Solution<T> solution = conjugate_gradients(stack, values, data, stack.all(),
                                                     std::move(gradient), tolerance, damping);
    Parameters<T> moved = values;
    add(moved, 1.0, solution.step);
    const double loss = stack.loss(moved, data);
    ++fit.steps;
    if (!(loss < fit.loss)) {
      if (fit.loss < rounding || solution.decrease < kNoiseTolerance * fit.loss) break;
      damping = std::max(damping * 100.0, 1e-3);
      continue;
    }
    const bool done = fit.loss - loss < kNoiseTolerance * fit.loss;
    // As tight as the last step was good (Eisenstat and Walker 1996, choice 2).
    tolerance = std::clamp(loss / fit.loss, kTightest, kLoosest);
    values = std::move(moved);
    fit.loss = loss;
    if (done) break;
    damping = std::max(damping * 0.1, kFirstDamping);
  }
  return fit;
}

template <typename T>
void balance(const Stack<T>& stack, Parameters<T>& values) {
  std::vector<double> norms;
  double logarithms = 0.0;
  for (std::size_t s = 0; s < stack.stages().size(); ++s) {
    double power = 0.0;
    for (const auto& value : stack.block_values(values, s)) {
      power += static_cast<double>(std::norm(value));
    }
    if (!(power > 0.0)) return;
    norms.push_back(std::sqrt(power));
    logarithms += std::log(norms.back());
  }
  const double mean = std::exp(logarithms / static_cast<double>(norms.size()));
  for (std::size_t s = 0; s < norms.size(); ++s) {
    const T factor = static_cast<T>(mean / norms[s]);
    for (auto& value : stack.block_values(values, s)) value *= factor;
  }
}

template Parameters<float> solve_step(const Stack<float>&, const Parameters<float>&,
                                      const Batches<float>&, StepRange, double, double);
template Parameters<double> solve_step(const Stack<double>&, const Parameters<double>&,
                                       const Batches<double>&, StepRange, double, double);
template Fit gauss_newton(const Stack<float>&, const Batches<float>&, int, Parameters<float>&);
template Fit gauss_newton(const Stack<double>&, const Batches<double>&, int, Parameters<double>&);
template void balance(const Stack<float>&, Parameters<float>&);
template void balance(const Stack<double>&, Parameters<double>&);

}  // namespace papilio::train
