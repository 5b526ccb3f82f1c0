// One loop: batch, gradient, step; now and then a validation and a checkpoint.
#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "papilio/error.h"
#include "train/checkpoint.h"
#include "train/curvature.h"
#include "train/noise.h"
#include "train/optimiser.h"
#include "train/unit_circle.h"

namespace papilio::train {
namespace {

// Rows that judge a model; of long ones so many that they are no larger than kValidationValues.
constexpr std::int64_t kValidationRows = 256, kValidationValues = std::int64_t{1} << 20;
// Of a batch: 4 GiB in double.
constexpr std::int64_t kMostValues = std::int64_t{1} << 28;

double norm_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

class Loop {
 public:
  Loop(const Task& task, const TrainOptions& options, const TrainProgress& progress)
      : task_(task),
        options_(options),
        progress_(progress),
        objective_(task.model, task.target ? &*task.target : nullptr, options.objective),
        circle_(objective_.tensors(), options.unit_circle),
        values_(circle_.to_free(flatten(objective_.tensors()))),
        optimiser_(make_optimiser(options.optimiser, values_.size())),
        real_(has_real_part(task.model)) {
    held_out_ = held_out();
  }

  Trained run(bool resume) {
    start_ = std::chrono::steady_clock::now();
    if (resume) {
      take_up(load_checkpoint(options_.checkpoint));
    } else {
      result_.first_error = best_ = validate();
      best_values_ = values_;
      keep();  // whoever is interrupted before the first validation starts from here
    }
    result_.ended = "steps";
    while (step_ < options_.schedule.steps && one_step()) {
    }
    result_.model = task_.model;
    transform::set_parameters(result_.model, tensors_of(best_values_));
    result_.best_error = best_;
    result_.steps = step_;
    return std::move(result_);
  }

 private:
  /// Returns false when the training ends early.
  bool one_step() {
    const Batch batch = training_batch();
    const std::vector<double> numbers = circle_.to_numbers(values_);
    std::vector<double> gradient(numbers.size());
    const double loss = objective_.evaluate(numbers, batch, gradient);
    check_finite(loss, gradient);
    std::vector<double> free = circle_.pull_back(values_, gradient);
    const double length = norm_of(free);
    if (options_.clip > 0.0 && length > options_.clip) {
      for (double& value : free) value *= options_.clip / length;
    }
    if (is_second_order(options_.optimiser)) hold_scales(free);
    const double rate =
        optimiser_->step(values_, free, rate_at(options_.schedule, step_), loss_of(batch, loss));
    ++step_;
    const bool last = step_ == options_.schedule.steps;
    if (step_ % options_.valid_every != 0 && !last) return true;
    return after_validation({step_, loss, validate(), length, rate, seconds()});
  }

  /// Second-order steps leave the scale as it is where it is known (a target has it) or blocks can
  /// hold it themselves: they would set it to 0 as long as the output has nothing of the target
  /// yet, and all other derivatives with it.
  void hold_scales(std::span<double> free) const {
    std::size_t at = 0;
    bool blocks = false;
    for (const auto& tensor : objective_.tensors()) {
      if (tensor.name.ends_with("stage.0.twiddle")) blocks = false;
      if (tensor.name.ends_with("stage.0.block")) blocks = true;
      const std::size_t count = circle_.count(tensor);
      if (tensor.name.ends_with("scale") && (blocks || task_.target)) {
        std::fill_n(free.begin() + static_cast<std::ptrdiff_t>(at), count, 0.0);
      }
      at += count;
    }
  }

  /// The loss of a step's rows as a function of the free parameters, at which it is `value`.
  StepLoss loss_of(const Batch& batch, double value) {
    if (!is_second_order(options_.optimiser)) return {value, {}, {}};
    const auto evaluate = [this, &batch](std::span<const double> at, std::span<double> gradient) {
      std::vector<double> full(objective_.size());
      const double result = objective_.evaluate(circle_.to_numbers(at), batch, full);
      const std::vector<double> free = circle_.pull_back(at, full);
      std::copy(free.begin(), free.end(), gradient.begin());
      hold_scales(gradient);
      return result;
    };
    const auto curvature = [this, &batch](std::span<const double> v, std::span<double> product) {
      if (!curvature_) curvature_.emplace(task_.model, options_.objective);
      std::vector<double> full(objective_.size());
      curvature_->product(circle_.to_numbers(values_), batch, circle_.push_forward(values_, v),
                          full);
      for (double& part : full) part *= objective_.scale();
      const std::vector<double> free = circle_.pull_back(values_, full);
      std::copy(free.begin(), free.end(), product.begin());
      hold_scales(product);
    };
    return {value, evaluate, curvature};
  }

  bool after_validation(const TrainRow& row) {
    result_.log.push_back(row);
    if (row.valid_error < best_) {
      best_ = row.valid_error;
      best_values_ = values_;
      waited_ = 0;
    } else {
      ++waited_;
    }
    keep();
    if (best_ <= options_.goal) return end("goal");
    if (options_.patience > 0 && waited_ >= options_.patience) return end("patience");
    if (progress_ && !progress_(row)) return end("stopped");
    return true;
  }

  void keep() const {
    if (!options_.checkpoint.empty()) save_checkpoint(options_.checkpoint, state());
  }

  bool end(const char* why) {
    result_.ended = why;
    return false;
  }

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  /// Rows of the step: their numbers depend on the seed and the step alone.
  Batch training_batch() const {
    const auto number = static_cast<std::uint64_t>(step_);
    if (task_.target) {
      return noise_batch(Purpose::training, options_.seed, number, options_.batch, task_.model.n,
                         real_);
    }
    base::Rng rng(options_.seed, static_cast<std::uint64_t>(Purpose::training) << 56 | number);
    Batch batch;
    const auto known = static_cast<std::uint64_t>(task_.pairs.rows - held_rows());
    for (std::int64_t i = 0; i < options_.batch; ++i) {
      append_pair(static_cast<std::int64_t>(rng.below(known)), batch);
    }
    return batch;
  }

  std::int64_t held_rows() const { return std::max<std::int64_t>(1, task_.pairs.rows / 10); }

  void append_pair(std::int64_t row, Batch& batch) const {
    const auto from = row * task_.model.n, to = from + task_.model.n;
    const auto copy = [&](const std::vector<Complex>& source, std::vector<Complex>& out) {
      out.insert(out.end(), source.begin() + from, source.begin() + to);
    };
    copy(task_.pairs.inputs, batch.inputs);
    copy(task_.pairs.targets, batch.targets);
    ++batch.rows;
  }

  Batch held_out() const {
    if (task_.target) {
      const std::int64_t n = task_.model.n;
      const std::int64_t rows = std::clamp<std::int64_t>(kValidationValues / n, 8, kValidationRows);
      return noise_batch(Purpose::validation, options_.valid_seed, 0, rows, n, real_);
    }
    Batch batch;
    for (std::int64_t row = task_.pairs.rows - held_rows(); row < task_.pairs.rows; ++row) {
      append_pair(row, batch);
    }
    return batch;
  }

  double validate() {
    double power = 1.0;
    if (!task_.target) {
      power = 0.0;
      for (const Complex& t : held_out_.targets) power += std::norm(t);
      power /= static_cast<double>(held_out_.targets.size());
    }
    return std::sqrt(objective_.evaluate(circle_.to_numbers(values_), held_out_) / power);
  }

  std::vector<transform::Parameter> tensors_of(std::span<const double> values) const {
    return unflatten(objective_.tensors(), circle_.to_numbers(values));
  }

  void check_finite(double loss, std::span<const double> gradient) const {
    const auto bad = std::find_if(gradient.begin(), gradient.end(),
                                  [](double value) { return !std::isfinite(value); });
    if (std::isfinite(loss) && bad == gradient.end()) return;
    const std::string what =
        bad == gradient.end()
            ? "the loss"
            : "the gradient of " +
                  objective_.tensor_of(static_cast<std::size_t>(bad - gradient.begin()));
    const std::int64_t kept_step = result_.log.empty() ? taken_up_ : result_.log.back().step;
    const std::string kept = options_.checkpoint.empty()
                                 ? "no checkpoint has been written"
                                 : "the last good checkpoint is " + options_.checkpoint +
                                       " (step " + std::to_string(kept_step) + ")";
    throw UserError("[train] " + what + " is not finite at step " + std::to_string(step_ + 1) +
                    "; give a smaller --lr or --clip; " + kept);
  }

  Checkpoint state() const {
    return {step_,
            values_,
            best_values_,
            best_,
            result_.first_error,
            waited_,
            optimiser_->save(),
            fingerprint(task_.model, options_)};
  }

  void take_up(const Checkpoint& saved) {
    if (saved.fingerprint != fingerprint(task_.model, options_)) {
      throw UserError("[train] " + options_.checkpoint +
                      " was made with other options or another model; give the same ones to "
                      "--resume");
    }
    step_ = taken_up_ = saved.step;
    values_ = saved.values;
    best_values_ = saved.best_values;
    best_ = saved.best_error;
    result_.first_error = saved.first_error;
    waited_ = saved.waited;
    optimiser_->load(saved.optimiser);
  }

  const Task& task_;
  const TrainOptions& options_;
  const TrainProgress& progress_;
  Objective objective_;
  std::optional<Curvature> curvature_;  // once an optimiser asks for it
  UnitCircle circle_;
  std::vector<double> values_, best_values_;  // free parameters
  std::unique_ptr<Optimiser> optimiser_;
  bool real_;
  Batch held_out_;
  Trained result_;
  std::int64_t step_ = 0, waited_ = 0;
  std::int64_t taken_up_ = 0;  // the step that a resumed training began with
  double best_ = std::numeric_limits<double>::infinity();
  std::chrono::steady_clock::time_point start_;
};

void check(const Task& task, const TrainOptions& options, bool resume) {
  validate(options);
  transform::validate(task.model);
  if (options.batch > kMostValues / task.model.n) {
    throw UserError("[train] a batch of " + std::to_string(options.batch) + " rows of " +
                    std::to_string(task.model.n) + " points is more than 2^28 values; give a " +
                    "smaller --batch");
  }
  if (!task.target && task.pairs.rows < 2) {
    throw UserError("[train] training on pairs needs two of them at least");
  }
  if (resume && options.checkpoint.empty()) {
    throw UserError("[train] --resume needs the file of the checkpoint");
  }
}

}  // namespace

void validate(const TrainOptions& options) {
  validate(options.schedule);
  const auto& names = optimiser_names();
  if (std::find(names.begin(), names.end(), options.optimiser) == names.end()) {
    make_optimiser(options.optimiser, 0);  // says what there is
  }
  if (options.clip > 0.0 && is_second_order(options.optimiser)) {
    throw UserError("[train] --clip is for optimisers that follow the gradient; " +
                    options.optimiser + " chooses its own step length; leave it out");
  }
  if (options.batch < 1) throw UserError("[train] --batch must be 1 or more");
  if (options.valid_every < 1) throw UserError("[train] --valid-every must be 1 or more");
  if (options.objective.threads < 1) throw UserError("[train] --threads must be 1 or more");
  if (!(options.clip >= 0.0) || options.patience < 0 || !(options.goal >= 0.0)) {
    throw UserError("[train] --clip, --patience and --goal must be 0 or more");
  }
}

Trained train(const Task& task, const TrainOptions& options, bool resume,
              const TrainProgress& progress) {
  check(task, options, resume);
  return Loop(task, options, progress).run(resume);
}

}  // namespace papilio::train
