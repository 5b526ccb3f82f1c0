/// From what papilio train is told to what is trained.
#pragma once

#include <cstdint>
#include <vector>

#include "train/task.h"
#include "train_flags.h"

namespace papilio::app {

/// Reads the files of --data, --pairs and --target-matrix once; one task for each length. Throws
/// UserError for files that do not fit, UsageError for what no file can change.
std::vector<train::Task> train_tasks(const TrainCommand& command);

/// "dft", or "matrix" or "pairs" for what the user brings.
std::string target_name(const TrainCommand& command);

}  // namespace papilio::app
