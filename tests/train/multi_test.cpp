// Several lengths: who takes turns, resuming, and the transforms inside a network.
#include "train/multi.h"

#include <gtest/gtest.h>

#include "papilio/error.h"
#include "train/checkpoint.h"
#include "train/nested.h"
#include "train/starts.h"
#include "train/support.h"
#include "train/train_support.h"

namespace papilio::train {
namespace {

/// Those that share their steps have "all.ckpt", the others one each.
std::vector<MultiPart> parts_of(std::int64_t steps, const std::string& folder = "") {
  std::vector<MultiPart> parts;
  for (const std::int64_t n : {8, 16, 32}) {
    parts.push_back({perturbed_dft(n), options_of(steps)});
    parts.back().options.valid_every = 20;
    if (!folder.empty()) parts.back().options.checkpoint = folder + std::to_string(n) + ".ckpt";
  }
  return parts;
}

MultiOptions run_of(const std::string& schedule, const std::string& folder = "",
                    bool resume = false) {
  return {schedule, folder.empty() ? "" : folder + "all.ckpt", resume};
}

/// Who took a turn, in order.
std::vector<std::size_t> turns_of(const std::string& schedule) {
  std::vector<std::size_t> turns;
  MultiWatch watch;
  watch.row = [&](std::size_t part, const TrainRow&) {
    turns.push_back(part);
    return true;
  };
  train_multi(parts_of(60), run_of(schedule), watch);
  return turns;
}

TEST(Multi, SchedulesDecideWhoIsNext) {
  using Order = std::vector<std::size_t>;
  EXPECT_EQ(turns_of("single"), (Order{0, 0, 0, 1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(turns_of("round-robin"), (Order{0, 1, 2, 0, 1, 2, 0, 1, 2}));
  const Order random = turns_of("random");
  EXPECT_EQ(random.size(), 9U);  // the steps of all are shared
  EXPECT_NE(random, (Order{0, 1, 2, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(random, turns_of("random"));
  EXPECT_EQ(turns_of("balanced").size(), 9U);
  expect_refusal([] { turns_of("balancd"); }, {"did you mean balanced"}, "[train] ");
}

TEST(Multi, BalancedGivesTheTurnToTheWorst) {
  std::vector<double> errors(3);
  MultiWatch watch;
  bool first = true;
  std::vector<MultiPart> parts = parts_of(100);
  for (std::size_t i = 0; i < 3; ++i) {
    errors[i] = train(parts[i].task, options_of(0)).first_error;
  }
  watch.row = [&](std::size_t part, const TrainRow& row) {
    EXPECT_EQ(errors[part], *std::max_element(errors.begin(), errors.end())) << first;
    errors[part] = std::min(errors[part], row.valid_error);
    first = false;
    return true;
  };
  train_multi(parts, run_of("balanced"), watch);
}

TEST(Multi, EveryLengthLearns) {
  for (const char* schedule : {"single", "round-robin", "random", "balanced"}) {
    for (const Trained& done : train_multi(parts_of(1200), run_of(schedule))) {
      EXPECT_GT(done.first_error, 0.2) << schedule;
      EXPECT_LT(done.best_error, 0.05 * done.first_error) << schedule;
    }
  }
}

using MultiCheckpoints = InFolder;

TEST_F(MultiCheckpoints, AResumedRunEndsInTheSameBits) {
  for (const char* schedule : {"single", "round-robin", "random", "balanced"}) {
    const auto whole = train_multi(parts_of(60), run_of(schedule));
    for (const int stop_after : {1, 5, 8}) {
      int seen = 0;
      MultiWatch watch;
      watch.row = [&](std::size_t, const TrainRow&) { return ++seen < stop_after; };
      const auto parts = parts_of(60, file(schedule));
      train_multi(parts, run_of(schedule, file(schedule)), watch);
      const auto rest = train_multi(parts, run_of(schedule, file(schedule), true));
      for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_EQ(numbers_of(rest[i].model), numbers_of(whole[i].model)) << schedule << stop_after;
      }
    }
  }
  for (const char* schedule : {"single", "random"}) {
    expect_refusal(
        [&] { train_multi(parts_of(60, file("none")), run_of(schedule, file("none"), true)); },
        {"--resume"}, "[train] ");
  }
}

TEST_F(MultiCheckpoints, WhatIsStoppedInATurnGoesOnWithIt) {
  for (const char* schedule : {"single", "round-robin", "random", "balanced"}) {
    const auto whole = train_multi(parts_of(60), run_of(schedule));
    for (const int stop_after : {1, 33, 40, 135}) {
      int seen = 0;
      MultiWatch watch;
      watch.stop = [&] { return ++seen == stop_after; };
      const auto parts = parts_of(60, file(schedule));
      train_multi(parts, run_of(schedule, file(schedule)), watch);
      EXPECT_EQ(seen, stop_after) << schedule;
      const auto rest = train_multi(parts, run_of(schedule, file(schedule), true));
      for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_EQ(numbers_of(rest[i].model), numbers_of(whole[i].model)) << schedule << stop_after;
        EXPECT_EQ(rest[i].best_error, whole[i].best_error);
      }
    }
  }
}

TEST_F(MultiCheckpoints, SharedStepsHaveOneAndItIsWrittenNowAndThen) {
  for (const char* schedule : {"random", "balanced"}) {
    for (const double seconds : {0.0, 1e9}) {
      auto parts = parts_of(60, file(schedule));
      const MultiOptions options = run_of(schedule, file(schedule));
      for (MultiPart& part : parts) part.options.keep_seconds = seconds;
      const auto steps_kept = [&] {
        std::int64_t sum = 0;
        for (const Checkpoint& one : load_shared(options.checkpoint).parts) sum += one.step;
        return sum;
      };
      std::int64_t turns = 0;
      MultiWatch watch;
      watch.row = [&](std::size_t, const TrainRow&) {
        EXPECT_EQ(steps_kept(), seconds > 0.0 ? 0 : 20 * turns) << schedule;
        ++turns;
        return true;
      };
      train_multi(parts, options, watch);
      EXPECT_EQ(steps_kept(), 180);
      for (const MultiPart& part : parts) {
        EXPECT_FALSE(std::filesystem::exists(part.options.checkpoint));
      }
    }
  }
}

TEST_F(MultiCheckpoints, AnotherScheduleAndOtherLengthsAreRefused) {
  const auto parts = parts_of(60, file(""));
  const MultiOptions random = run_of("random", file(""), true);
  train_multi(parts, run_of("random", file("")));
  const std::string words =
      "all.ckpt is that of --n-fft 8,16,32 in this order and --multi-schedule random; give the "
      "same to --resume";
  expect_refusal([&] { train_multi(parts, run_of("balanced", file(""), true)); }, {words},
                 "[train] ");
  const std::vector<MultiPart> two(parts.begin(), parts.begin() + 2);
  expect_refusal([&] { train_multi(two, random); }, {words}, "[train] ");
  expect_refusal([&] { train_multi({parts[1], parts[0], parts[2]}, random); }, {words}, "[train] ");
  EXPECT_EQ(train_multi(parts, random).size(), 3U);

  std::vector<MultiPart> same_name{parts[0]};
  same_name[0].options.checkpoint = random.checkpoint;
  expect_refusal([&] { train_multi(same_name, run_of("single", file(""), true)); },
                 {"the same --multi-schedule"}, "[train] ");
  std::filesystem::remove(random.checkpoint);
  train_multi(same_name, run_of("single"));
  expect_refusal([&] { train_multi(same_name, random); }, {"the same --multi-schedule"},
                 "[train] ");
}

TEST_F(MultiCheckpoints, MoreStepsThanAllShareAreRefused) {
  const auto parts = parts_of(60);
  const MultiOptions options = run_of("random", file(""), true);
  train_multi(parts, run_of("random", file("")));
  SharedCheckpoint bad = load_shared(options.checkpoint);
  bad.parts[0].step += 1;
  save_shared(options.checkpoint, bad);
  expect_refusal([&] { train_multi(parts, options); }, {"is of 181 steps", "share 180"},
                 "[train] ");
}

TEST_F(MultiCheckpoints, ANumberThatIsNoneNamesWhoseItIsAndAllThatIsKept) {
  for (const char* schedule : {"single", "round-robin", "random", "balanced"}) {
    auto parts = parts_of(2000, file(schedule));
    for (MultiPart& part : parts) part.options.valid_every = 1;
    parts[1].options.optimiser = "sgd";
    parts[1].options.schedule.kind = "constant";
    parts[1].options.schedule.rate = 500.0;
    const MultiOptions options = run_of(schedule, file(schedule));
    try {
      train_multi(parts, options);
      FAIL() << schedule << " survived";
    } catch (const UserError& error) {
      const std::string says = error.what();
      const bool shared = shares_steps(schedule);
      const Checkpoint kept = shared ? load_shared(options.checkpoint).parts[1]
                                     : load_checkpoint(parts[1].options.checkpoint);
      const auto expect = [&](const std::string& words) {
        EXPECT_NE(says.find(words), std::string::npos) << words << "\n" << says;
      };
      expect("[train] n 16: the gradient of stage.");
      expect(" is not finite at step " + std::to_string(kept.step + 1));
      expect("the last good numbers are in ");
      expect((shared ? options.checkpoint : parts[1].options.checkpoint) + " (of step " +
             std::to_string(kept.step) + ")");
      std::size_t files = 0;
      for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        if (!entry.path().filename().string().starts_with(schedule)) continue;
        expect(entry.path().string());
        ++files;
      }
      EXPECT_EQ(files, shared ? 1U : 3U);
    }
  }
}

TEST(Nested, AnExactNetworkIsExactInside) {
  for (const char* target : {"dft", "idft", "hadamard"}) {
    for (const transform::Order order : {transform::Order::dit, transform::Order::dif}) {
      transform::NetworkSpec spec = spec_of(64);
      spec.order = order;
      const auto chain = exact_transform(target, spec);
      const auto& network = std::get<transform::Network>(chain.factors[0]);
      for (const std::int64_t points : {2, 8, 32, 64}) {
        const auto error = nested_error(network, points, target);
        ASSERT_TRUE(error) << target << points;
        EXPECT_LT(*error, 1e-14) << target << points;
      }
      EXPECT_FALSE(nested_error(network, 128, target));
      EXPECT_FALSE(nested_error(network, 24, target));
    }
  }
  const transform::Network mixed = transform::exact_dft(spec_of(400));
  EXPECT_LT(*nested_error(mixed, 80, "dft"), 1e-14);
  EXPECT_FALSE(nested_error(mixed, 5, "dft"));  // its first radices are 2
}

TEST(Nested, APerturbedNetworkIsNot) {
  const transform::Network network =
      transform::perturbed(transform::exact_dft(spec_of(64)), 0.3, 1);
  for (const std::int64_t points : {2, 8, 32, 64}) {
    EXPECT_GT(*nested_error(network, points, "dft"), 0.1) << points;
  }
}

}  // namespace
}  // namespace papilio::train
