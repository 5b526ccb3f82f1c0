// Curvature against differences, and optimisers that use it.
#include "train/second_order.h"

#include <gtest/gtest.h>

#include <cmath>

#include "papilio/error.h"
#include "train/curvature.h"
#include "train/noise.h"
#include "train/train_support.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

transform::NetworkSpec spec_of(const std::string& radices) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  return spec;
}

transform::Network gated(transform::Network network) {
  base::Rng rng(5);
  for (auto& stage : network.stages) {
    for (std::int64_t b = 0; b < network.spec.n() / 2; ++b) {
      stage.gates.push_back(0.2 + 0.6 * rng.uniform());
    }
  }
  return network;
}

/// Tasks whose model is its own target; a decoder that is the exact inverse.
std::vector<std::pair<std::string, Task>> tasks() {
  transform::NetworkSpec tied = spec_of("2,2,2"), blocks = spec_of("2,3");
  tied.tying = transform::Tying::tied;
  blocks.form = transform::Form::block;
  const auto own = [](transform::Chain model) {
    Task task;
    task.target = model;
    task.model = std::move(model);
    return task;
  };
  return {{"twiddles", own(chain_of(random_butterfly(spec_of("4,2"), 1)))},
          {"tied", own(chain_of(random_butterfly(tied, 2)))},
          {"blocks", own(chain_of(random_butterfly(blocks, 3)))},
          {"gates", own(chain_of(gated(random_butterfly(spec_of("2,2,2"), 4))))},
          {"dct2", own(transform::dct2(spec_of("2,2,2")))},
          {"encoder and decoder", perturbed_pair(8, 0.0)},
          {"decoder", [] {
             Task task = perturbed_pair(8, 0.0);
             task.trains = Trains::decoder;
             return task;
           }()}};
}

double norm(const std::vector<double>& v) {
  double sum = 0.0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

// Where the model is its own target no residual is left: Gauss-Newton's matrix is the Hessian, of
// which central differences of the gradient tell every direction.
TEST(Curvature, IsTheHessianWhereResidualsAreZero) {
  for (const auto& [name, task] : tasks()) {
    const ObjectiveOptions options{.dtype = DType::f64};
    const Power power{2.0, 3.0};
    Objective objective(task, power, options);
    Curvature curvature(task, power, options);
    const PreparedBatch rows = objective.prepare(
        noise_batch(Noise::white, Split::test, 1, 0, 5, task.model.n, task.real()));
    const std::vector<double> at = flatten(objective.tensors());
    base::Rng rng(7);
    std::vector<double> v(at.size()), product(at.size());
    for (double& x : v) x = rng.normal();
    curvature.product(at, rows, v, product);
    const auto gradient_at = [&](double steps) {
      constexpr double kStep = 1e-4;
      std::vector<double> moved = at, gradient(at.size());
      for (std::size_t i = 0; i < at.size(); ++i) moved[i] += steps * kStep * v[i];
      objective.evaluate(moved, rows, gradient);
      for (double& x : gradient) x /= kStep;
      return gradient;
    };
    const auto a = gradient_at(1.0), b = gradient_at(-1.0), c = gradient_at(2.0),
               d = gradient_at(-2.0);
    std::vector<double> difference(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) {
      const double slope = (8.0 * (a[i] - b[i]) - (c[i] - d[i])) / 12.0;
      difference[i] = slope - product[i];
    }
    EXPECT_LT(norm(difference), 1e-6 * norm(product)) << name;
    EXPECT_GT(norm(product), 0.01) << name;
  }
}

// A quadratic: L-BFGS and Gauss-Newton, given its matrix, go to the bottom.
TEST(SecondOrder, StepsOfAQuadraticEndAtItsBottom) {
  const std::vector<double> curves{1.0, 10.0, 100.0};
  for (const char* name : {"lbfgs", "gauss-newton"}) {
    const auto optimiser = make_optimiser(name, 3);
    std::vector<double> x{1.0, -2.0, 3.0};
    const Smooth f = [&](std::span<const double> at, std::span<double> gradient) {
      double sum = 0.0;
      for (std::size_t i = 0; i < 3; ++i) {
        gradient[i] = curves[i] * at[i];
        sum += 0.5 * curves[i] * at[i] * at[i];
      }
      return sum;
    };
    const auto product = [&](std::span<const double> v, std::span<double> result) {
      for (std::size_t i = 0; i < 3; ++i) result[i] = curves[i] * v[i];
    };
    for (int step = 0; step < 40; ++step) {
      std::vector<double> gradient(3);
      const double value = f(x, gradient);
      optimiser->step(x, gradient, 0.0, {value, f, product});
    }
    EXPECT_LT(norm(x), 1e-8) << name;
  }
}

TEST(SecondOrder, AStepThatDoesNotLowerTheLossIsNotTaken) {
  const auto optimiser = make_optimiser("gauss-newton", 1);
  std::vector<double> x{1.0};
  const Smooth worse = [](std::span<const double>, std::span<double>) { return NAN; };
  const auto product = [](std::span<const double> v, std::span<double> result) {
    result[0] = v[0];
  };
  const std::vector<double> gradient{1.0};
  const double damping = optimiser->save()[0].values[0];
  EXPECT_EQ(optimiser->step(x, gradient, 0.0, {1.0, worse, product}), 0.0);
  EXPECT_EQ(x[0], 1.0);
  EXPECT_GT(optimiser->save()[0].values[0], damping);
}

TEST(SecondOrder, StatesOfOtherOptimisersAreRefused) {
  for (const char* name : {"lbfgs", "gauss-newton"}) {
    const auto optimiser = make_optimiser(name, 3);
    EXPECT_THROW(optimiser->load(make_optimiser("adam", 3)->save()), UserError) << name;
  }
  const std::vector<OptimiserState> other{{"pairs", {1.0}},
                                          {"pair.0.points", {1.0, 2.0}},
                                          {"pair.0.gradients", {1.0, 2.0}},
                                          {"pair.0.rho", {1.0}}};
  EXPECT_THROW(make_optimiser("lbfgs", 3)->load(other), UserError);
  EXPECT_NO_THROW(make_optimiser("lbfgs", 2)->load(other));
}

TEST(SecondOrder, TrainsEncoderAndDecoderTogether) {
  for (const char* name : {"lbfgs", "gauss-newton"}) {
    TrainOptions options = options_of(200);
    options.optimiser = name;
    options.objective.dtype = DType::f64;
    options.valid_every = 10;
    options.goal = 1e-9;
    EXPECT_EQ(train(perturbed_pair(16), options).ended, "goal") << name;
  }
}

TEST(SecondOrder, ClippingIsRefused) {
  TrainOptions options;
  options.clip = 1.0;
  options.optimiser = "lbfgs";
  EXPECT_THROW(validate(options), UserError);
}

}  // namespace
}  // namespace papilio::train
