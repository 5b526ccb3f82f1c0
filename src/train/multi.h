/// Several lengths in one run: a network for each, taking turns. A turn ends with a validation.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "train/trainer.h"

namespace papilio::train {

struct MultiPart {
  Task task;
  TrainOptions options;  ///< with a checkpoint of its own, unless the steps are shared
};

struct MultiOptions {
  std::string schedule = "round-robin";  ///< one of multi_schedules()
  std::string checkpoint;                ///< where the steps are shared: of all parts; "": none
  bool resume = false;
};

/// single: one after the other, each its schedule's steps. round-robin: a turn each, in order, each
/// its schedule's steps. random: who is next is drawn (by the first part's seed); balanced: the one
/// whose error is furthest above its goal. The last two share the steps of all, and the rate falls
/// with what is spent of them.
const std::vector<std::string>& multi_schedules();
/// Whether its parts share their steps, and one checkpoint.
inline bool shares_steps(const std::string& schedule) {
  return schedule == "random" || schedule == "balanced";
}

/// As TrainWatch, with the part that took the step or the turn.
struct MultiWatch {
  std::function<bool(std::size_t part, const TrainRow&)> row = {};
  std::function<void(std::size_t part, std::int64_t step, double loss)> step = {};
  std::function<void(std::size_t part, std::int64_t step)> begun = {};  ///< all, before a turn
  std::function<bool()> stop = {};
};

/// Trains all parts; the results are in their order. Who is next depends on what the checkpoints of
/// the parts hold, so that a resumed run ends in the same bits; a part without one begins. Where
/// the steps are shared those states belong together, and are in one file.
/// Throws UserError as train does, and for an unknown schedule.
std::vector<Trained> train_multi(const std::vector<MultiPart>& parts, const MultiOptions& options,
                                 const MultiWatch& watch = {});

}  // namespace papilio::train
