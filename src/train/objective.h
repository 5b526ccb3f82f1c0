/// What training lowers: the mean squared error of a model's output, as a graph with gradients by
/// the rules of its ops, compiled for a device. Parameters are one flat vector in double; the
/// device computes in f32 or f64.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/rng.h"
#include "base/threads.h"
#include "runtime/program.h"
#include "transform/chain.h"
#include "transform/parameters.h"

namespace papilio::train {

using Complex = std::complex<double>;

struct ObjectiveOptions {
  DType dtype = DType::f32;     ///< f32 or f64
  std::string device = "auto";  ///< cpu or reference
  int threads = 1;
};

/// A stack of rows and what the model should make of them. `targets` empty: what the objective's
/// own target makes of the rows.
struct Batch {
  std::int64_t rows = 0;
  std::vector<Complex> inputs;   ///< [rows, n]
  std::vector<Complex> targets;  ///< [rows, n], or empty
};

/// A batch as a device takes it: in the precision of the computation.
struct PreparedBatch {
  std::int64_t rows = 0;
  base::Buffer<std::byte> inputs, targets;  ///< complex values, as in Batch
};

/// Not thread-safe: a run reuses memory.
class Objective {
 public:
  /// `model` gives the structure. `target`: the exact transform whose output is to be met, computed
  /// beside the model's; nullptr: batches bring their targets.
  Objective(const transform::Chain& model, const transform::Chain* target,
            const ObjectiveOptions& options);

  /// Real parameters; complex ones count twice, re and im.
  std::size_t size() const { return size_; }
  /// The tensors that the flat vector is made of, one after the other.
  const std::vector<transform::Parameter>& tensors() const { return tensors_; }
  /// Name of the tensor that parameter i belongs to.
  const std::string& tensor_of(std::size_t i) const;

  /// For batches that are used more than once. Throws UserError for one of the wrong size.
  PreparedBatch prepare(const Batch& batch) const;

  /// The loss: mean |y - t|^2 over rows and elements, divided by mean |t|^2 where a target is given
  /// (the squared relative error). Writes its gradient, unless that is empty.
  double evaluate(std::span<const double> parameters, const PreparedBatch& batch,
                  std::span<double> gradient = {});
  double evaluate(std::span<const double> parameters, const Batch& batch,
                  std::span<double> gradient = {}) {
    return evaluate(parameters, prepare(batch), gradient);
  }

 private:
  std::shared_ptr<const runtime::Program> compile(bool gradients) const;
  base::TensorView stack_of(const base::Buffer<std::byte>& values, std::int64_t rows) const;

  transform::Chain model_;
  transform::Chain target_;
  bool has_target_ = false;
  ObjectiveOptions options_;
  std::vector<transform::Parameter> tensors_;
  std::size_t size_ = 0;
  double scale_ = 1.0;  ///< of the loss
  base::ThreadPool pool_;
  std::shared_ptr<const runtime::Program> with_gradients_, alone_;
  runtime::Workspace work_;
  std::vector<double> values_;      ///< parameters as the program's ports see them
  std::vector<std::byte> results_;  ///< loss and gradient in the precision of the computation
};

/// A number of mean square 1: normal, or complex normal with independent parts.
Complex unit_sample(base::Rng& rng, bool real);

/// Whether the chain takes real signals only: it has a real part.
bool has_real_part(const transform::Chain& chain);

/// Parameters as one vector, and back into tensors of the same shapes.
std::vector<double> flatten(const std::vector<transform::Parameter>& tensors);
std::vector<transform::Parameter> unflatten(std::vector<transform::Parameter> tensors,
                                            std::span<const double> values);

}  // namespace papilio::train
