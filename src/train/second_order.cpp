// L-BFGS and damped Gauss-Newton behind the interface of optimisers.
#include "train/second_order.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::train {
namespace {

using Vector = std::vector<double>;

constexpr int kIterations = 50;  // of conjugate gradients
constexpr double kTolerance = 0.05;
/// Damping as a part of the mean of the diagonal, and how it follows the steps (Marquardt 1963).
constexpr double kFirstDamping = 1e-2, kLeastDamping = 1e-9, kMostDamping = 1e6;
constexpr double kGood = 0.75, kPoor = 0.25, kLess = 0.25, kMore = 4.0;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

class LbfgsOptimiser final : public Optimiser {
 public:
  explicit LbfgsOptimiser(std::size_t size) : size_(size) {}

  double step(std::span<double> parameters, std::span<const double> gradient, double,
              const StepLoss& loss) override {
    double value = loss.value;
    Vector moved(gradient.begin(), gradient.end());
    return lbfgs_.step(loss.evaluate, parameters, value, moved);
  }

  std::vector<OptimiserState> save() const override {
    std::vector<OptimiserState> state{{"pairs", {static_cast<double>(lbfgs_.pairs().size())}}};
    int number = 0;
    for (const Lbfgs::Pair& pair : lbfgs_.pairs()) {
      const std::string name = "pair." + std::to_string(number++);
      state.push_back({name + ".points", pair.s});
      state.push_back({name + ".gradients", pair.y});
      state.push_back({name + ".rho", {pair.rho}});
    }
    return state;
  }

  void load(std::span<const OptimiserState> state) override {
    const double count = saved_vector(state, "pairs", 1)[0];
    if (count != std::floor(count) || count < 0.0 || count > lbfgs_.memory()) {
      throw UserError("it says that it holds " + base::to_text(count) + " pairs");
    }
    std::deque<Lbfgs::Pair> pairs;
    for (int number = 0; number < static_cast<int>(count); ++number) {
      const std::string name = "pair." + std::to_string(number);
      pairs.push_back({saved_vector(state, name + ".points", size_),
                       saved_vector(state, name + ".gradients", size_),
                       saved_vector(state, name + ".rho", 1)[0]});
    }
    lbfgs_.set_pairs(std::move(pairs));
  }

 private:
  std::size_t size_;
  Lbfgs lbfgs_;
};

class GaussNewton final : public Optimiser {
 public:
  double step(std::span<double> parameters, std::span<const double> gradient, double,
              const StepLoss& loss) override {
    double promised = 0.0;
    const Vector direction = solve(gradient, loss, promised);
    Vector moved(parameters.begin(), parameters.end()), unused(parameters.size());
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += direction[i];
    const double came = loss.value - loss.evaluate(moved, unused);
    // Not a number is no decrease.
    const bool lower = came > 0.0;
    const double part = lower && promised > 0.0 ? came / promised : 0.0;
    if (part > kGood) damping_[0] = std::max(kLeastDamping, kLess * damping_[0]);
    if (part < kPoor) damping_[0] = std::min(kMostDamping, kMore * damping_[0]);
    if (!lower) return 0.0;
    std::copy(moved.begin(), moved.end(), parameters.begin());
    return 1.0;
  }

  std::vector<OptimiserState> save() const override { return {{"damping", damping_}}; }
  void load(std::span<const OptimiserState> state) override {
    damping_ = saved_vector(state, "damping", 1);
    if (!(damping_[0] > 0.0)) throw UserError("its damping is not above 0");
  }

 private:
  /// (G + damping mean(diag G)) d = -gradient, from zero: what G does not see stays as it is.
  /// `promised`: by how much the quadratic model of the loss falls.
  Vector solve(std::span<const double> gradient, const StepLoss& loss, double& promised) const {
    const std::size_t size = gradient.size();
    Vector d(size, 0.0), residual(size), direction, product(size);
    for (std::size_t i = 0; i < size; ++i) residual[i] = -gradient[i];
    direction = residual;
    double power = dot(residual, residual);
    const double goal = kTolerance * kTolerance * power;
    double shift = -1.0;
    for (int k = 0; k < kIterations && power > goal; ++k) {
      loss.curvature(direction, product);
      // The first quotient stands for the mean of the diagonal.
      if (shift < 0.0) shift = damping_[0] * dot(direction, product) / power;
      for (std::size_t i = 0; i < size; ++i) product[i] += shift * direction[i];
      const double along = dot(direction, product);
      if (!(along > 0.0)) break;
      const double length = power / along;
      for (std::size_t i = 0; i < size; ++i) d[i] += length * direction[i];
      for (std::size_t i = 0; i < size; ++i) residual[i] -= length * product[i];
      const double next = dot(residual, residual);
      for (std::size_t i = 0; i < size; ++i) {
        direction[i] = residual[i] + next / power * direction[i];
      }
      power = next;
    }
    // <g, d> + <d, G d> / 2 with G d = -g - residual - shift d.
    promised = 0.5 * (dot(d, residual) + std::max(0.0, shift) * dot(d, d) - dot(gradient, d));
    return d;
  }

  Vector damping_{kFirstDamping};
};

}  // namespace

std::unique_ptr<Optimiser> make_second_order(std::string_view name, std::size_t size) {
  if (name == "lbfgs") return std::make_unique<LbfgsOptimiser>(size);
  if (name == "gauss-newton") return std::make_unique<GaussNewton>();
  throw InternalError("[train] " + std::string(name) + " is no optimiser of second order");
}

}  // namespace papilio::train
