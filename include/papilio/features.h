/// Welch PSD, spectral peaks and log-mel of a stack of signals in memory.
///
///   std::vector<float> x = ...;  // one row; or View(data, rows, samples)
///   auto psd = papilio::welch(x, {.fs = 250.0, .nperseg = 512});
///   psd.data[row * psd.shape[1] + bin];  // at psd.frequencies[bin] Hz
///
/// Element types: float, double, std::int8_t .. std::int32_t, std::complex<float>,
/// std::complex<double>; double is computed and returned in double, everything else in float.
/// Each function throws UserError for options or rows that do not fit, DeviceError when the
/// device fails or memory runs out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "papilio/definition.h"
#include "papilio/execution.h"
#include "papilio/export.h"
#include "papilio/view.h"

namespace papilio {

/// Facts that every result carries.
struct ResultInfo {
  Definition definition;              ///< with everything resolved
  std::vector<std::int64_t> flags;    ///< per row: first non-finite sample, or -1
  std::vector<std::int64_t> skipped;  ///< per row: segments left out (Nonfinite::skip)
  std::vector<bool> overflow;         ///< per row: finite samples, results beyond the compute type
  std::int64_t frames = 0;            ///< segments or frames per row
  std::int64_t dropped = 0;           ///< samples at the end that filled no frame
  std::string strategy;               ///< device and instruction set, e.g. "cpu avx512"
  std::vector<std::string> warnings;
};

/// PSD of each row, units^2/Hz for scaling `density`. Rows with non-finite samples are NaN.
template <typename R>
struct WelchResult {
  std::vector<R> data;  ///< [rows, bins], row-major
  std::array<std::int64_t, 2> shape{};
  std::vector<double> frequencies;  ///< Hz; complex input: FFT order
  ResultInfo info;
};

/// The k strongest peaks or bins of each row, strongest first.
template <typename R>
struct PeaksResult {
  std::vector<R> data;  ///< [rows, k, 4]: bin, power, frequency_hz, peak_power
  std::array<std::int64_t, 3> shape{};
  std::vector<std::int64_t> count;  ///< per row: slots in use; the rest hold bin -1 and NaN
  std::vector<double> frequencies;  ///< Hz of all bins that were searched
  ResultInfo info;
};

/// Mel features of each row: [rows, bands, frames], or [rows, frames, bands] by `layout`.
template <typename R>
struct LogMelResult {
  std::vector<R> data;
  std::array<std::int64_t, 3> shape{};
  std::vector<double> mel_frequencies;  ///< Hz, centres of the bands
  std::vector<double> times;            ///< s, centres of the frames
  ResultInfo info;
};

/// Welch's PSD with scipy.signal.welch's meaning and defaults.
template <typename T>
PAPILIO_API WelchResult<compute_t<T>> welch(View<const T> rows, const WelchOptions& options = {},
                                            const Execution& execution = {});

/// Top-k of Welch's PSD: peaks as scipy.signal.find_peaks sees them, or the largest bins.
template <typename T>
PAPILIO_API PeaksResult<compute_t<T>> peaks(View<const T> rows, const PeaksOptions& options = {},
                                            const Execution& execution = {});

/// Mel features; `std::get<MelOptions>(profile("mel", "whisper", 16000).options)` and the like give
/// the options of known front ends. Complex rows are a UserError.
template <typename T>
PAPILIO_API LogMelResult<compute_t<T>> log_mel(View<const T> rows, const MelOptions& options = {},
                                               const Execution& execution = {});

/// Shapes of the results, for the forms below that write into the caller's memory.
PAPILIO_API std::array<std::int64_t, 2> welch_shape(const WelchOptions& options, std::int64_t rows,
                                                    std::int64_t samples, bool complex = false);
PAPILIO_API std::array<std::int64_t, 3> peaks_shape(const PeaksOptions& options, std::int64_t rows);
PAPILIO_API std::array<std::int64_t, 3> log_mel_shape(const MelOptions& options, std::int64_t rows,
                                                      std::int64_t samples);

/// The same into `out`: dense, row-major, of exactly the size that the shape says.
template <typename T>
PAPILIO_API ResultInfo welch_into(View<const T> rows, std::span<compute_t<T>> out,
                                  const WelchOptions& options = {},
                                  const Execution& execution = {});
template <typename T>
PAPILIO_API ResultInfo peaks_into(View<const T> rows, std::span<compute_t<T>> out,
                                  const PeaksOptions& options = {},
                                  const Execution& execution = {});
template <typename T>
PAPILIO_API ResultInfo log_mel_into(View<const T> rows, std::span<compute_t<T>> out,
                                    const MelOptions& options = {},
                                    const Execution& execution = {});

/// One row in a vector.
template <typename T>
WelchResult<compute_t<T>> welch(const std::vector<T>& row, const WelchOptions& options = {},
                                const Execution& execution = {}) {
  return welch(View<const T>(row), options, execution);
}
template <typename T>
PeaksResult<compute_t<T>> peaks(const std::vector<T>& row, const PeaksOptions& options = {},
                                const Execution& execution = {}) {
  return peaks(View<const T>(row), options, execution);
}
template <typename T>
LogMelResult<compute_t<T>> log_mel(const std::vector<T>& row, const MelOptions& options = {},
                                   const Execution& execution = {}) {
  return log_mel(View<const T>(row), options, execution);
}

}  // namespace papilio
