/// What papilio train gives out: the log and the bar while it runs, then models, a summary and a
/// page.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "log_file.h"
#include "progress.h"
#include "train/bin_errors.h"
#include "train/model_file.h"
#include "train/trainer.h"
#include "train_flags.h"

namespace papilio::app {

/// A network, or an encoder with its decoder, that was trained.
struct TrainedOne {
  std::int64_t n = 0;
  train::Trained trained;
  std::vector<train::Phase> phases;   ///< of phased
  std::vector<std::string> phase_of;  ///< of each row of the log, for phased
  std::string curves_from;  ///< where they begin, in words, if a resumed one has no earlier rows
};

/// A row of the train x eval matrix: relative errors of one network at each n of the command.
using EvalRow = std::vector<std::optional<double>>;

struct TrainOutcome {
  std::vector<TrainedOne> all;  ///< in the order of --n-fft
  std::vector<EvalRow> matrix;  ///< of multi: a row a network
};

/// A row of the log, and the phase it is of.
struct LoggedRow {
  std::string phase;
  train::TrainRow row;
};

/// The log of --log and the bar: told of every step and every validation.
class TrainLog {
 public:
  explicit TrainLog(const TrainCommand& command);

  /// Phase `index` of those of a phased training.
  void phase(const std::string& name, std::size_t index);
  /// The training of n points (in this phase) goes on from `step`. Once all have begun the file is
  /// there: empty, or for --resume without the rows that the checkpoints know nothing of.
  void begun(std::int64_t n, std::int64_t step);
  /// `step` steps of the network of n points are done (in this phase).
  void step(std::int64_t n, std::int64_t step, double loss);
  void row(std::int64_t n, const train::TrainRow& row);
  /// Puts the rows that the log held before this run before those of `one`.
  void add_earlier(TrainedOne& one) const;

 private:
  void open();
  bool is_earlier(const LoggedRow& logged, std::int64_t n) const;
  std::int64_t done() const;
  std::string time_left() const;

  bool several_;
  std::string phase_;
  std::string path_;
  bool resumed_;
  std::size_t sizes_;
  std::optional<LogFile> file_;
  std::map<std::int64_t, std::int64_t> begun_;              ///< the step that each n goes on from
  std::string begun_phase_;                                 ///< and the phase
  std::map<std::int64_t, std::vector<LoggedRow>> earlier_;  ///< of each n
  Progress bar_;
  std::int64_t total_;
  std::int64_t before_ = 0;                     ///< steps of earlier phases, used up or not
  std::map<std::int64_t, std::int64_t> steps_;  ///< of each n
  std::int64_t taken_ = 0;                      ///< by this run: a resumed one has others behind it
  std::string error_;  ///< of the last validation, in words; "": none so far
  std::chrono::steady_clock::time_point start_, shown_;
};

/// What a model file says of its training, and what --json prints of one.
base::Json summary_of(const TrainCommand& command, const TrainedOne& one);
/// What --json prints.
base::Json summary_of(const TrainCommand& command, const TrainOutcome& outcome);

train::ModelFile model_file_of(const TrainCommand& command, const TrainedOne& one);

/// Networks of one target that hold one another: a row a network, a column an n.
std::vector<EvalRow> eval_matrix(const TrainCommand& command, const std::vector<TrainedOne>& all);

std::string train_table(const TrainCommand& command, const TrainOutcome& outcome);

/// `bins` in the order of outcome.all.
std::string train_page(const TrainCommand& command, const TrainOutcome& outcome,
                       const std::vector<train::BinErrors>& bins);

}  // namespace papilio::app
