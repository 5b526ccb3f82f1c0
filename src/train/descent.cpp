// Adam and L-BFGS on the compiled loss of a chain.
#include "train/descent.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "papilio/error.h"
#include "train/free_parameters.h"
#include "train/lbfgs.h"
#include "train/objective.h"
#include "train/optimiser.h"
#include "train/outer.h"
#include "train/schedule.h"
#include "train/starts.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Matrix;

constexpr std::int64_t kRowsAStep = 32, kMostValuesAStep = std::int64_t{1} << 14;
constexpr int kCheckEvery = 100;  // steps, where one does not see all pairs
constexpr double kRate = 0.03, kLastRate = 1e-3;
/// Random rows tell the error of the matrix within a few percent.
constexpr double kMargin = 0.8;
constexpr double kNoTolerance = 1e-16;  // the goal ends L-BFGS, or the floor of rounding

double power_of(std::span<const Complex> values) {
  double sum = 0.0;
  for (const Complex& value : values) sum += std::norm(value);
  return sum;
}

/// The loss of a model over pairs. Targets are scaled to the power of what the random start makes
/// of the inputs, since a start says nothing of the size of what is looked for.
class Problem {
 public:
  Problem(const Pairs& pairs, const Model& model, const DescentOptions& options)
      : chain_(started(model.chain, {}, options.seed)),
        objective_({chain_, {}, pair_data({})}, {}, {options.dtype, options.device}),
        values_(flatten(objective_.tensors())) {
    all_.rows = pairs.samples();
    all_.inputs = pairs.x.values;
    all_.targets.assign(pairs.y.values.size(), 0.0);
    const double count = static_cast<double>(all_.targets.size());
    // The error of targets of 0 is the output.
    const double made = std::pow(objective_.errors(values_, all_).spectrum, 2) * count;
    scale_ = std::sqrt(made / power_of(pairs.y.values));
    if (!(scale_ > 0.0)) scale_ = 1.0;
    for (std::size_t i = 0; i < all_.targets.size(); ++i) {
      all_.targets[i] = scale_ * pairs.y.values[i];
    }
    power_ = power_of(all_.targets) / count;
    prepared_ = objective_.prepare(all_);
  }

  std::vector<double>& values() { return values_; }
  std::int64_t rows() const { return all_.rows; }

  /// The squared relative error over all pairs, or over `rows`.
  double loss(std::span<const double> at, std::span<double> gradient) {
    return loss(at, prepared_, gradient);
  }
  double loss(std::span<const double> at, const Batch& rows, std::span<double> gradient) {
    return loss(at, objective_.prepare(rows), gradient);
  }
  double loss(std::span<const double> at, const PreparedBatch& rows, std::span<double> gradient) {
    const double value = objective_.evaluate(at, rows, gradient) / power_;
    std::size_t end = 0;
    for (const auto& tensor : objective_.tensors()) {
      const std::size_t begin = end;
      end += tensor.values.size();
      // Blocks hold every scale. One of its own would go to 0 as long as the output has nothing of
      // the target yet, and all other derivatives with it.
      const double factor = is_scale(tensor) ? 0.0 : 1.0 / power_;
      for (std::size_t i = begin; i < end; ++i) gradient[i] *= factor;
    }
    return value;
  }
  double error() { return objective_.errors(values_, prepared_).spectrum / std::sqrt(power_); }

  /// So many pairs, each drawn from all.
  Batch some(std::int64_t count, base::Rng& rng) const {
    Batch batch;
    const auto n = static_cast<std::size_t>(chain_.n);
    for (; batch.rows < count; ++batch.rows) {
      const std::size_t first = rng.below(static_cast<std::uint64_t>(all_.rows)) * n;
      const auto copy = [&](const std::vector<Complex>& from, std::vector<Complex>& to) {
        to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
                  from.begin() + static_cast<std::ptrdiff_t>(first + n));
      };
      copy(all_.inputs, batch.inputs);
      copy(all_.targets, batch.targets);
    }
    return batch;
  }

  /// The chain of the values; the scale of the targets goes into a block.
  Chain result() {
    transform::set_parameters(chain_, unflatten(objective_.tensors(), values_));
    for (auto& value : first_network(chain_).stages[0].parameters) value /= scale_;
    return std::move(chain_);
  }

 private:
  Chain chain_;
  Objective objective_;
  std::vector<double> values_;
  Batch all_;
  PreparedBatch prepared_;  ///< all of them
  double scale_ = 1.0;      ///< of the targets
  double power_ = 1.0;      ///< mean |y|^2 of the scaled targets
};

void check(const Pairs& pairs, const Model& model) {
  validate(pairs);
  if (pairs.x.columns == model.chain.n) return;
  throw UserError("[recover] the data are of n = " + std::to_string(pairs.x.columns) +
                  ", but the model is of n = " + std::to_string(model.chain.n) +
                  "; give a model of that n");
}

}  // namespace

Pairs rows_of(const Matrix& matrix, bool real, std::int64_t most_columns, std::uint64_t seed) {
  if (matrix.columns <= most_columns) return columns_of(matrix);
  return draw_pairs(matrix, kRandomRows, real, DType::f64, seed);
}

Descent descend_adam(const Pairs& pairs, const Model& model, const DescentOptions& options) {
  check(pairs, model);
  Problem problem(pairs, model, options);
  const int steps = options.steps < 0 ? kAdamSteps : options.steps;
  const Schedule schedule{"cosine", kRate, steps, 0, kLastRate};
  const bool whole = problem.rows() * model.chain.n <= kMostValuesAStep;
  std::vector<double>& values = problem.values();
  const auto optimiser = make_optimiser("adam", values.size());
  std::vector<double> gradient(values.size());
  int step = 0;
  for (; step < steps; ++step) {
    if (!whole && step % kCheckEvery == 0 && problem.error() <= kMargin * options.goal) break;
    base::Rng rng(options.seed, static_cast<std::uint64_t>(step));
    const double loss = whole ? problem.loss(values, gradient)
                              : problem.loss(values, problem.some(kRowsAStep, rng), gradient);
    if (whole && std::sqrt(loss) <= kMargin * options.goal) break;
    optimiser->step(values, gradient, rate_at(schedule, step), {});
  }
  return {problem.result(), step};
}

Descent descend_lbfgs(const Pairs& pairs, const Model& model, const DescentOptions& options) {
  check(pairs, model);
  Problem problem(pairs, model, options);
  const double goal = kMargin * options.goal;
  const Smooth loss = [&](std::span<const double> at, std::span<double> gradient) {
    return problem.loss(at, gradient);
  };
  LbfgsOptions steps;
  steps.steps = options.steps < 0 ? kLbfgsSteps : options.steps;
  steps.tolerance = kNoTolerance;
  steps.progress = [&](int, double value) { return std::sqrt(value) > goal; };
  const LbfgsResult done = minimise_lbfgs(loss, problem.values(), steps);
  return {problem.result(), done.steps};
}

}  // namespace papilio::train
