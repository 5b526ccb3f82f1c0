// Batch, gradient, step; now and then a validation and a checkpoint.
#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/atomic_file.h"
#include "base/text.h"
#include "papilio/error.h"
#include "train/checkpoint.h"

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

Task checked(Task task, const TrainOptions& options) {
  validate(options);
  validate(task);
  if (options.batch > kMostValues / task.model.n) {
    throw UserError("[train] a batch of " + std::to_string(options.batch) + " rows of " +
                    std::to_string(task.model.n) + " points is more than 2^28 values; give a " +
                    "smaller --batch");
  }
  return task;
}

std::optional<std::size_t> first_bad(std::span<const double> values) {
  const auto bad = std::find_if(values.begin(), values.end(),
                                [](double value) { return !std::isfinite(value); });
  if (bad == values.end()) return std::nullopt;
  return static_cast<std::size_t>(bad - values.begin());
}

/// The rows that judge.
Batch held_out(const Task& task, const TrainOptions& options) {
  const std::int64_t n = task.model.n;
  const std::int64_t rows = std::clamp<std::int64_t>(kValidationValues / n, 8, kValidationRows);
  return draw(task.data, Split::validation, options.valid_seed, 0, rows, n, task.real());
}

}  // namespace

Training::Training(Task task, TrainOptions options, Carried carried)
    : task_(checked(std::move(task), options)),
      options_(std::move(options)),
      carried_(std::move(carried)),
      real_(task_.real()),
      held_out_(held_out(task_, options_)),
      objective_(task_, power_of(task_, held_out_), options_.objective),
      prepared_(objective_.prepare(std::exchange(held_out_, {}))),
      free_(objective_.tensors(), options_.unit_circle),
      values_(free_.to_free(flatten(objective_.tensors()))),
      optimiser_(make_optimiser(options_.optimiser, values_.size())),
      pool_(options_.objective.threads),
      fingerprint_(fingerprint(task_, options_)) {
  if (!stays_on_device(options_.objective.device)) return;
  device_ = std::make_unique<DeviceSteps>(objective_, free_, options_.optimiser, options_.clip,
                                          options_.batch);
}

Training::~Training() = default;

void Training::begin() {
  start_ = std::chrono::steady_clock::now();
  if (!options_.checkpoint.empty()) base::remove_stale_files(options_.checkpoint);
  send();
  first_ = best_ = validate_now();
  first_error_ = best_error_ = weighted(task_.loss, first_);
  best_values_ = values_;
  note();
  keep();  // whoever is interrupted before the first validation starts from here
}

void Training::resume() {
  start_ = std::chrono::steady_clock::now();
  if (options_.checkpoint.empty())
    throw UserError("[train] --resume needs the file of the checkpoint");
  base::remove_stale_files(options_.checkpoint);
  const Checkpoint saved = load_checkpoint(options_.checkpoint);
  resume(saved, options_.checkpoint);
  if (saved.step > options_.schedule.steps) {
    throw UserError("[train] " + options_.checkpoint + " is of step " + std::to_string(saved.step) +
                    ", and its training has " + std::to_string(options_.schedule.steps) +
                    "; it was changed after it was written");
  }
}

void Training::resume(const Checkpoint& saved, const std::string& path) {
  start_ = std::chrono::steady_clock::now();
  if (saved.fingerprint != fingerprint_ || saved.values.size() != values_.size()) {
    throw UserError("[train] " + path +
                    " was made with other options, data or another model; give the same ones to "
                    "--resume");
  }
  carried_ = saved.carried;
  step_ = noted_step_ = saved.step;
  values_ = saved.values;
  best_values_ = saved.best_values;
  best_error_ = saved.best_error;
  best_ = saved.best;
  first_error_ = saved.first_error;
  first_ = saved.first;
  waited_ = saved.waited;
  load_optimiser(saved, path);
  send();
  kept_ = start_;
}

void Training::load_optimiser(const Checkpoint& saved, const std::string& path) {
  try {
    optimiser_->load(saved.optimiser);
  } catch (const UserError& error) {
    throw UserError("[train] " + path + " is no checkpoint of this training: " + error.what());
  }
  if (optimiser_->save().size() == saved.optimiser.size()) return;
  throw UserError("[train] " + path + " holds more of the optimizer than " + options_.optimiser +
                  " has; it was changed after it was written");
}

std::string Training::ended() const {
  if (stopped_) return "stopped";
  if (best_error_ <= options_.goal) return "goal";
  if (options_.patience > 0 && waited_ >= options_.patience) return "patience";
  return step_ >= options_.schedule.steps ? "steps" : "";
}

void Training::turn(const TrainWatch& watch) {
  turn(options_.schedule.steps - step_, {step_, 1}, watch);
}

void Training::turn(std::int64_t most, Clock clock, const TrainWatch& watch) {
  try {
    const std::int64_t steps = std::min(most, options_.valid_every - step_ % options_.valid_every);
    TrainRow row;
    for (std::int64_t i = 0; i < steps; ++i) {
      row.loss = one_step((clock.spent + i) / clock.share, row);
      if (watch.step) watch.step(step_, row.loss);
      if (i + 1 < steps && watch.stop && watch.stop()) return stop();
    }
    row.step = step_;
    fetch();
    row.terms = validate_now();
    row.valid_error = weighted(task_.loss, row.terms);
    row.seconds = seconds();
    after_validation(row);
    // Before the checkpoint: a log may be ahead of it, which a resumed training cuts, never behind.
    if (watch.row && !watch.row(row)) stopped_ = true;
    if (watch.stop && watch.stop()) stopped_ = true;
    if (keep_is_due()) keep();
  } catch (...) {
    keep();
    throw;
  }
}

void Training::stop() {
  stopped_ = true;
  fetch();
  note();
  keep();
}

PreparedBatch Training::rows_of(std::int64_t step) const {
  // Their numbers depend on the seed and the step alone.
  return objective_.prepare(draw(task_.data, Split::training, options_.seed,
                                 static_cast<std::uint64_t>(step), options_.batch, task_.model.n,
                                 real_));
}

void Training::give_rows() {
  if (drawn_.empty()) {
    // 512 MiB at most, in single.
    const std::int64_t most = (std::int64_t{1} << 26) / (options_.batch * task_.model.n);
    const std::int64_t steps = std::clamp<std::int64_t>(most, 1, pool_.size());
    drawn_.resize(static_cast<std::size_t>(steps));
    pool_.split(steps, 1, [&](int, std::int64_t step, std::int64_t end) {
      for (; step < end; ++step) drawn_[static_cast<std::size_t>(step)] = rows_of(given_ + step);
    });
  }
  device_->take(drawn_.front());
  drawn_.pop_front();
  ++given_;
}

void Training::send() {
  given_ = step_;
  if (device_) device_->put(values_, optimiser_->save());
}

void Training::fetch() {
  if (device_) device_->get(values_, *optimiser_);
}

double Training::device_step(double rate, TrainRow& row) {
  if (!device_->has_rows()) give_rows();
  device_->start(rate);
  give_rows();  // while it runs
  const DeviceSteps::Told told = device_->finish();
  check_finite(told.loss, told.bad);
  row.gradient_norm = told.gradient_norm;
  row.rate = rate;
  ++step_;
  return told.loss;
}

double Training::one_step(std::int64_t schedule_step, TrainRow& row) {
  if (device_) return device_step(rate_at(options_.schedule, schedule_step), row);
  const PreparedBatch batch = rows_of(step_);
  const std::vector<double> numbers = free_.to_numbers(values_);
  std::vector<double> gradient(numbers.size());
  const double loss = objective_.evaluate(numbers, batch, gradient);
  check_finite(loss, gradient);
  std::vector<double> free = free_.pull_back(values_, gradient);
  held_gates_ = free_.held(values_, free);
  hold_gates(free);
  row.gradient_norm = norm_of(free);
  if (options_.clip > 0.0 && row.gradient_norm > options_.clip) {
    for (double& value : free) value *= options_.clip / row.gradient_norm;
  }
  if (is_second_order(options_.optimiser)) hold_scales(free);
  row.rate = optimiser_->step(values_, free, rate_at(options_.schedule, schedule_step),
                              loss_of(batch, loss));
  free_.project(values_);
  ++step_;
  return loss;
}

StepLoss Training::loss_of(const PreparedBatch& batch, double value) {
  if (!is_second_order(options_.optimiser)) return {value, {}, {}};
  const auto to_free = [this](std::span<const double> at, std::span<const double> full,
                              std::span<double> out) {
    const std::vector<double> free = free_.pull_back(at, full);
    std::copy(free.begin(), free.end(), out.begin());
    hold_scales(out);
    hold_gates(out);
  };
  const auto evaluate = [this, to_free, &batch](std::span<const double> at,
                                                std::span<double> gradient) {
    std::vector<double> full(objective_.size());
    const double result = objective_.evaluate(free_.to_numbers(at), batch, full);
    to_free(at, full, gradient);
    return result;
  };
  const auto curvature = [this, to_free, &batch](std::span<const double> v,
                                                 std::span<double> product) {
    if (!curvature_) {
      curvature_ = std::make_unique<Curvature>(task_, objective_.power(), options_.objective);
    }
    std::vector<double> full(objective_.size());
    curvature_->product(free_.to_numbers(values_), batch, free_.push_forward(values_, v), full);
    to_free(values_, full, product);
  };
  return {value, evaluate, curvature};
}

void Training::hold_gates(std::span<double> free) const {
  for (const std::size_t place : held_gates_) free[place] = 0.0;
}

void Training::hold_scales(std::span<double> free) const {
  std::size_t at = 0;
  bool blocks = false;
  for (const auto& tensor : objective_.tensors()) {
    if (tensor.name.ends_with("stage.0.twiddle")) blocks = false;
    if (tensor.name.ends_with("stage.0.block")) blocks = true;
    const std::size_t count = free_.count(tensor);
    if (is_scale(tensor) && (blocks || task_.target)) {
      std::fill_n(free.begin() + static_cast<std::ptrdiff_t>(at), count, 0.0);
    }
    at += count;
  }
}

void Training::after_validation(const TrainRow& row) {
  log_.push_back(row);
  if (row.valid_error < best_error_) {
    best_error_ = row.valid_error;
    best_ = row.terms;
    best_values_ = values_;
    waited_ = 0;
  } else {
    ++waited_;
  }
  note();
}

Trained Training::result() const {
  Trained trained;
  trained.first_error = first_error_;
  trained.first = first_;
  trained.best_error = best_error_;
  trained.best = best_;
  trained.steps = step_;
  trained.ended = ended();
  trained.log = log_;
  trained.model = task_.model;
  trained.decoder = task_.decoder;
  auto tensors = unflatten(objective_.tensors(), free_.to_numbers(best_values_));
  auto from = tensors.begin();
  const auto take = [&](transform::Chain& chain) {
    const auto count = static_cast<std::ptrdiff_t>(transform::get_parameters(chain).size());
    transform::set_parameters(chain, {from, from + count});
    from += count;
  };
  if (task_.trains != Trains::decoder) take(trained.model);
  if (task_.trains != Trains::encoder && trained.decoder) take(*trained.decoder);
  return trained;
}

void Training::note() {
  auto now = std::make_unique<Checkpoint>(state());
  noted_step_ = step_;
  if (!options_.checkpoint.empty()) noted_ = std::move(now);
}

Checkpoint Training::state() const {
  Checkpoint now{.step = step_,
                 .values = values_,
                 .best_values = best_values_,
                 .best_error = best_error_,
                 .first_error = first_error_,
                 .best = best_,
                 .first = first_,
                 .waited = waited_,
                 .optimiser = optimiser_->save(),
                 .fingerprint = fingerprint_,
                 .carried = carried_};
  check_finite(now);
  return now;
}

bool Training::keep_is_due() const {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - kept_;
  return !ended().empty() || passed.count() >= options_.keep_seconds;
}

void Training::keep() {
  if (!noted_) return;
  const std::unique_ptr<Checkpoint> noted = std::move(noted_);  // tried once, if it fails
  save_checkpoint(options_.checkpoint, *noted);
  kept_ = std::chrono::steady_clock::now();
}

double Training::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Terms Training::validate_now() { return objective_.errors(free_.to_numbers(values_), prepared_); }

void Training::check_finite(double loss, std::span<const double> gradient) const {
  check_finite(loss, first_bad(gradient).value_or(gradient.size()));
}

void Training::check_finite(double loss, std::size_t bad) const {
  const std::string step = " is not finite at step " + std::to_string(step_ + 1);
  if (bad < objective_.size()) refuse("the gradient of " + objective_.tensor_of(bad) + step);
  if (!std::isfinite(loss)) refuse("the loss" + step);
}

void Training::check_finite(const Checkpoint& state) const {
  const std::string step = " is not finite after step " + std::to_string(state.step);
  if (first_bad(state.values)) {
    refuse(objective_.tensor_of(*first_bad(free_.to_numbers(state.values))) + step);
  }
  for (const OptimiserState& part : state.optimiser) {
    if (first_bad(part.values)) refuse("the optimizer's " + part.name + step);
  }
}

void Training::refuse(const std::string& what) const {
  std::vector<NotFinite::Kept> kept;
  if (!options_.checkpoint.empty()) kept = {{options_.checkpoint, noted_step_}};
  throw NotFinite({"", what, advice(), kept});
}

std::string Training::advice() const {
  if (is_second_order(options_.optimiser)) return "start again with another --seed or --optimizer";
  return "start again with a smaller --lr or " +
         std::string(options_.clip > 0.0 ? "a smaller --clip" : "with --clip");
}

namespace {

std::string text_of(const NotFinite::Finding& found) {
  std::string text = "[train] " + found.whose + (found.whose.empty() ? "" : ": ") + found.what +
                     "; " + found.advice;
  if (found.kept.empty()) return text;
  std::vector<std::string> files;
  for (const auto& [file, step] : found.kept) {
    files.push_back(file + " (of step " + std::to_string(step) + ")");
  }
  const bool one = files.size() == 1;
  return text + "; the last good numbers are in " + base::join(files) + ": remove " +
         (one ? "it" : "them") + " first";
}

}  // namespace

NotFinite::NotFinite(Finding found) : UserError(text_of(found)), finding(std::move(found)) {}

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
  const auto& staying = device_optimiser_names();
  if (stays_on_device(options.objective.device) &&
      std::find(staying.begin(), staying.end(), options.optimiser) == staying.end()) {
    throw UserError("[train] " + options.optimiser +
                    " looks at the loss more than once a step, which does not run on a GPU; give "
                    "one of " +
                    base::join(staying) + ", or --device cpu");
  }
  if (options.batch < 1) throw UserError("[train] --batch must be 1 or more");
  if (options.valid_every < 1) throw UserError("[train] --valid-every must be 1 or more");
  if (options.objective.threads < 1) throw UserError("[train] --threads must be 1 or more");
  if (!(options.keep_seconds >= 0.0)) {
    throw UserError("[train] --checkpoint-every must be 0 or more seconds");
  }
  if (!(options.clip >= 0.0) || options.patience < 0 || !(options.goal >= 0.0)) {
    throw UserError("[train] --clip, --patience and --goal must be 0 or more");
  }
}

Trained train(const Task& task, const TrainOptions& options, bool resume, const TrainWatch& watch) {
  Training training(task, options);
  if (resume) {
    training.resume();
  } else {
    training.begin();
  }
  if (watch.begun) watch.begun(training.steps());
  while (training.ended().empty()) training.turn(watch);
  return training.result();
}

}  // namespace papilio::train
