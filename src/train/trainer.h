/// The training loop: rows in, a better model and a log of real measurements
/// out. The same options give the same bits, whatever the number of threads, and a resumed training
/// ends in the bits of one that was not interrupted.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "papilio/error.h"
#include "train/curvature.h"
#include "train/device_steps.h"
#include "train/free_parameters.h"
#include "train/objective.h"
#include "train/optimiser.h"
#include "train/schedule.h"
#include "train/task.h"

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
  std::string checkpoint;  ///< file, written at the start, after validations, at the end; "": none
  double keep_seconds = 1.0;  ///< at least so long between checkpoints of one training; no result
                              ///< depends on it
};

/// One line of the log.
struct TrainRow {
  std::int64_t step = 0;     ///< steps done
  double loss = 0.0;         ///< of the step's batch, before the step
  double valid_error = 0.0;  ///< weighted relative error on held-out rows, after it
  Terms terms;               ///< what it is made of
  double gradient_norm = 0.0;
  double rate = 0.0;     ///< of the step; second order: part of the direction that was taken
  double seconds = 0.0;  ///< since the start
};

/// What a training says of itself.
struct Outcome {
  double first_error = 0.0;  ///< validation's weighted relative error before the first step
  double best_error = 0.0;
  Terms first, best;       ///< what they are made of
  std::int64_t steps = 0;  ///< done
  std::string ended;       ///< "steps", "goal", "patience" or "stopped"
};

struct Trained : Outcome {
  transform::Chain model;  ///< the best of all validations
  std::optional<transform::Chain> decoder;
  std::vector<TrainRow> log;
};

/// Who watches a training.
struct TrainWatch {
  std::function<bool(const TrainRow&)> row = {};  ///< after every validation; false ends it
  std::function<void(std::int64_t step, double loss)> step = {};  ///< after every step
  /// Once it has begun, or is resumed: the steps that are done. Of a training in phases: each
  /// phase.
  std::function<void(std::int64_t step)> begun = {};
  /// Asked after every step; true ends the training there, with a checkpoint of that step.
  std::function<bool()> stop = {};
};

/// A phase of a training that has come to its end.
struct Phase {
  std::string name;
  Outcome outcome;
};

/// What a checkpoint holds besides the state of its training: of one in phases, those that are
/// done, and all numbers that the present one began with.
struct Carried {
  std::vector<Phase> done;
  std::vector<double> start;
};

struct Checkpoint;

/// A loss, a gradient or a number that training moves is not finite.
struct NotFinite : UserError {
  struct Kept {
    std::string file;
    std::int64_t step = 0;
  };
  struct Finding {
    std::string whose;   ///< of several lengths or phases: which one; otherwise ""
    std::string what;    ///< which tensor, at which step
    std::string advice;  ///< what to start again with
    /// Checkpoints that hold the last good numbers, and are in the way of another start.
    std::vector<Kept> kept;
  };
  explicit NotFinite(Finding found);
  Finding finding;
};

/// Throws UserError for options that make no sense by themselves.
void validate(const TrainOptions& options);

/// A training that goes on turn by turn, so that several may take turns.
class Training {
 public:
  /// Throws UserError for tasks and options that do not fit. `carried` goes into checkpoints.
  Training(Task task, TrainOptions options, Carried carried = {});
  ~Training();

  /// Judges the start and keeps it. Or:
  void begin();
  /// Goes on from the checkpoint of the same task and options.
  void resume();
  /// The same of a checkpoint that was read from `path`.
  void resume(const Checkpoint& saved, const std::string& path);

  /// Which step of the schedule a step takes its rate from: spent / share, rounded down. Trainings
  /// that share a budget count the steps of all.
  struct Clock {
    std::int64_t spent = 0;
    std::int64_t share = 1;
  };
  /// Steps up to the next validation, `most` at most, then that. Throws NotFinite when a loss or a
  /// gradient is: the message names the step, the tensor and the last good checkpoint, which any
  /// error leaves behind.
  void turn(std::int64_t most, Clock clock, const TrainWatch& watch);
  /// The same by its own steps, as many as the schedule has.
  void turn(const TrainWatch& watch);
  /// Writes the checkpoint of the last validation, unless that is done.
  void keep();

  /// Why it is over; "" while it is not.
  std::string ended() const;
  /// Everything that the next step depends on, as it is now. Throws NotFinite as turn() does.
  Checkpoint state() const;
  std::int64_t steps() const { return step_; }
  /// Those of the state that the checkpoint holds.
  std::int64_t kept_steps() const { return noted_step_; }
  double best_error() const { return best_error_; }
  const TrainOptions& options() const { return options_; }
  /// The best so far.
  Trained result() const;

 private:
  double one_step(std::int64_t schedule_step, TrainRow& row);
  /// The same where parameters and optimiser stay on a device.
  double device_step(double rate, TrainRow& row);
  PreparedBatch rows_of(std::int64_t step) const;
  /// Gives the device the rows of the next step; several steps' are drawn at once, by all threads.
  void give_rows();
  /// Parameters and what the optimiser remembers, to the device and from it, if they stay there.
  void send();
  void fetch();
  /// The loss of a step's rows as a function of the free parameters, at which it is `value`.
  StepLoss loss_of(const PreparedBatch& batch, double value);
  /// Second-order steps leave the scale as it is where it is known (a target has it) or blocks can
  /// hold it themselves: they would set it to 0 as long as the output has nothing of the target
  /// yet, and all other derivatives with it.
  void hold_scales(std::span<double> free) const;
  /// Takes those that the step's gradient pushes out of their range out of all of the step.
  void hold_gates(std::span<double> free) const;
  void load_optimiser(const Checkpoint& saved, const std::string& path);
  Terms validate_now();
  void after_validation(const TrainRow& row);
  /// Takes note of the state as it is, for keep().
  void note();
  /// Ends it where it is, between two validations.
  void stop();
  bool keep_is_due() const;
  double seconds() const;
  void check_finite(double loss, std::span<const double> gradient) const;
  /// Throws for a loss, or the gradient of number `bad`, that is not finite.
  void check_finite(double loss, std::size_t bad) const;
  /// The same of what a checkpoint would keep.
  void check_finite(const Checkpoint& state) const;
  [[noreturn]] void refuse(const std::string& what) const;
  /// What helps where numbers are not finite.
  std::string advice() const;

  Task task_;
  TrainOptions options_;
  Carried carried_;
  bool real_;
  Batch held_out_;  // until it is prepared
  Objective objective_;
  PreparedBatch prepared_;  // the held-out rows
  FreeParameters free_;
  std::vector<double> values_, best_values_;  // free parameters
  std::vector<std::size_t> held_gates_;       // of the step
  std::unique_ptr<Optimiser> optimiser_;
  std::unique_ptr<Curvature> curvature_;  // once the optimiser asks for it
  std::unique_ptr<DeviceSteps> device_;   // where steps stay there; values_ are of the last fetch
  base::ThreadPool pool_;
  std::deque<PreparedBatch> drawn_;  // of the steps from given_ on
  std::int64_t given_ = 0;           // steps whose rows the device has had
  std::string fingerprint_;
  std::vector<TrainRow> log_;
  std::int64_t step_ = 0, waited_ = 0;
  std::unique_ptr<Checkpoint> noted_;  // of the last validation, until it is written
  std::int64_t noted_step_ = 0;
  std::chrono::steady_clock::time_point kept_;
  double first_error_ = 0.0, best_error_ = 0.0;
  Terms first_, best_;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point start_;
};

/// A training from its start, or its checkpoint, to its end.
Trained train(const Task& task, const TrainOptions& options, bool resume = false,
              const TrainWatch& watch = {});

}  // namespace papilio::train
