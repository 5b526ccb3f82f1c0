/// psd, peaks and mel for any element type, on whole rows in memory or on a stream of chunks: what
/// the public functions and the command line have in common. Both ways give the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/function_ref.h"
#include "base/tensor.h"
#include "papilio/definition.h"
#include "papilio/execution.h"
#include "runtime/program.h"
#include "spectral/learned.h"

namespace papilio::api {

using papilio::Execution;

/// What is known before the first sample.
struct FeatureSpec {
  Definition definition;  ///< psd, peaks or mel
  /// What computes the spectra where the definition names a model, unscaled; else nullptr.
  std::shared_ptr<const spectral::LearnedTransform> learned;
  std::int64_t rows = 1;
  bool complex = false;
  DType compute = DType::f32;  ///< f32 or f64
  std::int64_t samples = -1;   ///< per row, if known: memory is then checked before any work
  Execution execution;
  // For messages: the input, its rows and where it begins in its file.
  std::string source;
  std::vector<std::string> row_names;  ///< or none: "row 0" ...
  std::int64_t first_sample = 0;
  // What the caller holds besides: the result so many times, and so many bytes of another need.
  std::int64_t copies = 1;
  double reserved = 0.0;
};

/// A finished feature. `shape` is [rows, bins] (psd), [rows, k, 4] (peaks), [rows, bands, frames]
/// or [rows, frames, bands] (mel), of `dtype`.
struct FeatureResult {
  Definition definition;  ///< with `short_rows` resolved
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  base::Buffer<std::byte> bytes;
  std::vector<double> frequencies;      ///< Hz of the bins (psd; peaks: of all bins searched)
  std::vector<double> mel_frequencies;  ///< Hz, centres of the bands
  std::vector<double> times;            ///< s, centres of the frames (mel)
  std::vector<std::int64_t> count;      ///< peaks: slots in use, per row
  std::vector<runtime::RowStatus> status;
  std::int64_t frames = 0;   ///< segments or frames per row
  std::int64_t samples = 0;  ///< per row
  std::int64_t dropped = 0;  ///< samples at the end that filled no frame
  std::string strategy;      ///< "cpu avx512"
  std::vector<std::string> warnings;
};

/// Runs on rows in memory. Nonfinite::error throws UserError naming row and sample.
FeatureResult run_feature(const FeatureSpec& spec, const base::TensorView& rows);

/// Writes the values to memory(bytes), asked for once their size is known; the result's `bytes`
/// stay empty.
FeatureResult run_feature_into(const FeatureSpec& spec, const base::TensorView& rows,
                               base::FunctionRef<std::byte*(std::size_t)> memory);

/// The same on chunks of any size. Memory does not grow with the length for psd and peaks with
/// average mean or max.
class FeatureStream {
 public:
  explicit FeatureStream(FeatureSpec spec);
  ~FeatureStream();
  FeatureStream(FeatureStream&&) noexcept;

  /// [rows, samples]; the memory is not needed after the call.
  void push(const base::TensorView& chunk);
  FeatureResult finish();
  /// Bytes that it needs, `reserved` included; 0 while the rows' length is not known.
  double need() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Checks a definition without any signal: throws UserError as run_feature would.
void check_definition(const Definition& definition, bool complex);

}  // namespace papilio::api
