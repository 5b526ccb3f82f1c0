// Products with the Jacobian against central differences and against each other.
#include "train/stack.h"

#include "base/rng.h"
#include "train/support.h"
#include "transform/apply.h"
#include "transform/inits.h"

namespace papilio::train {
namespace {

Parameters<double> random_parameters(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed);
  Parameters<double> values(count);
  for (auto& value : values) {
    const double re = rng.normal();
    value = {re, rng.normal()};
  }
  return values;
}

double inner(const Parameters<double>& a, const Parameters<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (std::conj(a[i]) * b[i]).real();
  return sum;
}

Parameters<double> moved(Parameters<double> values, double step, const Parameters<double>& by) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * by[i];
  return values;
}

struct Case {
  explicit Case(const char* transform)
      : target(make_target({.transform = transform, .n = 12})),
        stack(target.model.chain),
        data(batches_of<double>(draw_pairs(target.matrix, 19, target.model.real(), DType::f64, 1))),
        at(random_parameters(stack.parameters(target.model.chain).size(), 2)),
        along(random_parameters(at.size(), 3)) {}

  Target target;
  Stack<double> stack;
  Batches<double> data;
  Parameters<double> at;
  Parameters<double> along;
};

constexpr const char* kTransforms[] = {"dft", "dct2", "conv"};

TEST(Stack, GradientAgreesWithCentralDifferences) {
  for (const char* name : kTransforms) {
    const Case c(name);
    Parameters<double> gradient(c.at.size());
    const double loss = c.stack.gradient(c.at, c.data, c.stack.all(), gradient);
    EXPECT_DOUBLE_EQ(loss, c.stack.loss(c.at, c.data));
    const double step = 1e-5;
    const double difference = c.stack.loss(moved(c.at, step, c.along), c.data) -
                              c.stack.loss(moved(c.at, -step, c.along), c.data);
    const double slope = 2.0 * inner(gradient, c.along);
    EXPECT_NEAR(difference / (2.0 * step), slope, 1e-6 * std::abs(slope)) << name;
  }
}

TEST(Stack, NormalProductIsSymmetricAndCurvesTheLinearisedLoss) {
  for (const char* name : kTransforms) {
    const Case c(name);
    Parameters<double> along;
    Parameters<double> other;
    const Parameters<double> v = random_parameters(c.at.size(), 4);
    c.stack.normal_product(c.at, c.data, c.stack.all(), c.along, along);
    c.stack.normal_product(c.at, c.data, c.stack.all(), v, other);
    EXPECT_NEAR(inner(v, along), inner(c.along, other), 1e-9 * std::abs(inner(v, along))) << name;
    // One stage alone is linear: the loss along it is a parabola.
    const std::size_t s = c.stack.stages()[1];
    Parameters<double> one(c.at.size());
    Parameters<double> direction = c.along;
    const auto inside = c.stack.block_values(direction, 1);
    std::copy(inside.begin(), inside.end(), c.stack.block_values(one, 1).begin());
    c.stack.normal_product(c.at, c.data, {s, s + 1}, one, along);
    const double curvature = c.stack.loss(moved(c.at, 1.0, one), c.data) +
                             c.stack.loss(moved(c.at, -1.0, one), c.data) -
                             2.0 * c.stack.loss(c.at, c.data);
    EXPECT_NEAR(curvature, 2.0 * inner(one, along), 1e-9 * curvature) << name;
  }
}

TEST(Stack, LossVanishesForTheTruth) {
  const Target target = make_target({.transform = "random-butterfly", .n = 12});
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(12);
  spec.form = transform::Form::block;
  const transform::Network truth = transform::random_butterfly(spec, 4);
  const Pairs pairs = draw_pairs(dense(truth), 20, false, DType::f64, 1);
  const transform::Chain chain{12, {truth}};
  const Stack<double> stack(chain);
  const Batches<double> data = batches_of<double>(pairs);
  EXPECT_LT(stack.loss(stack.parameters(chain), data), 1e-28 * data.power);
}

TEST(Stack, RefusesNetworksOfOtherKinds) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(4);
  expect_refusal([&] { Stack<double>({4, {transform::exact_dft(spec)}}); }, {"block form"});
  spec.form = transform::Form::block;
  spec.direction = transform::Direction::inverse;
  expect_refusal([&] { Stack<double>({4, {transform::exact_dft(spec)}}); }, {"scale 1"});
}

}  // namespace
}  // namespace papilio::train
