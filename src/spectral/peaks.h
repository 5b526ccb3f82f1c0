/// The k strongest bins or peaks of Welch's PSD.
#pragma once

#include <cstdint>
#include <string_view>

#include "ir/graph.h"
#include "papilio/definition.h"
#include "spectral/welch.h"

namespace papilio::spectral {

/// Throws UserError for options that no signal can satisfy; `complex_input` says how many bins
/// there are for `top` to choose from.
void check_peaks(const PeaksOptions& options, bool complex_input = false,
                 std::string_view verb = "peaks");

/// Throws UserError if a row of `samples` is too short; resolves `short_rows` as fit_welch.
struct FittedPeaks {
  PeaksOptions options;
  std::int64_t fixed_samples = 0;

  FittedWelch welch() const { return {options.welch, fixed_samples}; }
};
FittedPeaks fit_peaks(const PeaksOptions& options, std::int64_t samples, bool complex_input,
                      std::string_view verb = "peaks");

/// Least distance between peaks in bins: max(1, ceil(min_distance / bin width)).
std::int64_t distance_bins(const PeaksOptions& options, bool complex_input);

/// Output "peaks" [rows, k, 4] and, if asked for, "psd" [rows, all bins]: fmin and fmax restrict
/// the candidates only. `learned` as in welch.h.
ir::Graph build_peaks(const FittedPeaks& fitted, bool complex_input, DType compute,
                      bool with_psd = false, std::string_view verb = "peaks",
                      const LearnedTransform* learned = nullptr);

}  // namespace papilio::spectral
