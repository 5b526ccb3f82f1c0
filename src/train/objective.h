/// The loss of a task as a graph with gradients by the rules of its ops, compiled for a device.
/// Parameters are one flat vector in double; the device computes in f32 or f64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/tensor.h"
#include "base/threads.h"
#include "ir/graph.h"
#include "runtime/program.h"
#include "train/batch.h"
#include "train/loss.h"
#include "train/task.h"
#include "transform/parameters.h"

namespace papilio::train {

struct ObjectiveOptions {
  DType dtype = DType::f32;     ///< f32 or f64
  std::string device = "auto";  ///< cpu, cuda, cuda:N or reference
  int threads = 1;
};

/// A batch as a device takes it: in the precision of the computation.
struct PreparedBatch {
  std::int64_t rows = 0;
  base::Buffer<std::byte> inputs, targets;  ///< complex values, as in Batch
  bool finite = true;                       ///< all of them, in the compute type
};

/// Not thread-safe: a run reuses memory.
class Objective {
 public:
  /// Of a valid task; terms are divided by `power`.
  Objective(const Task& task, const Power& power, const ObjectiveOptions& options);

  /// Real parameters; complex ones count twice, re and im.
  std::size_t size() const { return size_; }
  /// What the terms are divided by.
  const Power& power() const { return power_; }
  const ObjectiveOptions& options() const { return options_; }
  /// The loss, and its gradient for every tensor.
  ir::Graph gradient_graph() const { return graph(true); }
  /// Whether the batches' targets are an input of that graph, or of the one of errors.
  bool reads_targets(bool gradients) const;
  /// The tensors that the flat vector is made of, one after the other: those of the networks that
  /// the task trains, named "encoder." and "decoder." where there are two.
  const std::vector<transform::Parameter>& tensors() const { return tensors_; }
  /// Name of the tensor that parameter i belongs to.
  const std::string& tensor_of(std::size_t i) const;

  /// For batches that are used more than once. Throws UserError for one of the wrong size.
  PreparedBatch prepare(const Batch& batch) const;

  /// The weighted sum of the loss's terms. Writes its gradient.
  double evaluate(std::span<const double> parameters, const PreparedBatch& batch,
                  std::span<double> gradient);
  double evaluate(std::span<const double> parameters, const Batch& batch,
                  std::span<double> gradient) {
    return evaluate(parameters, prepare(batch), gradient);
  }
  /// Every relative error that the task knows, whatever its weight.
  Terms errors(std::span<const double> parameters, const PreparedBatch& batch);
  Terms errors(std::span<const double> parameters, const Batch& batch) {
    return errors(parameters, prepare(batch));
  }

 private:
  /// A program and how it is called.
  struct Compiled {
    std::shared_ptr<const runtime::Program> program;
    bool targets = false;     ///< batches' targets are its last port
    std::size_t scalars = 1;  ///< results before the gradients
  };
  ir::Graph graph(bool gradients) const;
  Compiled compile(bool gradients) const;
  /// Returns the scalars.
  std::vector<double> run(const Compiled& compiled, std::span<const double> parameters,
                          const PreparedBatch& batch, std::span<double> gradient);
  base::TensorView stack_of(const base::Buffer<std::byte>& values, std::int64_t rows) const;
  /// The memory of the results, as views on `results_`.
  std::vector<base::TensorView> result_views(std::size_t scalars, bool gradients);

  Task task_;
  Power power_;
  ObjectiveOptions options_;
  std::vector<transform::Parameter> tensors_;
  std::size_t size_ = 0;
  base::ThreadPool pool_;
  Compiled with_gradients_;  ///< once it is asked for
  Compiled alone_;
  runtime::Workspace work_;
  std::vector<double> values_;      ///< parameters as the program's ports see them
  std::vector<std::byte> results_;  ///< scalars and gradients in the precision of the computation
};

/// Parameters as one vector, and back into tensors of the same shapes.
std::vector<double> flatten(const std::vector<transform::Parameter>& tensors);
std::vector<transform::Parameter> unflatten(std::vector<transform::Parameter> tensors,
                                            std::span<const double> values);

}  // namespace papilio::train
