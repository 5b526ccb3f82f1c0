/// Welch's power spectral density: checks, axes and graph (numerics.md: scipy.signal.welch).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "papilio/definition.h"
#include "spectral/learned.h"

namespace papilio::spectral {

std::int64_t noverlap_of(const WelchOptions& options);
std::int64_t n_fft_of(const WelchOptions& options);
/// Samples from one segment's start to the next.
std::int64_t hop_of(const WelchOptions& options);
/// Bins of a whole spectrum: n_fft / 2 + 1, or n_fft for complex input.
std::int64_t bins_of(const WelchOptions& options, bool complex_input);

/// Throws UserError for options that no signal can satisfy.
void check_welch(const WelchOptions& options, std::string_view verb = "psd");

/// Bins [begin, end).
struct BinRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};
/// Bins with fmin <= f <= fmax in FFT order. `second` is empty unless a two-sided range crosses
/// 0 Hz: then `first` holds the frequencies from 0 up and `second` the negative ones.
struct KeptBins {
  BinRange first;
  BinRange second;
  std::int64_t size() const { return first.size() + second.size(); }
};
/// UserError where no bin is kept.
KeptBins kept_bins(const WelchOptions& options, bool complex_input, std::string_view verb = "psd");

/// Hz of bin k; in FFT order for complex input, the negative ones in the second half.
double bin_hz(const WelchOptions& options, bool complex_input, std::int64_t bin);
/// Hz of every kept bin.
std::vector<double> frequencies(const WelchOptions& options, bool complex_input,
                                std::string_view verb = "psd");

/// The options that a row of `samples` runs with: `short_rows` resolved. `fixed_samples` > 0: the
/// row is cut or zero-filled to so many samples first (`short_rows` pad, or `segments`).
struct FittedWelch {
  WelchOptions options;
  std::int64_t fixed_samples = 0;
};
/// Throws UserError if the row is too short. Shrinks as scipy does: nperseg becomes the row's
/// length, a noverlap or n_fft that was given stays and must still fit.
FittedWelch fit_welch(const WelchOptions& options, std::int64_t samples,
                      std::string_view verb = "psd");
/// The check alone.
void check_length(const WelchOptions& options, std::int64_t samples, std::string_view verb = "psd");

/// How a row of any length is cut into segments.
ir::FrameRule segment_rule(const FittedWelch& fitted);
/// Samples at the row's end that no segment holds.
std::int64_t dropped_samples(const FittedWelch& fitted, std::int64_t samples);

/// One row's PSD: output "psd" [rows, bins]. `learned`, here and below, computes the spectra of
/// segments, nullptr: the exact transform; its n is n_fft, and what it gives is taken for unscaled.
ir::Graph build_welch(const FittedWelch& fitted, bool complex_input, DType compute,
                      std::string_view verb = "psd", const LearnedTransform* learned = nullptr);
/// The PSD of every segment, same scaling: output "segments" [rows, frames, bins].
ir::Graph build_segment_powers(const FittedWelch& fitted, bool complex_input, DType compute,
                               std::string_view verb = "psd",
                               const LearnedTransform* learned = nullptr);

/// The chain up to the scaled PSD of all bins, for graphs that go on from there.
ir::NodeId add_welch(ir::GraphBuilder& builder, const FittedWelch& fitted, bool complex_input,
                     std::string_view verb, const LearnedTransform* learned = nullptr);

}  // namespace papilio::spectral
