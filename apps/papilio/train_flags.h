/// What papilio train is told.
#pragma once

#include <string>
#include <vector>

#include "flags.h"
#include "train/multi.h"
#include "train/starts.h"
#include "train/trainer.h"

namespace papilio::app {

struct TrainCommand {
  std::string kind;                 ///< butterfly, encdec, phased or multi
  std::vector<std::int64_t> sizes;  ///< --n-fft; several for multi alone
  std::string target;               ///< "": dft, or the user's own matrix or pairs
  train::Start start;
  std::string radices;  ///< empty: the prime radices
  std::string order = "dit", parameters = "twiddle", field = "complex", input = "complex";
  bool tied = false, gates = false;
  double gate_start = 1.0;
  std::string noise = "white";
  std::vector<std::string> data, pairs;  ///< files
  std::string matrix;                    ///< file
  std::string multi_schedule = "round-robin", rate_scaling = "none";
  train::Loss loss;
  train::TrainOptions options;  ///< before rate scaling, without a checkpoint
  std::string output, log, html;
  bool resume = false, json = false, quiet = false;

  bool has_decoder() const { return kind == "encdec" || kind == "phased"; }
  /// Whether the user brings what is to be learned.
  bool own() const { return !matrix.empty() || !pairs.empty(); }
  /// The network's structure. Throws UserError for radices that do not make n.
  transform::NetworkSpec spec(std::int64_t n) const;
  /// OUTPUT, or for multi OUTPUT with -N before its ending.
  std::string output_of(std::int64_t n) const;
  /// The options of the network of n points: its rate, its checkpoint, where it has its own.
  train::TrainOptions options_of(std::int64_t n) const;
  /// Of multi: the order of turns, the checkpoint of all, where they share one.
  train::MultiOptions multi_options() const;
  /// Whether all lengths share one checkpoint.
  bool shares_steps() const { return kind == "multi" && train::shares_steps(multi_schedule); }
  /// The checkpoints of a run: MODEL.checkpoint, or for multi whose schedule shares no steps one
  /// for each n.
  std::vector<std::string> checkpoints(bool shared) const;
};

void add_train_flags(Flags& flags, TrainCommand& command);

/// Everything that can be told without reading a file. Throws UsageError, or UserError for outputs
/// that cannot be written.
void check_train(const Flags& flags, TrainCommand& command);

}  // namespace papilio::app
