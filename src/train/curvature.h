/// The Gauss-Newton matrix of a task's loss, times a direction.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "train/objective.h"

namespace papilio::train {

/// With J the derivative of outputs y along the real parameters, the Hessian of the mean of
/// |y - t|^2 over N elements is 2/N J^T J plus a sum over the residuals y - t (Nocedal and Wright,
/// Numerical Optimization, section 10.3). The first term is never indefinite, and is all there is
/// where the residuals are zero. So it is the exact Hessian product (ir::hessian_product) of the
/// loss whose targets are what the networks themselves make of the rows.
///
/// Not thread-safe: a run reuses memory.
class Curvature {
 public:
  /// As for an Objective.
  Curvature(const Task& task, const Power& power, const ObjectiveOptions& options);

  /// Writes the weighted sum of 2/N J^T J v over the loss's terms at `parameters`, for the rows of
  /// an objective's batch. Vectors are as long as those of that Objective.
  void product(std::span<const double> parameters, const PreparedBatch& batch,
               std::span<const double> v, std::span<double> result);

 private:
  std::int64_t n_;
  ObjectiveOptions options_;
  std::vector<transform::Parameter> tensors_;
  base::ThreadPool pool_;
  std::shared_ptr<const runtime::Program> program_;
  runtime::Workspace work_;
};

}  // namespace papilio::train
