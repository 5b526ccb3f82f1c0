/// One call from a path and the command line's input options to a reader.
#pragma once

#include <optional>
#include <string>

#include "io/signal.h"

namespace papilio::io {

/// How a file is to be read; every field has the name of its flag.
struct OpenOptions {
  /// .npy: the axis that is time (default: the last). Also silences `check_orientation`.
  std::optional<int> time_axis;
  /// .npy: refuse 2-D arrays with more rows than samples and fewer than 64 samples a row.
  bool check_orientation = false;
  /// .npy: int64, numpy's own integers, as float64; one beyond +-2^53, which that cannot hold, is
  /// refused when it is read.
  bool wide_integers = false;
  /// .csv: ',' ';' or '\t'; 0 detects.
  char delimiter = 0;
};

/// Opens by ending (.npy, .csv .tsv .txt) and else by content (audio, .npy). Throws UserError for
/// what is missing, empty, damaged or of another kind.
ReaderPtr open_signal(const std::string& path, const OpenOptions& options = {});

/// Everything interface.md 'Input' lets a caller say about one input.
struct InputOptions {
  OpenOptions open;
  /// --fs: rate of a file that states none; an error when it states another, unless force_fs.
  std::optional<double> fs;
  bool force_fs = false;
  /// True for verbs that cannot do without a rate (all but fft).
  bool needs_fs = true;
  /// --channels: "0,2-4" or names; "" is all.
  std::string channels;
  /// --mono: the mean of the selected channels.
  bool mono = false;
  /// --start, --duration in seconds (of the file's own time).
  std::optional<double> start;
  std::optional<double> duration;
  /// --scale multiplies every sample.
  double scale = 1.0;
  /// --units labels them.
  std::string units;
  /// --resample in Hz.
  std::optional<double> resample;
};

/// open_signal, then rate, selection and resampling, in this order.
ReaderPtr open_input(const std::string& path, const InputOptions& options = {});

/// The rate to compute with: the file's own or `fs`. Throws UserError for a rate that is not
/// positive, that contradicts the file (unless `force`), or that is missing although needed.
std::optional<double> resolve_rate(const SignalInfo& info, std::optional<double> fs, bool force,
                                   bool needs_fs);

}  // namespace papilio::io
