// Each phase is a training; the next one starts from its best numbers.
#include "train/phases.h"

#include "papilio/error.h"
#include "train/checkpoint.h"

namespace papilio::train {
namespace {

constexpr std::size_t kCount = std::size(kPhases);
constexpr double kJointRate = 0.1;

std::vector<double> numbers_of(const Task& task) {
  std::vector<double> numbers = flatten(transform::get_parameters(task.model));
  const auto more = flatten(transform::get_parameters(*task.decoder));
  numbers.insert(numbers.end(), more.begin(), more.end());
  return numbers;
}

void set_numbers(Task& task, const std::vector<double>& numbers) {
  const auto encoder = transform::get_parameters(task.model);
  const auto decoder = transform::get_parameters(*task.decoder);
  const std::size_t first = flatten(encoder).size();
  if (numbers.size() != first + flatten(decoder).size()) {
    throw UserError("[train] the checkpoint is of another model; give the same one to --resume");
  }
  const std::span<const double> all(numbers);
  transform::set_parameters(task.model, unflatten(encoder, all.first(first)));
  transform::set_parameters(*task.decoder, unflatten(decoder, all.subspan(first)));
}

Task task_of(Task task, std::size_t phase) {
  if (phase == 0) {
    task.trains = Trains::encoder;
    task.loss = {1.0, 0.0};
  } else if (phase == 1) {
    task.trains = Trains::decoder;
    task.loss = {0.0, 1.0};
  }
  return task;
}

TrainOptions options_of(TrainOptions options, std::size_t phase) {
  const std::int64_t third = options.schedule.steps / static_cast<std::int64_t>(kCount);
  const bool joint = phase + 1 == kCount;
  options.schedule.steps = joint ? options.schedule.steps - 2 * third : third;
  if (joint) options.schedule.rate *= kJointRate;
  return options;
}

void run(Training& training, std::size_t phase, const TrainWatch& watch) {
  try {
    while (training.ended().empty()) training.turn(watch);
  } catch (const NotFinite& bad) {
    NotFinite::Finding found = bad.finding;
    found.whose = std::string("phase ") + kPhases[phase];
    throw NotFinite(std::move(found));
  }
}

}  // namespace

PhasedTrained train_phased(const Task& task, const TrainOptions& options, bool resume,
                           const TrainWatch& watch, const PhaseWatch& phase_watch) {
  Task now = task;
  Carried carried;
  if (resume) {
    carried = load_checkpoint(options.checkpoint).carried;
    if (carried.done.size() >= kCount) {
      throw UserError("[train] " + options.checkpoint +
                      " says that all phases are over; leave out --resume");
    }
    if (!carried.start.empty()) set_numbers(now, carried.start);
  }
  PhasedTrained all;
  for (std::size_t phase = carried.done.size(); phase < kCount; ++phase) {
    if (phase_watch) phase_watch(phase);
    carried.start = numbers_of(now);
    Training training(task_of(now, phase), options_of(options, phase), carried);
    if (resume) {
      training.resume();
      resume = false;
    } else {
      training.begin();
    }
    if (watch.begun) watch.begun(training.steps());
    run(training, phase, watch);
    all.last = training.result();
    carried.done.push_back({kPhases[phase], all.last});
    now.model = all.last.model;
    now.decoder = all.last.decoder;
    if (all.last.ended == "stopped") break;
  }
  all.phases = carried.done;
  return all;
}

}  // namespace papilio::train
