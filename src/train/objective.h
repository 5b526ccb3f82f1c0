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

/// Not thread-safe: a run reuses memory.
class Objective {
 public:
  /// `model` gives the structure. `target`: the exact transform whose output is to be met, computed
  /// beside the model's; nullptr: batches bring their targets.
  Objective(const transform::Chain& model, const transform::Chain* target,
            const ObjectiveOptions& options);

  /// Real parameters; complex ones count twice, re and im.
  std::size_t size() const { return size_; }
  /// What the mean squared error is multiplied by.
  double scale() const { return scale_; }
  /// The tensors that the flat vector is made of, one after the other.
  const std::vector<transform::Parameter>& tensors() const { return tensors_; }
  /// Name of the tensor that parameter i belongs to.
  const std::string& tensor_of(std::size_t i) const;

  /// The loss: mean |y - t|^2 over rows and elements, divided by mean |t|^2 where a target is given
  /// (the squared relative error). Writes its gradient.
  double evaluate(std::span<const double> parameters, const Batch& batch,
                  std::span<double> gradient);
  /// The loss alone.
  double evaluate(std::span<const double> parameters, const Batch& batch);

 private:
  std::shared_ptr<const runtime::Program> compile(bool gradients) const;
  double run(const runtime::Program& program, std::span<const double> parameters,
             const Batch& batch, std::span<double> gradient);

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
  std::vector<std::vector<std::complex<float>>> single_;  ///< inputs and targets in f32
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
