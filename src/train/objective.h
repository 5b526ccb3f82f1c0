/// The loss of a task as a graph with gradients by the rules of its ops, compiled for a device.
/// Parameters are one flat vector in double; the device computes in f32 or f64.
#pragma once

#include <complex>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/threads.h"
#include "runtime/program.h"
#include "train/batch.h"
#include "train/loss.h"
#include "train/task.h"
#include "transform/parameters.h"

namespace papilio::train {

struct ObjectiveOptions {
  DType dtype = DType::f32;     ///< f32 or f64
  std::string device = "auto";  ///< cpu or reference
  int threads = 1;
};

/// Not thread-safe: a run reuses memory.
class Objective {
 public:
  /// Of a valid task; terms are divided by `power`.
  Objective(const Task& task, const Power& power, const ObjectiveOptions& options);

  /// Real parameters; complex ones count twice, re and im.
  std::size_t size() const { return size_; }
  /// The tensors that the flat vector is made of, one after the other: those of the networks that
  /// the task trains, named "encoder." and "decoder." where there are two.
  const std::vector<transform::Parameter>& tensors() const { return tensors_; }
  /// Name of the tensor that parameter i belongs to.
  const std::string& tensor_of(std::size_t i) const;

  /// The weighted sum of the loss's terms. Writes its gradient.
  double evaluate(std::span<const double> parameters, const Batch& batch,
                  std::span<double> gradient);
  /// Every relative error that the task knows, whatever its weight.
  Terms errors(std::span<const double> parameters, const Batch& batch);

 private:
  /// A program and how it is called.
  struct Compiled {
    std::shared_ptr<const runtime::Program> program;
    bool targets = false;     ///< batches' targets are its last port
    std::size_t scalars = 1;  ///< results before the gradients
  };
  Compiled compile(bool gradients) const;
  /// Returns the scalars.
  std::vector<double> run(const Compiled& compiled, std::span<const double> parameters,
                          const Batch& batch, std::span<double> gradient);

  Task task_;
  Power power_;
  ObjectiveOptions options_;
  std::vector<transform::Parameter> tensors_;
  std::size_t size_ = 0;
  base::ThreadPool pool_;
  Compiled with_gradients_, alone_;
  runtime::Workspace work_;
  std::vector<std::vector<std::complex<float>>> single_;  ///< inputs and targets in f32
};

/// Parameters as one vector, and back into tensors of the same shapes.
std::vector<double> flatten(const std::vector<transform::Parameter>& tensors);
std::vector<transform::Parameter> unflatten(std::vector<transform::Parameter> tensors,
                                            std::span<const double> values);

}  // namespace papilio::train
