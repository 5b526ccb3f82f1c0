/// What every reader of signals offers: facts about the file, then chunks of bounded size.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/tensor.h"

namespace papilio::io {

/// Facts about a signal, known before a sample is read.
struct SignalInfo {
  /// As the caller named the file.
  std::string path;
  /// "wav", "flac", "ogg", "mp3", "aiff", "npy" or "csv".
  std::string kind;
  /// Channels, columns, or the product of the leading axes.
  std::int64_t rows = 0;
  /// Samples per row: readers of formats that do not state it decode the file once to count them.
  std::int64_t samples = 0;
  /// Hz, where the file states it (or the caller did).
  std::optional<double> fs;
  /// Element type of the chunks: the file's own where a DType has it.
  DType dtype = DType::f32;
  /// Factor of every element: 1/32768 for 16-bit audio, times `--scale`.
  double scale = 1.0;
  /// One per row: channel names, CSV headers, or "ch0", "ch1" ...
  std::vector<std::string> names;
  /// Shape without the time axis; {rows} for audio, CSV and selections of channels.
  std::vector<std::int64_t> leading_axes;
  /// Label of the samples' unit, or "".
  std::string units;
  /// Rate before `--resample`, when that changed it.
  std::optional<double> resampled_from;
  /// First sample (of the file, before resampling) that is delivered.
  std::int64_t first_sample = 0;
};

/// A chunk: [rows, samples] with byte strides. Valid until the next call on its reader.
struct Block {
  base::TensorView view;
  /// Index of its first sample, counted from the reader's sample 0.
  std::int64_t start = 0;

  std::int64_t samples() const { return view.shape[1]; }
};

/// A stack of signals read front to back. Memory is bounded by the chunk, not by the file (CSV
/// excepted). Not thread-safe; independent readers are independent.
class SignalReader {
 public:
  virtual ~SignalReader() = default;
  SignalReader(const SignalReader&) = delete;
  SignalReader& operator=(const SignalReader&) = delete;

  const SignalInfo& info() const { return info_; }

  /// Delivers exactly min(max_samples, samples left) samples of every row and returns that number;
  /// 0 is the end. The samples do not depend on the sizes asked for. Throws UserError when the file
  /// turns out to be damaged.
  virtual std::int64_t read(std::int64_t max_samples, Block& out) = 0;

  /// The next read() starts at `sample` (0 <= sample <= samples).
  virtual void seek(std::int64_t sample) = 0;

 protected:
  SignalReader() = default;
  SignalInfo info_;
};

using ReaderPtr = std::unique_ptr<SignalReader>;

/// "ch0", "ch1", ...
std::vector<std::string> default_names(std::int64_t rows);

}  // namespace papilio::io
