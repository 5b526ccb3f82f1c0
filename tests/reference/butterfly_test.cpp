// The butterfly op against the networks of transform, and the sums that its gradient is.
#include <gtest/gtest.h>

#include <memory>

#include "ir/butterfly.h"
#include "reference/run_op.h"
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::reference {
namespace {

using ir::ButterflyAttrs;
using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;
using transform::Complex;
using transform::Direction;
using transform::distance;
using transform::Network;
using transform::Order;
using transform::Reading;
using transform::Signal;

constexpr double kTolerance = 1e-13;

/// The stages of a network, without its scale.
ButterflyAttrs attrs_of(const Network& network) {
  ButterflyAttrs a;
  a.radices = network.spec.layout.radices;
  a.last = network.spec.layout.stages();
  a.block = network.spec.form == transform::Form::block;
  a.inverse = !a.block && network.spec.direction == Direction::inverse;
  a.transposed = network.spec.order == Order::dif;
  a.permutation = std::make_shared<const std::vector<std::int32_t>>(network.permutation);
  return a;
}

Signal parameters_of(const Network& network) {
  Signal all;
  for (const auto& stage : network.stages) {
    all.insert(all.end(), stage.parameters.begin(), stage.parameters.end());
  }
  return all;
}

NodeId add_constant(GraphBuilder& b, const Signal& values) {
  std::vector<double> numbers;
  for (const Complex value : values) {
    numbers.push_back(value.real());
    numbers.push_back(value.imag());
  }
  return b.constant(std::move(numbers), true);
}

/// Two rows, so that a row that saw another one would be noticed.
Tensor rows_of(std::int64_t n) {
  Tensor x = zeros({2, n}, true);
  for (std::int64_t row = 0; row < 2; ++row) {
    const Signal values = transform::noise(n, static_cast<std::uint64_t>(row) + 5);
    for (std::int64_t i = 0; i < n; ++i) x.set(row * n + i, values[static_cast<std::size_t>(i)]);
  }
  return x;
}

Signal row_of(const Tensor& x, std::int64_t row) {
  Signal values;
  for (std::int64_t i = 0; i < x.last(); ++i) values.push_back(x.at(row * x.last() + i));
  return values;
}

Tensor run_butterfly(const Tensor& x, const ButterflyAttrs& a, const Signal& p) {
  return run_op(x, [&](GraphBuilder& b, NodeId in) {
    return b.add(OpKind::Butterfly, {in, add_constant(b, p)}, a);
  });
}

void expect_reading(const Network& network, const ButterflyAttrs& a, const Signal& p,
                    Reading reading) {
  const Tensor x = rows_of(network.spec.layout.n);
  const Tensor y = run_butterfly(x, a, p);
  for (std::int64_t row = 0; row < 2; ++row) {
    EXPECT_LT(distance(row_of(y, row), apply_network(network, row_of(x, row), reading)), kTolerance)
        << transform::radices_text(network.spec.layout);
  }
}

/// Networks of every layout, form, order and direction, without a scale.
std::vector<Network> networks() {
  std::vector<Network> result;
  for (const char* radices : {"2,2,2,2", "4,2,3", "16,5,5", "7"}) {
    for (const auto form : {transform::Form::twiddle, transform::Form::block}) {
      for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
        for (const Direction direction : {Direction::forward, Direction::inverse}) {
          auto spec = transform::spec_of(radices, form);
          spec.order = order;
          spec.direction = direction;
          spec.norm = transform::Norm::none;
          result.push_back(transform::random_butterfly(spec, 3));
        }
      }
    }
  }
  return result;
}

TEST(ReferenceButterfly, IsTheNetworkOfTransform) {
  for (const Network& network : networks()) {
    expect_reading(network, attrs_of(network), parameters_of(network), Reading::forward);
  }
}

TEST(ReferenceButterfly, WithoutAPermutationReadsInOrder) {
  for (Network network : networks()) {
    ButterflyAttrs a = attrs_of(network);
    a.permutation = nullptr;
    for (std::size_t i = 0; i < network.permutation.size(); ++i) {
      network.permutation[i] = static_cast<std::int32_t>(i);
    }
    expect_reading(network, a, parameters_of(network), Reading::forward);
  }
}

// What the gradient rule relies on: no reading needs other ops than a butterfly and conj(p).
TEST(ReferenceButterfly, FlippedAndConjugatedIsTheOtherReadings) {
  for (const Network& network : networks()) {
    Signal conjugate = parameters_of(network);
    for (Complex& value : conjugate) value = std::conj(value);
    ButterflyAttrs a = attrs_of(network);
    a.transposed = !a.transposed;
    expect_reading(network, a, parameters_of(network), Reading::transpose);
    if (!a.block) a.inverse = !a.inverse;
    expect_reading(network, a, conjugate, Reading::adjoint);
    a.transposed = !a.transposed;
    expect_reading(network, a, conjugate, Reading::conjugate);
  }
}

TEST(ReferenceButterfly, PartsOfARunAreTheRun) {
  for (const Network& network : networks()) {
    const ButterflyAttrs a = attrs_of(network);
    const Signal p = parameters_of(network);
    const Tensor x = rows_of(network.spec.layout.n);
    for (int cut = 1; cut < a.last; ++cut) {
      ButterflyAttrs front = a;
      front.last = cut;
      ButterflyAttrs end = a;
      end.first = cut;
      end.permutation = nullptr;
      const auto middle = p.begin() + ir::butterfly_parameters(front);
      const Signal first(p.begin(), middle);
      const Signal second(middle, p.end());
      const Tensor y = a.transposed ? run_butterfly(run_butterfly(x, end, second), front, first)
                                    : run_butterfly(run_butterfly(x, front, first), end, second);
      EXPECT_LT(distance(row_of(y, 1), row_of(run_butterfly(x, a, p), 1)), kTolerance);
    }
  }
}

// Without w_0 what is left of one stage is its value less that of all twiddles zero.
TEST(ReferenceButterfly, LinearStagesAreThePartThatMovesWithTheTwiddles) {
  for (const bool transposed : {false, true}) {
    ButterflyAttrs a;
    a.radices = {2, 3, 2};
    a.first = 1;
    a.last = 2;
    a.transposed = transposed;
    const Signal p = transform::noise(ir::butterfly_parameters(a));
    const Tensor x = rows_of(12);
    const Tensor whole = run_butterfly(x, a, p);
    const Tensor still = run_butterfly(x, a, Signal(p.size()));
    a.linear = true;
    const Tensor moving = run_butterfly(x, a, p);
    Signal difference = row_of(whole, 0);
    for (std::size_t i = 0; i < 12; ++i) difference[i] -= still.at(static_cast<std::int64_t>(i));
    EXPECT_LT(distance(row_of(moving, 0), difference), kTolerance);
  }
}

// y0 = x0 + w x1 and y1 = x0 - w x1 in two rows: the sum of conj(x1) (g0 - g1).
TEST(ReferenceButterflyGradient, AddsUpOverRows) {
  ButterflyAttrs a;
  a.radices = {2};
  a.last = 1;
  const Signal g{{1, 2}, {3, -1}};
  const Tensor x = rows_of(2);
  const Tensor y = run_op(x, [&](GraphBuilder& b, NodeId in) {
    const NodeId ones = b.add(OpKind::Spread, {add_constant(b, g), in}, ir::SumAttrs{});
    return b.add(OpKind::ButterflyGradient, {in, ones, add_constant(b, {{0.5, 9.0}})}, a);
  });
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{1}));
  const Complex expected = std::conj(x.at(1) + x.at(3)) * (g[0] - g[1]);
  EXPECT_NEAR(std::abs(y.at(0) - expected), 0.0, kTolerance);
}

// A network is linear in each stage: of blocks, p . gradient is Re(g^H A x) once per stage.
TEST(ReferenceButterflyGradient, TimesTheBlocksIsTheResultOncePerStage) {
  for (const Network& network : networks()) {
    const ButterflyAttrs a = attrs_of(network);
    if (!a.block) continue;
    const std::int64_t n = network.spec.layout.n;
    const Signal p = parameters_of(network);
    const Signal g = transform::noise(n, 11);
    const Tensor x = rows_of(n);
    const Tensor gradient = run_op(x, [&](GraphBuilder& b, NodeId in) {
      const NodeId cotangent = b.add(OpKind::Spread, {add_constant(b, g), in}, ir::SumAttrs{});
      return b.add(OpKind::ButterflyGradient, {in, cotangent, add_constant(b, p)}, a);
    });
    const Tensor y = run_butterfly(x, a, p);
    double by_parameters = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      by_parameters += (std::conj(p[i]) * gradient.at(static_cast<std::int64_t>(i))).real();
    }
    double by_results = 0.0;
    for (std::int64_t i = 0; i < y.count(); ++i) {
      by_results += (std::conj(g[static_cast<std::size_t>(i % n)]) * y.at(i)).real();
    }
    EXPECT_NEAR(by_parameters / (a.last * by_results), 1.0, 1e-11);
  }
}

}  // namespace
}  // namespace papilio::reference
