/// Everything that the next step of a training depends on, in one file that is whole or not there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/optimiser.h"
#include "train/trainer.h"

namespace papilio::train {

struct Checkpoint {
  std::int64_t step = 0;            ///< steps done
  std::vector<double> values;       ///< free parameters
  std::vector<double> best_values;  ///< those of the best validation
  double best_error = 0.0;
  double first_error = 0.0;
  Terms best, first;        ///< what they are made of
  std::int64_t waited = 0;  ///< validations without progress
  std::vector<OptimiserState> optimiser;
  std::string fingerprint;  ///< of the task and the options that matter
  Carried carried;
};

/// What a resumed training must share with the one that was interrupted.
std::string fingerprint(const Task& task, const TrainOptions& options);

/// A .safetensors file of F64 tensors `values`, `best_values`, `optimiser.<name>`, where there are
/// phases `start`, and the rest as metadata. Written whole or not at all.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Throws UserError, naming the file and what is wrong, for anything but a checkpoint.
Checkpoint load_checkpoint(const std::string& path);

/// Of trainings that share their steps: who is next depends on all of them.
struct SharedCheckpoint {
  std::string schedule;             ///< who is next
  std::vector<std::int64_t> sizes;  ///< n of each
  std::vector<Checkpoint> parts;
};

/// All in one file: what is of the first has the prefix `0.`, and so on.
void save_shared(const std::string& path, const SharedCheckpoint& checkpoint);
SharedCheckpoint load_shared(const std::string& path);

}  // namespace papilio::train
