/// The training loop: noise or the user's pairs in, a better model and a log of real measurements
/// out. The same options give the same bits, whatever the number of threads, and a resumed training
/// ends in the bits of one that was not interrupted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "train/objective.h"
#include "train/schedule.h"

namespace papilio::train {

struct TrainOptions {
  std::string optimiser = "adam";  ///< one of optimiser_names()
  Schedule schedule;               ///< its steps are those of the training
  std::int64_t batch = 16;         ///< rows a step
  std::uint64_t seed = 0;          ///< of the rows
  std::uint64_t valid_seed = 0;    ///< of the held-out rows, which are never trained on
  double clip = 0.0;               ///< > 0: gradients longer than this are shortened to it
  bool unit_circle = false;        ///< twiddles stay on the unit circle: their phases are trained
  std::int64_t valid_every = 100;  ///< steps between validations
  std::int64_t patience = 0;       ///< > 0: stop after so many validations without progress
  double goal = 1e-6;              ///< stop once the validation's relative error is below it
  ObjectiveOptions objective;
  std::string checkpoint;  ///< file, written at the start and with each validation; empty: none
};

/// One line of the log.
struct TrainRow {
  std::int64_t step = 0;     ///< steps done
  double loss = 0.0;         ///< of the step's batch, before the step
  double valid_error = 0.0;  ///< relative error on held-out rows, after it
  double gradient_norm = 0.0;
  double rate = 0.0;     ///< of the step; second order: part of the direction that was taken
  double seconds = 0.0;  ///< since the start
};

struct Trained {
  transform::Chain model;  ///< the best of all validations
  std::vector<TrainRow> log;
  double first_error = 0.0;  ///< validation's relative error before the first step
  double best_error = 0.0;
  std::int64_t steps = 0;  ///< done
  std::string ended;       ///< "steps", "goal", "patience" or "stopped"
};

/// What a training starts from, and what it is about.
struct Task {
  transform::Chain model;                  ///< structure and first numbers
  std::optional<transform::Chain> target;  ///< or the user's pairs:
  Batch pairs;  ///< rows are drawn from these; the last tenth is held out
};

/// Called after every validation; false ends the training.
using TrainProgress = std::function<bool(const TrainRow&)>;

/// Throws UserError for options that make no sense by themselves.
void validate(const TrainOptions& options);

/// Trains. Throws UserError for options that do not fit, and when a loss or a gradient is not
/// finite: the message names the step, the tensor and the last good checkpoint. With `resume` the
/// training goes on from the checkpoint of the same options.
Trained train(const Task& task, const TrainOptions& options, bool resume = false,
              const TrainProgress& progress = {});

}  // namespace papilio::train
