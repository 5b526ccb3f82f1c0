/// One run of `papilio fft`: the transform of every row and the facts about it.
#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "model_transform.h"
#include "options_common.h"
#include "runtime/program.h"

namespace papilio::app {

struct FftRun {
  FftOptions options;  ///< with a model, what the model is
  std::optional<ModelTransform> model;
  io::SignalInfo info;
  DType out_dtype = DType::c64;
  std::int64_t length = 0;  ///< elements of a row of the result
  std::int64_t n = 0;       ///< of the transform
  base::Buffer<std::byte> bytes;
  std::vector<runtime::RowStatus> status;
  std::string strategy;
  std::vector<std::string> warnings;

  Definition definition() const;
};

/// Reads the whole input and fills `run`, whose options and info are set.
void run_transform(const CommonOptions& common, io::SignalReader& reader, FftRun& run);

/// Hz of the bins, in FFT order; empty without a rate, for samples in time, and for a model whose
/// results are no bins of a DFT.
std::vector<double> bin_frequencies(const FftRun& run);

/// Value `index` of the result, counted through all rows.
std::complex<double> element_of(const FftRun& run, std::int64_t index);

}  // namespace papilio::app
