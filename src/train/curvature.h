/// The Gauss-Newton matrix of a model's mean squared error, times a direction.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "train/objective.h"

namespace papilio::train {

/// With J the derivative of the outputs y along the real parameters, the Hessian of the mean of
/// |y - t|^2 over N elements is 2/N J^T J plus a sum over the residuals y - t (Nocedal and Wright,
/// Numerical Optimization, section 10.3). The first term is never indefinite, and is all there is
/// where the residuals are zero. So it is the exact Hessian product (ir::hessian_product) of the
/// loss whose targets are what the model itself makes of the rows.
///
/// Not thread-safe: a run reuses memory.
class Curvature {
 public:
  Curvature(const transform::Chain& model, const ObjectiveOptions& options);

  /// Writes 2/N J^T J v at `parameters`, for the rows that batch.inputs holds. Both vectors are as
  /// long as those of an Objective of this model.
  void product(std::span<const double> parameters, const Batch& batch, std::span<const double> v,
               std::span<double> result);

 private:
  transform::Chain model_;
  ObjectiveOptions options_;
  std::vector<transform::Parameter> tensors_;
  base::ThreadPool pool_;
  std::shared_ptr<const runtime::Program> program_;
  runtime::Workspace work_;
};

}  // namespace papilio::train
