/// Models that run on a device, to be compared on the host with what is exact.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/threads.h"
#include "runtime/program.h"
#include "train/model_file.h"
#include "transform/chain.h"

namespace papilio::train {

/// What runs a model. It computes in double, whatever the file's numbers are.
struct RunOn {
  std::string device = "auto";  ///< as runtime::CompileOptions has it
  int threads = 1;              ///< 0: all of the machine; change no bit
};

/// A model as a compiled program. Not thread-safe: a run reuses memory.
class ModelRun {
 public:
  /// Throws UserError and DeviceError as compile does.
  ModelRun(const ModelFile& model, const RunOn& on);
  ModelRun(const transform::Chain& chain, const RunOn& on);

  std::int64_t outputs() const { return outputs_; }
  /// What computes: "cpu avx512", "cuda .." ...
  const std::string& strategy() const { return program_->strategy(); }

  /// The model times each of the rows, x [rows, n] to [rows, outputs]. A row's bits do not depend
  /// on the others.
  std::vector<transform::Complex> operator()(std::span<const transform::Complex> x);

 private:
  std::int64_t n_, outputs_;
  std::shared_ptr<const runtime::Program> program_;
  base::ThreadPool pool_;
  runtime::Workspace work_;
};

/// What undoes a model: the inverses of its networks, stage by stage. Inverses of blocks, and the
/// step from the bins of real input to the complex network's, are the host's, products the
/// device's.
class InverseRun {
 public:
  /// Throws UserError for a block without an inverse, as inverse_network does, for a diagonal that
  /// holds 0, and for a model that gives a real part.
  InverseRun(const ModelFile& model, const RunOn& on);

  /// From results of the model [rows, outputs] to [rows, n].
  std::vector<transform::Complex> operator()(std::span<const transform::Complex> y);

 private:
  std::vector<transform::Complex> recombination_;  ///< of real input, else empty
  ModelRun run_;
};

}  // namespace papilio::train
