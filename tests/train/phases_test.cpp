// Training in phases: what each of them moves, and that any of them resumes to the same bits.
#include "train/phases.h"

#include <gtest/gtest.h>

#include "papilio/error.h"
#include "train/checkpoint.h"
#include "train/support.h"
#include "train/train_support.h"

namespace papilio::train {
namespace {

TEST(Phases, EachMovesItsOwnAndLowersItsError) {
  const Task task = perturbed_pair(16);
  std::vector<std::string> names;
  const PhasedTrained done = train_phased(task, options_of(3000), false, {},
                                          [&](std::size_t i) { names.emplace_back(kPhases[i]); });
  EXPECT_EQ(names, (std::vector<std::string>{"encoder", "decoder", "joint"}));
  ASSERT_EQ(done.phases.size(), 3U);
  const Outcome &encoder = done.phases[0].outcome, &decoder = done.phases[1].outcome;
  EXPECT_GT(encoder.first.spectrum, 0.2);
  EXPECT_LT(encoder.best.spectrum, 1e-3);
  // The decoder has not moved while the encoder learned, and the other way round.
  EXPECT_GT(decoder.first.reconstruction, 0.2);
  EXPECT_LT(decoder.best.reconstruction, 1e-3);
  EXPECT_EQ(decoder.first.spectrum, decoder.best.spectrum);
  EXPECT_LE(done.last.best_error, done.last.first_error);
  EXPECT_LT(done.last.best_error, 1e-3);
}

TEST(Phases, WithoutStepsFindNothing) {
  const PhasedTrained done = train_phased(perturbed_pair(16), options_of(0), false, {});
  EXPECT_GT(done.last.best.spectrum, 0.2);
  EXPECT_GT(done.last.best.reconstruction, 0.2);
}

using PhasedCheckpoints = InFolder;

TEST_F(PhasedCheckpoints, AnyPhaseResumesToTheSameBits) {
  const Task task = perturbed_pair(16);
  TrainOptions options = options_of(180);
  options.valid_every = 20;
  const PhasedTrained whole = train_phased(task, options, false, {});
  for (const int stop_after : {1, 3, 5, 8}) {  // of nine validations, three a phase
    options.checkpoint = file("c.safetensors");
    int seen = 0;
    TrainWatch watch{[&](const TrainRow&) { return ++seen < stop_after; }};
    int steps = 0;  // of 180, sixty a phase
    if (stop_after % 2 == 0) watch = {.stop = [&] { return ++steps == 77; }};
    train_phased(task, options, false, watch);
    const PhasedTrained rest = train_phased(task, options, true, {});
    EXPECT_EQ(numbers_of(rest.last.model), numbers_of(whole.last.model)) << stop_after;
    EXPECT_EQ(numbers_of(*rest.last.decoder), numbers_of(*whole.last.decoder)) << stop_after;
    ASSERT_EQ(rest.phases.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(rest.phases[i].outcome.steps, whole.phases[i].outcome.steps);
      EXPECT_EQ(rest.phases[i].outcome.first_error, whole.phases[i].outcome.first_error);
      EXPECT_EQ(rest.phases[i].outcome.best_error, whole.phases[i].outcome.best_error);
      EXPECT_EQ(rest.phases[i].outcome.ended, whole.phases[i].outcome.ended);
    }
  }
}

TEST_F(PhasedCheckpoints, ANumberThatIsNoneNamesThePhase) {
  TrainOptions options = options_of(600);
  options.checkpoint = file("c.safetensors");
  options.valid_every = 20;
  int seen = 0;
  TrainWatch watch;
  watch.stop = [&] { return ++seen == 250; };  // in the decoder
  train_phased(perturbed_pair(16), options, false, watch);
  Checkpoint bad = load_checkpoint(options.checkpoint);
  for (double& value : bad.values) value = 1e300;
  save_checkpoint(options.checkpoint, bad);
  expect_refusal([&] { train_phased(perturbed_pair(16), options, true, {}); },
                 {"phase decoder: ", " is not finite at step 51", options.checkpoint}, "[train] ");
}

}  // namespace
}  // namespace papilio::train
