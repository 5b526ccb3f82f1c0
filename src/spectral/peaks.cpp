// Top-k: Welch's chain with a selection behind it.
#include "spectral/peaks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "spectral/check.h"

namespace papilio::spectral {
namespace {

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

void check_conditions(const PeaksOptions& options, const Check& check) {
  const std::pair<const char*, const std::optional<double>&> conditions[] = {
      {"height", options.height},
      {"threshold", options.threshold},
      {"prominence", options.prominence},
      {"min_distance", options.min_distance}};
  for (const auto& [name, value] : conditions) {
    if (!value) continue;
    check.not_negative(name, *value);
    check.that(options.mode == TopMode::peaks,
               flag_of(name) + " is a condition on peaks; leave it out or give --mode peaks");
  }
}

}  // namespace

void check_peaks(const PeaksOptions& options, bool complex_input, std::string_view verb) {
  check_welch(options.welch, verb);
  const Check check(verb);
  check.length("top", options.top);
  const std::int64_t bins = bins_of(options.welch, complex_input);
  if (options.top > bins) {
    check.fail("top " + std::to_string(options.top) + " is more than the " + std::to_string(bins) +
               " bins of the spectrum; give a smaller --top or a longer --nperseg");
  }
  kept_bins(options.welch, complex_input, verb);
  check_conditions(options, check);
}

FittedPeaks fit_peaks(const PeaksOptions& options, std::int64_t samples, bool complex_input,
                      std::string_view verb) {
  check_peaks(options, complex_input, verb);
  FittedWelch welch = fit_welch(options.welch, samples, verb);
  FittedPeaks fitted{options, welch.fixed_samples};
  fitted.options.welch = std::move(welch.options);
  check_peaks(fitted.options, complex_input, verb);
  return fitted;
}

std::int64_t distance_bins(const PeaksOptions& options, bool complex_input) {
  if (!options.min_distance) return 1;
  const double width = options.welch.fs / static_cast<double>(n_fft_of(options.welch));
  const auto most = static_cast<double>(bins_of(options.welch, complex_input));
  return static_cast<std::int64_t>(
      std::clamp(std::ceil(*options.min_distance / width), 1.0, std::max(1.0, most)));
}

ir::Graph build_peaks(const FittedPeaks& fitted, bool complex_input, DType compute, bool with_psd,
                      std::string_view verb, const LearnedTransform* learned) {
  const PeaksOptions& o = fitted.options;
  check_peaks(o, complex_input, verb);
  ir::GraphBuilder builder(compute);
  const ir::NodeId psd = add_welch(builder, fitted.welch(), complex_input, verb, learned);
  ir::TopAttrs top;
  top.k = o.top;
  top.n_fft = n_fft_of(o.welch);
  top.bin_hz = o.welch.fs / static_cast<double>(top.n_fft);
  top.one_sided = !complex_input;
  top.doubled = !complex_input;
  top.distance = distance_bins(o, complex_input);
  top.height = or_nan(o.height);
  top.threshold = or_nan(o.threshold);
  top.prominence = or_nan(o.prominence);
  top.fmin_hz = or_nan(o.welch.fmin);
  top.fmax_hz = or_nan(o.welch.fmax);
  const bool peaks = o.mode == TopMode::peaks;
  builder.output("peaks", builder.add(peaks ? ir::OpKind::Peaks : ir::OpKind::TopBins, {psd}, top));
  if (with_psd) builder.output("psd", psd);
  return builder.finish();
}

}  // namespace papilio::spectral
