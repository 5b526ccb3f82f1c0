/// Mel filterbank features: checks, axes and graph (numerics.md: Log-mel, Profiles).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "papilio/definition.h"
#include "spectral/filterbank.h"
#include "spectral/learned.h"

namespace papilio::spectral {

BankSpec bank_of(const MelOptions& options);

/// Throws UserError for options that no signal can satisfy. `profile` names the definition where
/// its required rate is not met.
void check_mel(const MelOptions& options, std::string_view profile = {});

/// The options that a row of `samples` runs with, `short_rows` and `pad_to` resolved.
/// `fixed_samples` > 0: the row is cut or zero-filled to so many samples first.
struct FittedMel {
  MelOptions options;
  std::int64_t fixed_samples = 0;
};
/// Throws UserError if the row is too short (or, for whole_row, of another length than n_fft).
FittedMel fit_mel(const MelOptions& options, std::int64_t samples, std::string_view profile = {});
void check_length(const MelOptions& options, std::int64_t samples, std::string_view profile = {});

/// How a row of any length is cut into frames.
ir::FrameRule frame_rule(const FittedMel& fitted);
/// Samples at the row's end that no frame holds.
std::int64_t dropped_samples(const FittedMel& fitted, std::int64_t samples);

/// Output "mel" [rows, frames, bands], whatever the layout: that is the writer's business.
/// `learned` as in welch.h.
ir::Graph build_log_mel(const FittedMel& fitted, DType compute,
                        const LearnedTransform* learned = nullptr);

/// Hz of each band's centre.
std::vector<double> mel_frequencies(const MelOptions& options);
/// Seconds of each frame's centre.
std::vector<double> frame_times(const FittedMel& fitted, std::int64_t samples);

}  // namespace papilio::spectral
