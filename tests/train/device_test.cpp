// Training that stays on a GPU: what the CPU does, and the same bits each time. Runs on a GPU or on
// the emulator; skipped where there is neither.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "papilio/error.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/driver/nvrtc.h"
#include "train/checkpoint.h"
#include "train/support.h"
#include "train/train_support.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

class OnGpu : public InFolder {
 protected:
  void SetUp() override {
    std::string why;
    if (!runtime::cuda::cuda_available(&why) || !runtime::cuda::nvrtc_available(&why)) {
      GTEST_SKIP() << why;
    }
    // Kernels are compiled once for all trainings of a test.
    setenv("PAPILIO_CACHE_DIR", file("kernels").c_str(), 1);
  }
};

TrainOptions device_options(std::int64_t steps, const char* device = "cuda") {
  TrainOptions options = options_of(steps);
  options.batch = 5;
  options.valid_every = 2;
  options.keep_seconds = 0.0;
  options.schedule.rate = 0.01;
  options.objective.dtype = DType::f64;
  options.objective.device = device;
  return options;
}

/// Chips of one kind give the same bits, others do not.
TEST_F(OnGpu, ATrainingIsOfAKindOfChip) {
  const Task task = perturbed_dft(8);
  const auto& facts = runtime::cuda::Device::get().facts();
  const std::string gpu = fingerprint(task, device_options(4));
  EXPECT_TRUE(gpu.ends_with(" cuda sm_" + std::to_string(facts.compute_capability))) << gpu;
  EXPECT_EQ(fingerprint(task, device_options(4, "cpu")).find("cuda"), std::string::npos);
}

/// The task with gates in every stage, some of them at an end of their range.
Task gated(Task task) {
  for (transform::Stage& stage : std::get<transform::Network>(task.model.factors[0]).stages) {
    stage.gates.assign(stage.parameters.size(), 0.75);
    stage.gates.front() = 1.0;
  }
  return task;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& want, double bound) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_LE(std::abs(got[i] - want[i]), bound * (1.0 + std::abs(want[i]))) << i;
  }
}

/// Every number of the log, and the model.
void expect_alike(const Task& task, TrainOptions options, double bound) {
  options.objective.device = "cpu";
  const Trained want = train(task, options);
  options.objective.device = "cuda";
  const Trained got = train(task, options);
  ASSERT_EQ(got.log.size(), want.log.size());
  for (std::size_t i = 0; i < got.log.size(); ++i) {
    const TrainRow &a = got.log[i], &b = want.log[i];
    expect_near({a.loss, a.valid_error, a.gradient_norm, a.rate},
                {b.loss, b.valid_error, b.gradient_norm, b.rate}, bound);
  }
  expect_near(numbers_of(got.model), numbers_of(want.model), bound);
  if (want.decoder) expect_near(numbers_of(*got.decoder), numbers_of(*want.decoder), bound);
  EXPECT_LT(got.best_error, got.first_error);
}

TEST_F(OnGpu, AdamStepsAsOnTheCpu) { expect_alike(perturbed_dft(8), device_options(6), 1e-10); }

TEST_F(OnGpu, InSinglePrecisionToo) {
  TrainOptions options = device_options(6);
  options.objective.dtype = DType::f32;
  expect_alike(perturbed_dft(8), options, 2e-4);
}

TEST_F(OnGpu, MomentumWithGatesAndADecoder) {
  TrainOptions options = device_options(6);
  options.optimiser = "sgd";
  options.clip = 0.01;
  expect_alike(gated(perturbed_pair(8)), options, 1e-10);
}

TEST_F(OnGpu, DiagonalOnTheUnitCircle) {
  TrainOptions options = device_options(6);
  options.optimiser = "diagonal";
  options.unit_circle = true;
  expect_alike(perturbed_dft(8), options, 1e-10);
}

TEST_F(OnGpu, TargetsThatTheDataBring) {
  Task task;
  task.model = chain_of(transform::random_network(spec_of(8), 5));
  const auto target = transform::dense(chain_of(transform::random_butterfly(spec_of(8), 3)));
  task.data.matrix = std::make_shared<const transform::Matrix>(target);
  expect_alike(task, device_options(6), 1e-10);
}

TEST_F(OnGpu, AResumedTrainingEndsInTheSameBits) {
  TrainOptions options = device_options(9);
  options.unit_circle = true;  // numbers are made of phases by the device
  const Trained whole = train(perturbed_dft(8), options);
  options.checkpoint = file("c.safetensors");
  TrainWatch watch;
  std::int64_t steps = 0;
  watch.stop = [&] { return ++steps == 5; };
  EXPECT_EQ(train(perturbed_dft(8), options, false, watch).ended, "stopped");
  EXPECT_EQ(load_checkpoint(options.checkpoint).step, 5);
  const Trained resumed = train(perturbed_dft(8), options, true);
  EXPECT_EQ(numbers_of(resumed.model), numbers_of(whole.model));
  EXPECT_EQ(resumed.log.back().loss, whole.log.back().loss);
  EXPECT_EQ(resumed.best_error, whole.best_error);
  options.objective.device = "cpu";  // whose bits are others
  expect_refusal([&] { train(perturbed_dft(8), options, true); }, {"other options"}, "[train] ");
}

TEST_F(OnGpu, ThreadsChangeNoBit) {
  TrainOptions options = device_options(7);
  const Trained alone = train(perturbed_dft(8), options);
  options.objective.threads = 3;  // three batches are drawn at once
  EXPECT_EQ(numbers_of(train(perturbed_dft(8), options).model), numbers_of(alone.model));
}

TEST_F(OnGpu, WhatIsNotFiniteIsNamedAsOnTheCpu) {
  std::string says[2];
  for (const char* device : {"cpu", "cuda"}) {
    TrainOptions options = device_options(40, device);
    options.optimiser = "sgd";
    options.schedule.rate = 1e60;
    try {
      train(perturbed_dft(8), options);
      ADD_FAILURE() << "it survived";
    } catch (const UserError& error) {
      says[device == std::string("cuda")] = error.what();
    }
  }
  EXPECT_NE(says[0].find(" is not finite at step "), std::string::npos) << says[0];
  EXPECT_EQ(says[0], says[1]);
}

TEST_F(OnGpu, OptimisersThatLookTwiceAreRefused) {
  for (const char* optimiser : {"lbfgs", "gauss-newton"}) {
    TrainOptions options = device_options(3);
    options.optimiser = optimiser;
    expect_refusal([&] { train(perturbed_dft(8), options); },
                   {optimiser, "sgd, adam", "diagonal", "--device cpu"}, "[train] ");
  }
}

}  // namespace
}  // namespace papilio::train
