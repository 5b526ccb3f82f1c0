/// An encoder and its decoder in three phases: the encoder by its spectrum; the decoder by its
/// reconstruction, with the encoder as it is; both together by the weighted sum, at a tenth of the
/// rate, since they are near already.
#pragma once

#include <vector>

#include "train/trainer.h"

namespace papilio::train {

/// encoder, decoder, joint.
inline constexpr const char* kPhases[] = {"encoder", "decoder", "joint"};

struct PhasedTrained {
  Trained last;               ///< of the last phase
  std::vector<Phase> phases;  ///< all of them
};

/// Told before a phase begins which one of kPhases it is.
using PhaseWatch = std::function<void(std::size_t phase)>;

/// The schedule's steps are shared out in thirds, the joint phase takes what is over; each phase
/// has a schedule of its own and ends early where it meets the goal. One checkpoint resumes any
/// phase to the same bits. `task` has a decoder, and both terms in its loss. Throws UserError as
/// train does, and for a schedule of which a third is shorter than its warm-up.
PhasedTrained train_phased(const Task& task, const TrainOptions& options, bool resume,
                           const TrainWatch& watch, const PhaseWatch& phase_watch = {});

}  // namespace papilio::train
