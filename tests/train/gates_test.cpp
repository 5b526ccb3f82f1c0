// Gates as parameters: their gradient, their range, and what they learn.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "train/checkpoint.h"
#include "train/free_parameters.h"
#include "train/starts.h"
#include "train/train_support.h"

namespace papilio::train {
namespace {

/// A perturbed DFT with gates that start at `gate`.
Task gated_task(std::int64_t n, double gate) {
  Task task = perturbed_dft(n);
  task.model = gated(task.model, gate);
  return task;
}

std::vector<double> gates_of(const transform::Chain& chain) {
  std::vector<double> gates;
  for (const auto& stage : std::get<transform::Network>(chain.factors.front()).stages) {
    gates.insert(gates.end(), stage.gates.begin(), stage.gates.end());
  }
  return gates;
}

void expect_in_range(const std::vector<double>& gates) {
  for (const double gate : gates) {
    EXPECT_GE(gate, 0.0);
    EXPECT_LE(gate, 1.0);
  }
}

TEST(Gates, EveryNumberHasItsGradient) {
  transform::NetworkSpec spec = spec_of(8);
  spec.input = transform::Input::real;  // with the twiddles of a recombination
  Task task;
  task.target = exact_transform("dft", spec);
  task.model = gated(started(*task.target, parse_start("perturbed:0.3"), 5), 0.7);
  Objective objective(task, {}, {.dtype = DType::f64});
  const std::vector<double> at = flatten(objective.tensors());
  const Batch rows = noise_batch(Noise::white, Split::test, 1, 0, 4, 16, true);
  std::vector<double> gradient(at.size()), unused(at.size());
  objective.evaluate(at, rows, gradient);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < at.size(); ++i) {
    std::vector<double> up = at, down = at;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (objective.evaluate(up, rows, unused) - objective.evaluate(down, rows, unused)) /
        (2.0 * kStep);
    EXPECT_NEAR(gradient[i], slope, 1e-6 * (1.0 + std::abs(slope))) << objective.tensor_of(i);
    EXPECT_NE(gradient[i], 0.0) << objective.tensor_of(i);
  }
}

TEST(Gates, StepsEndAtTheirRange) {
  const std::vector<transform::Parameter> tensors{{"stage.0.twiddle", true, {0.5, 2.0}},
                                                  {"stage.0.gate", false, {0.0, 0.4, 1.0}}};
  const FreeParameters free(tensors, false);
  const std::vector<double> values = free.to_free(flatten(tensors));
  EXPECT_EQ(values, flatten(tensors));
  // A descent goes against the gradient: below 0 and above 1 it may not.
  using Places = std::vector<std::size_t>;
  EXPECT_EQ(free.held(values, std::vector<double>{7, 7, 1, 1, -1}), (Places{2, 4}));
  EXPECT_EQ(free.held(values, std::vector<double>{7, 7, -1, -1, 1}), Places{});
  // What is beyond an end changes no gate.
  EXPECT_EQ(free.pull_back(std::vector<double>{7, 7, -0.1, 0.5, 1.1}, std::vector<double>(5, 3.0)),
            (std::vector<double>{3, 3, 0, 3, 0}));
  std::vector<double> moved{-3.0, 3.0, -0.2, 0.6, 1.5};
  const std::vector<double> inside{-3.0, 3.0, 0.0, 0.6, 1.0};
  EXPECT_EQ(free.to_numbers(moved), inside);
  free.project(moved);
  EXPECT_EQ(moved, inside);
}

TEST(Gates, OpenWhereTheTargetNeedsThem) {
  for (const double start : {1.0, 0.5}) {
    const Task task = gated_task(16, start);
    const Trained done = train(task, options_of(4000));
    EXPECT_GT(done.first_error, 0.2);
    EXPECT_LT(done.best_error, 1e-3) << start;
    const std::vector<double> gates = gates_of(done.model);
    EXPECT_EQ(gates.size(), 32U);
    expect_in_range(gates);
    // Some stay a little below 1, which other numbers make up for.
    EXPECT_GT(*std::min_element(gates.begin(), gates.end()), 0.6);
  }
}

// What is to be learned skips half its blocks, so that gates of 1 are wrong for them.
TEST(Gates, CloseWhereTheTargetSkips) {
  Task task = gated_task(16, 1.0);
  auto& network = std::get<transform::Network>(task.target->factors.front());
  for (auto& stage : network.stages) {
    for (std::size_t b = 0; b < 8; ++b) stage.gates.push_back(b % 2 == 0 ? 1.0 : 0.0);
  }
  const Trained done = train(task, options_of(4000));
  EXPECT_GT(done.first_error, 0.5);
  EXPECT_LT(done.best_error, 1e-3);
  const std::vector<double> gates = gates_of(done.model);
  for (std::size_t b = 0; b < gates.size(); ++b) {
    if (b % 2 == 0) {
      EXPECT_GT(gates[b], 0.6) << b;
    } else {
      EXPECT_LT(gates[b], 0.01) << b;
    }
  }
}

using GateCheckpoints = InFolder;

TEST_F(GateCheckpoints, NoOptimiserLeavesTheRange) {
  for (const std::string& optimiser : optimiser_names()) {
    TrainOptions options = options_of(40);
    options.optimiser = optimiser;
    options.schedule.rate = 0.2;
    options.clip = is_second_order(optimiser) ? 0.0 : 1.0;
    options.valid_every = 1;
    options.keep_seconds = 0.0;
    options.checkpoint = file("c.safetensors");
    const Task task = gated_task(8, 0.5);
    const Objective objective(task, {}, {});
    double lowest = 0.5, highest = 0.5;
    const auto look = [&](const TrainRow&) {
      const std::vector<double> values = load_checkpoint(options.checkpoint).values;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!objective.tensor_of(i).ends_with(".gate")) continue;
        lowest = std::min(lowest, values[i]);
        highest = std::max(highest, values[i]);
      }
      return true;
    };
    const Trained done = train(task, options, false, {.row = look});
    EXPECT_GE(lowest, 0.0) << optimiser;
    EXPECT_LE(highest, 1.0) << optimiser;
    EXPECT_GT(highest - lowest, 1e-3) << optimiser;
    expect_in_range(gates_of(done.model));
  }
}

}  // namespace
}  // namespace papilio::train
