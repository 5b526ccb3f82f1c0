// Training: what it reaches, that it repeats bit for bit, and what it says when it cannot go on.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "io/safetensors.h"
#include "papilio/error.h"
#include "train/checkpoint.h"
#include "train/lbfgs.h"
#include "train/noise.h"
#include "train/optimiser.h"
#include "train/support.h"
#include "train/train_support.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

TEST(Trainer, APerturbedDftIsFoundAgain) {
  const Task task = perturbed_dft(16);
  const Trained done = train(task, options_of(1500));
  EXPECT_GT(done.first_error, 0.2);
  EXPECT_LT(done.best_error, 1e-5);
  const auto got = transform::dense(done.model), want = transform::dense(*task.target);
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < want.values.size(); ++i) {
    error += std::norm(got.values[i] - want.values[i]);
    norm += std::norm(want.values[i]);
  }
  EXPECT_LT(std::sqrt(error / norm), 1e-5);
}

TEST(Trainer, NoStepsFindNothing) {
  const Trained done = train(perturbed_dft(16), options_of(0));
  EXPECT_GT(done.best_error, 0.2);
  EXPECT_EQ(done.best_error, done.first_error);
}

TEST(Trainer, EveryOptimiserLowersTheLoss) {
  for (const std::string& optimiser : optimiser_names()) {
    TrainOptions options = options_of(is_second_order(optimiser) ? 30 : 300);
    options.optimiser = optimiser;
    const Trained done = train(perturbed_dft(8), options);
    EXPECT_LT(done.best_error, 0.2 * done.first_error) << optimiser;
  }
}

TEST(Trainer, DoublePrecisionGoesFurther) {
  TrainOptions options = options_of(3000);
  options.objective.dtype = DType::f64;
  EXPECT_LT(train(perturbed_dft(8), options).best_error, 1e-7);
}

TEST(Trainer, PhasesOnTheUnitCircleStayThere) {
  for (const char* optimiser : {"adam", "lbfgs", "gauss-newton"}) {
    TrainOptions options = options_of(is_second_order(optimiser) ? 60 : 600);
    options.optimiser = optimiser;
    options.unit_circle = true;
    const Trained done = train(perturbed_dft(16), options);
    EXPECT_LT(done.best_error, 1e-3) << optimiser;
    const auto& network = std::get<transform::Network>(done.model.factors[0]);
    for (const auto& stage : network.stages) {
      for (const Complex& w : stage.parameters) EXPECT_NEAR(std::abs(w), 1.0, 1e-12);
    }
  }
}

// The scale stays as it is: a step that sets it to 0 ends at a saddle.
TEST(Trainer, GaussNewtonFindsBlocksFromRandomOnes) {
  transform::NetworkSpec spec = spec_of(64);
  spec.form = transform::Form::block;
  const transform::Chain target = chain_of(transform::exact_dft(spec));
  TrainOptions options = options_of(100);
  options.optimiser = "gauss-newton";
  options.objective.dtype = DType::f64;
  options.valid_every = 5;
  options.goal = 1e-6;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Task task;
    task.model = chain_of(transform::random_network(spec, seed));
    task.target = target;
    const Trained done = train(task, options);
    EXPECT_EQ(done.ended, "goal") << done.best_error;
    EXPECT_EQ(std::get<transform::Network>(done.model.factors[0]).scale, 1.0);
  }
}

TEST(Trainer, SecondOrderReachesRoundingInFewSteps) {
  for (const char* optimiser : {"lbfgs", "gauss-newton"}) {
    TrainOptions options = options_of(200);
    options.optimiser = optimiser;
    options.objective.dtype = DType::f64;
    options.valid_every = 5;
    options.goal = 1e-12;
    const Trained done = train(perturbed_dft(16), options);
    EXPECT_EQ(done.ended, "goal") << optimiser << " " << done.best_error;
  }
}

TEST(Trainer, ThreadsChangeNoBit) {
  for (const char* optimiser : {"adam", "lbfgs", "gauss-newton"}) {
    TrainOptions options = options_of(is_second_order(optimiser) ? 6 : 50);
    options.optimiser = optimiser;
    options.batch = 300;
    const Trained alone = train(perturbed_dft(16), options);
    options.objective.threads = 3;
    const Trained shared = train(perturbed_dft(16), options);
    EXPECT_EQ(flatten(transform::get_parameters(alone.model)),
              flatten(transform::get_parameters(shared.model)));
  }
}

using Checkpoints = InFolder;

TEST_F(Checkpoints, AResumedTrainingEndsInTheSameBits) {
  for (const char* optimiser : {"adam", "lbfgs", "gauss-newton"}) {
    const std::int64_t part = is_second_order(optimiser) ? 3 : 20;
    TrainOptions options = options_of(6 * part);
    options.optimiser = optimiser;
    options.valid_every = part;
    const Task task = perturbed_dft(16);
    const Trained whole = train(task, options);
    for (const int stop_after : {1, 3}) {
      options.checkpoint = file("c.safetensors");
      int seen = 0;
      const Trained first = train(task, options, false,
                                  {.row = [&](const TrainRow&) { return ++seen < stop_after; }});
      EXPECT_EQ(first.ended, "stopped");
      const Trained second = train(task, options, true);
      EXPECT_EQ(second.steps, 6 * part);
      EXPECT_EQ(numbers_of(whole.model), numbers_of(second.model));
      EXPECT_EQ(whole.best_error, second.best_error);
    }
  }
}

TEST_F(Checkpoints, WhatIsStoppedBetweenValidationsGoesOnToo) {
  for (const char* optimiser : {"adam", "lbfgs"}) {
    TrainOptions options = options_of(60);
    options.optimiser = optimiser;
    options.valid_every = 25;
    options.keep_seconds = 1e9;
    const Task task = perturbed_dft(16);
    const Trained whole = train(task, options);
    options.checkpoint = file("c.safetensors");
    for (const std::int64_t step : {1, 24, 25, 26, 60}) {
      std::int64_t done = 0;
      TrainWatch watch;
      watch.step = [&](std::int64_t now, double) { done = now; };
      watch.stop = [&] { return done == step; };
      const Trained first = train(task, options, false, watch);
      EXPECT_EQ(first.ended, "stopped");
      EXPECT_EQ(load_checkpoint(options.checkpoint).step, step);
      const Trained second = train(task, options, true);
      EXPECT_EQ(numbers_of(whole.model), numbers_of(second.model)) << optimiser << step;
      EXPECT_EQ(whole.best_error, second.best_error);
    }
  }
}

TEST_F(Checkpoints, HowOftenChangesNoNumber) {
  TrainOptions options = options_of(120);
  options.valid_every = 20;
  const Trained plain = train(perturbed_dft(16), options);
  for (const double seconds : {0.0, 1e9}) {
    options.checkpoint = file("c.safetensors");
    options.keep_seconds = seconds;
    std::vector<std::int64_t> found;
    const auto look = [&](const TrainRow&) {
      found.push_back(load_checkpoint(options.checkpoint).step);
      return true;
    };
    const Trained kept = train(perturbed_dft(16), options, false, {.row = look});
    const std::vector<std::int64_t> each{0, 20, 40, 60, 80, 100}, start(6, 0);
    EXPECT_EQ(found, seconds > 0.0 ? start : each);
    EXPECT_EQ(load_checkpoint(options.checkpoint).step, 120);
    EXPECT_EQ(numbers_of(kept.model), numbers_of(plain.model));
  }
}

TEST_F(Checkpoints, AnErrorLeavesTheLastValidation) {
  TrainOptions options = options_of(100);
  options.valid_every = 20;
  options.checkpoint = file("c.safetensors");
  options.keep_seconds = 1e9;
  const auto fail = [](std::int64_t step, double) {
    if (step == 50) throw UserError("enough");
  };
  EXPECT_THROW(train(perturbed_dft(16), options, false, {.step = fail}), UserError);
  EXPECT_EQ(load_checkpoint(options.checkpoint).step, 40);
}

TEST_F(Checkpoints, OtherOptionsAreRefused) {
  TrainOptions options = options_of(20);
  options.checkpoint = file("c.safetensors");
  train(perturbed_dft(8), options);
  options.batch = 33;
  EXPECT_THROW(train(perturbed_dft(8), options, true), UserError);
}

TEST_F(Checkpoints, ANumberThatIsNoneNamesStepTensorAndCheckpoint) {
  TrainOptions options = options_of(200);
  options.optimiser = "sgd";
  options.schedule.kind = "constant";
  options.schedule.rate = 50.0;
  options.valid_every = 1;
  options.checkpoint = file("c.safetensors");
  try {
    train(perturbed_dft(16), options);
    FAIL() << "it survived";
  } catch (const UserError& error) {
    const std::string says = error.what();
    EXPECT_NE(says.find("is not finite at step "), std::string::npos) << says;
    const std::int64_t step = load_checkpoint(options.checkpoint).step;
    const std::string want =
        "start again with a smaller --lr or with --clip; the last good numbers are in " +
        options.checkpoint + " (of step " + std::to_string(step) + "): remove it first";
    EXPECT_NE(says.find(want), std::string::npos) << says;
    EXPECT_GT(step, 0);
  }
}

TEST(Objective, KnowsRowsThatAreNotFinite) {
  const Task task = perturbed_dft(8);
  for (const double value : {1.0, 1e300, std::nan(""), HUGE_VAL}) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      ObjectiveOptions options;
      options.dtype = dtype;
      Objective objective(task, {}, options);
      Batch batch = noise_batch(Noise::white, Split::training, 1, 0, 9, 8, false);
      batch.inputs[70] = {0.0, value};
      const PreparedBatch prepared = objective.prepare(batch);
      const bool finite = value == 1.0 || (value == 1e300 && dtype == DType::f64);
      EXPECT_EQ(prepared.finite, finite) << value;
      std::vector<double> gradient(objective.size());
      const double loss = objective.evaluate(flatten(objective.tensors()), prepared, gradient);
      EXPECT_EQ(std::isfinite(loss), value == 1.0) << value;  // the square of 1e300 is not
      EXPECT_EQ(std::isnan(gradient[0]), !finite) << value;
    }
  }
}

TEST_F(Checkpoints, HoldOnlyWhatCanBeResumed) {
  for (const char* optimiser : {"adam", "sgd", "diagonal"}) {
    TrainOptions options = options_of(400);
    options.objective.dtype = DType::f64;  // so that a loss is finite where a square is not
    options.optimiser = optimiser;
    options.schedule.kind = "constant";
    options.schedule.rate = 1e30;
    options.valid_every = 1;
    options.checkpoint = file(optimiser);
    EXPECT_THROW(train(perturbed_dft(8), options), NotFinite) << optimiser;
    EXPECT_THROW(train(perturbed_dft(8), options, true), NotFinite)
        << optimiser;  // read, and again
  }
}

TEST_F(Checkpoints, HostileOptimisersAreRefused) {
  const std::vector<std::tuple<const char*, const char*, double, const char*>> cases{
      {"lbfgs", "pairs", 1e300, "pairs"},
      {"lbfgs", "pairs", 2.5, "pairs"},
      {"lbfgs", "pairs", -1.0, "pairs"},
      {"adam", "steps", -3.0, "steps is negative"},
      {"adam", "square", -1.0, "square is negative"},
      {"gauss-newton", "damping", 0.0, "damping"},
      {"adam", "extra", 1.0, "more of the optimizer"}};
  for (const auto& [optimiser, name, value, words] : cases) {
    TrainOptions options = options_of(4);
    options.optimiser = optimiser;
    options.objective.dtype = DType::f64;
    options.checkpoint = file(optimiser);
    train(perturbed_dft(8), options);
    Checkpoint bad = load_checkpoint(options.checkpoint);
    const auto found = std::find_if(bad.optimiser.begin(), bad.optimiser.end(),
                                    [&](const auto& state) { return state.name == name; });
    if (found == bad.optimiser.end()) {
      bad.optimiser.push_back({name, {value}});
    } else {
      found->values.back() = value;
    }
    save_checkpoint(options.checkpoint, bad);
    expect_refusal([&] { train(perturbed_dft(8), options, true); }, {options.checkpoint, words},
                   "[train] ");
  }
}

TEST_F(Checkpoints, MoreStepsThanThereAreAreRefused) {
  TrainOptions options = options_of(20);
  options.checkpoint = file("c.safetensors");
  train(perturbed_dft(8), options);
  Checkpoint bad = load_checkpoint(options.checkpoint);
  bad.step = 21;
  save_checkpoint(options.checkpoint, bad);
  expect_refusal([&] { train(perturbed_dft(8), options, true); }, {"of step 21", "has 20"},
                 "[train] ");
}

TEST_F(Checkpoints, HostileOnesAreRefused) {
  TrainOptions options = options_of(40);
  options.checkpoint = file("c.safetensors");
  train(perturbed_dft(8), options);
  const io::Safetensors good = io::read_safetensors(options.checkpoint);
  const auto refused = [&](const io::Safetensors& bad, const std::string& words) {
    const std::string name = file("bad.safetensors");
    io::write_safetensors(bad, name);
    expect_refusal([&] { load_checkpoint(name); }, {"is no checkpoint: ", words}, "[train] ");
  };
  for (const char* key : {"step", "waited"}) {
    for (const char* value : {"1e300", "nan", "-5", "inf", "2.5", "1e30", "x", "", "5 5"}) {
      io::Safetensors bad = good;
      bad.metadata[key] = value;
      refused(bad, key);
    }
  }
  for (const char* key : {"best_error", "first_error"}) {
    for (const char* value : {"nan", "-1", "x", "1 1"}) {
      io::Safetensors bad = good;
      bad.metadata[key] = value;
      refused(bad, key);
    }
  }
  for (std::size_t i = 0; i < good.tensors.size(); ++i) {
    io::Safetensors bad = good;
    std::vector<double> values = good.reals(good.tensors[i].name);
    values.back() = std::nan("");
    bad.tensors[i] = io::make_tensor<double>(good.tensors[i].name, good.tensors[i].shape, values);
    refused(bad, "not finite");
  }
  for (const char* value :
       {"", "encoder", "encoder goal 3", "nobody goal 3 1 1 1 1 1 1", "encoder bored 3 1 1 1 1 1 1",
        "encoder goal 1e99 1 1 1 1 1 1", "encoder goal 3 1 1 1 1 1 1 1"}) {
    io::Safetensors bad = good;
    bad.metadata["phase.0"] = value;
    refused(bad, "phase.0");
  }
}

TEST(Trainer, PairsOfTheUserTeachTheirMatrix) {
  const transform::Chain target = chain_of(transform::random_butterfly(spec_of(8), 3));
  Task task;
  task.model = chain_of(transform::random_network(spec_of(8), 5));
  Batch pairs = noise_batch(Noise::white, Split::test, 9, 0, 200, 8, false);
  for (std::int64_t row = 0; row < 200; ++row) {
    const auto y = transform::apply_chain(
        target, std::span(pairs.inputs).subspan(static_cast<std::size_t>(row * 8), 8));
    pairs.targets.insert(pairs.targets.end(), y.begin(), y.end());
  }
  task.data = pair_data(pairs);
  const Trained done = train(task, options_of(3000));
  EXPECT_GT(done.first_error, 0.5);
  EXPECT_LT(done.best_error, 0.2 * done.first_error);
}

TEST(Trainer, PatienceEndsATrainingThatStandsStill) {
  TrainOptions options = options_of(5000);
  options.schedule.rate = 1e-12;
  options.valid_every = 5;
  options.patience = 3;
  const Trained done = train(perturbed_dft(8), options);
  EXPECT_EQ(done.ended, "patience");
  EXPECT_LT(done.steps, 5000);
}

TEST(Lbfgs, FindsTheBottomOfRosenbrocksValley) {
  std::vector<double> x{-1.2, 1.0};
  const Smooth f = [](std::span<const double> p, std::span<double> g) {
    const double a = p[1] - p[0] * p[0], b = 1.0 - p[0];
    g[0] = -400.0 * p[0] * a - 2.0 * b;
    g[1] = 200.0 * a;
    return 100.0 * a * a + b * b;
  };
  const LbfgsResult result = minimise_lbfgs(f, x);
  EXPECT_LT(result.value, 1e-16);
  EXPECT_NEAR(x[0], 1.0, 1e-8);
  EXPECT_LT(result.steps, 100);
}

TEST(Schedules, RiseAndFall) {
  Schedule schedule{"cosine", 0.1, 101, 10, 0.01};
  EXPECT_NEAR(rate_at(schedule, 0), 0.01, 1e-15);
  EXPECT_NEAR(rate_at(schedule, 9), 0.1, 1e-15);
  EXPECT_NEAR(rate_at(schedule, 10), 0.1, 1e-15);
  EXPECT_NEAR(rate_at(schedule, 55), 0.1 * (0.01 + 0.99 * 0.5), 1e-12);
  EXPECT_NEAR(rate_at(schedule, 100), 0.001, 1e-12);
  schedule.kind = "cosin";
  EXPECT_THROW(validate(schedule), UserError);
}

}  // namespace
}  // namespace papilio::train
