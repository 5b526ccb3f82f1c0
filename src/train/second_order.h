/// Optimisers that look at the loss of a step's rows more than once: L-BFGS, and Gauss-Newton by
/// conjugate gradients.
///
/// Rows are drawn anew for every step, as for all optimisers, and serve all of that step: its
/// gradient, the line search or the trial of the new point, and the differences or products that
/// tell the curvature. So nothing compares values of different rows (Schraudolph, Yu, Guenter 2007;
/// Byrd, Hansen, Nocedal, Singer 2016), and the state behind a step is all that a resumed training
/// needs. Where the model can meet its target, the rows of every step have the same minimum; where
/// rows are so few that they leave parameters open, give more (--batch).
#pragma once

#include <memory>
#include <string_view>

#include "train/optimiser.h"

namespace papilio::train {

/// "lbfgs": lbfgs.h, of 20 pairs of differences. "gauss-newton": the step d of least |y + J d -
/// t|^2 with Levenberg's damping (Levenberg 1944, Marquardt 1963), by conjugate gradients on the
/// products of StepLoss::curvature; a step that does not lower the loss is not taken, and the
/// damping follows how much of the promised decrease came. Throws InternalError for another name.
std::unique_ptr<Optimiser> make_second_order(std::string_view name, std::size_t size);

}  // namespace papilio::train
