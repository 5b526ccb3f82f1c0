// Networks with real input: n/2 complex points and a recombination whose twiddles are trained too.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "train/bin_errors.h"
#include "train/nested.h"
#include "train/starts.h"
#include "train/support.h"
#include "train/train_support.h"

namespace papilio::train {
namespace {

transform::NetworkSpec real_spec(std::int64_t n) {
  transform::NetworkSpec spec = spec_of(n / 2);
  spec.input = transform::Input::real;
  return spec;
}

/// A network that is to become the exact one of the same kind.
Task real_task(transform::NetworkSpec spec, const std::string& start,
               const std::string& target = "dft") {
  Task task;
  task.target = exact_transform(target, std::move(spec));
  task.model = started(*task.target, parse_start(start), 5);
  return task;
}

/// Relative error of the n/2 + 1 x n matrix, in the Frobenius norm, beside sums of exponentials.
double rfft_error(const transform::Chain& chain) {
  const transform::Matrix got = transform::dense(chain);
  EXPECT_EQ(got.rows, chain.n / 2 + 1);
  double error = 0.0;
  for (std::int64_t k = 0; k < got.rows; ++k) {
    for (std::int64_t t = 0; t < chain.n; ++t) {
      const double turns = static_cast<double>(k * t % chain.n) / static_cast<double>(chain.n);
      const Complex want = std::polar(1.0, -2.0 * std::numbers::pi * turns);
      error += std::norm(got.at(k, t) - want);
    }
  }
  return std::sqrt(error / static_cast<double>(got.rows * chain.n));
}

const transform::Network& network_of(const transform::Chain& chain) {
  return std::get<transform::Network>(chain.factors.front());
}

TEST(RealInput, APerturbedRfftIsFoundAgain) {
  for (const std::int64_t n : {64, 256}) {
    const Task task = real_task(real_spec(n), "perturbed:0.3");
    EXPECT_GT(rfft_error(task.model), 0.3);
    TrainOptions options = options_of(2000);
    options.optimiser = "lbfgs";
    options.objective.dtype = DType::f64;
    options.valid_every = 10;
    options.goal = 1e-6;
    const Trained done = train(task, options);
    EXPECT_GT(done.first_error, 0.3);
    EXPECT_EQ(done.ended, "goal") << done.best_error;
    EXPECT_LT(rfft_error(done.model), 1e-5);
    // The recombination was off, and is what it should be.
    const auto& start = network_of(task.model).recombination;
    const auto& found = network_of(done.model).recombination;
    const auto& exact = network_of(*task.target).recombination;
    double before = 0.0, after = 0.0;
    for (std::size_t k = 0; k < exact.size(); ++k) {
      before = std::max(before, std::abs(start[k] - exact[k]));
      after = std::max(after, std::abs(found[k] - exact[k]));
    }
    EXPECT_GT(before, 0.3);
    EXPECT_LT(after, 1e-4);
  }
}

TEST(RealInput, EveryKindLearns) {
  transform::NetworkSpec tied = real_spec(16), dif = tied, blocks = tied;
  tied.tying = transform::Tying::tied;
  dif.order = transform::Order::dif;
  blocks.form = transform::Form::block;
  transform::NetworkSpec mixed = real_spec(60);
  for (const auto& spec : {tied, dif, blocks, mixed}) {
    for (const char* target : {"dft", "idft"}) {
      const Trained done = train(real_task(spec, "perturbed:0.2", target), options_of(1500));
      EXPECT_GT(done.first_error, 0.1);
      EXPECT_LT(done.best_error, 0.01 * done.first_error);
    }
  }
}

TEST(RealInput, ErrorsAreThoseOfItsBins) {
  const Task task = real_task(real_spec(32), "perturbed:0.3");
  EXPECT_EQ(bin_errors(task, 0).spectrum.size(), 17U);
  // What held-out rows say is the error of the matrix, but for their number.
  const double found = train(task, options_of(0)).first_error;
  EXPECT_NEAR(found, rfft_error(task.model), 0.1 * found);
  const auto whole = nested_error(network_of(task.model), 32, "dft");
  ASSERT_TRUE(whole);
  EXPECT_NEAR(*whole, rfft_error(task.model), 1e-12);
  EXPECT_FALSE(nested_error(network_of(task.model), 16, "dft"));
}

TEST(RealInput, WhatHasNoBinsIsRefused) {
  Task task = real_task(real_spec(16), "random");
  task.decoder = task.model;
  task.loss = {1.0, 1.0};
  expect_refusal([&] { validate(task); }, {"n/2 + 1 bins", "no decoder"}, "[train] ");
  task = real_task(real_spec(16), "random");
  task.target = chain_of(transform::exact_dft(spec_of(16)));
  expect_refusal([&] { validate(task); }, {"16 numbers", "9", "real input"}, "[train] ");
  task.target.reset();
  transform::Matrix matrix(16, 16);
  matrix.values.assign(matrix.values.size(), 1.0);
  task.data.matrix = std::make_shared<const transform::Matrix>(matrix);
  expect_refusal([&] { validate(task); }, {"no matrix"}, "[train] ");
}

using RealInputCheckpoints = InFolder;

TEST_F(RealInputCheckpoints, AResumedTrainingEndsInTheSameBits) {
  for (const char* optimiser : {"adam", "lbfgs", "gauss-newton"}) {
    TrainOptions options = options_of(60);
    options.optimiser = optimiser;
    options.valid_every = 10;
    Task task = real_task(real_spec(16), "perturbed:0.3");
    task.model = gated(task.model, 0.8);
    const Trained whole = train(task, options);
    options.checkpoint = file("c.safetensors");
    int seen = 0;
    train(task, options, false, {.row = [&](const TrainRow&) { return ++seen < 2; }});
    const Trained resumed = train(task, options, true);
    EXPECT_EQ(resumed.steps, 60);
    EXPECT_EQ(numbers_of(whole.model), numbers_of(resumed.model)) << optimiser;
    // No gates, no resumption.
    const Task bare = real_task(real_spec(16), "perturbed:0.3");
    EXPECT_THROW(train(bare, options, true), UserError);
  }
}

}  // namespace
}  // namespace papilio::train
