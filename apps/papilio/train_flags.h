/// What papilio train is told.
#pragma once

#include <string>

#include "flags.h"
#include "train/starts.h"
#include "train/trainer.h"

namespace papilio::app {

struct TrainCommand {
  std::string kind;  ///< butterfly
  std::int64_t n_fft = 0;
  std::string target = "dft";
  train::Start start;
  std::string radices;  ///< empty: the prime radices
  std::string order = "dit", parameters = "twiddle";
  bool tied = false;
  train::TrainOptions options;
  std::string output, log;
  bool resume = false, json = false, quiet = false;

  /// The network's structure. Throws UserError for radices that do not make n_fft.
  transform::NetworkSpec spec() const;
};

void add_train_flags(Flags& flags, TrainCommand& command);

}  // namespace papilio::app
