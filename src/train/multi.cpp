// Who takes the next turn.
#include "train/multi.h"

#include <algorithm>
#include <filesystem>

#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"

namespace papilio::train {
namespace {

// "turn": apart from the streams of rows, whose highest byte is 1 to 3.
constexpr std::uint64_t kTurnStream = 0x7475'726e'0000'0000U;

class Turns {
 public:
  Turns(const std::vector<MultiPart>& parts, const std::string& schedule)
      : schedule_(schedule), shared_(schedule == "random" || schedule == "balanced") {
    for (const MultiPart& part : parts) {
      TrainOptions options = part.options;
      if (shared_) options.keep_seconds = 0.0;
      trainings_.push_back(std::make_unique<Training>(part.task, std::move(options)));
      budget_ += part.options.schedule.steps;
    }
  }

  void start(bool resume, const MultiWatch& watch) {
    const auto kept = [](const auto& training) {
      return std::filesystem::exists(training->options().checkpoint);
    };
    if (resume && std::none_of(trainings_.begin(), trainings_.end(), kept)) {
      throw UserError("[train] there is no " + trainings_.front()->options().checkpoint +
                      " to go on from; leave out --resume");
    }
    for (std::size_t i = 0; i < trainings_.size(); ++i) {
      if (resume && kept(trainings_[i])) {
        trainings_[i]->resume();
      } else {
        trainings_[i]->begin();
      }
      if (watch.begun) watch.begun(i, trainings_[i]->steps());
    }
  }

  void run(const MultiWatch& watch) {
    try {
      while (!stopped_) {
        const std::vector<std::size_t> open = still_open();
        if (open.empty()) break;
        turn(next(open), watch);
      }
    } catch (...) {
      keep_all();
      throw;
    }
    keep_all();
  }

  std::vector<Trained> results() const {
    std::vector<Trained> all;
    for (const auto& training : trainings_) {
      all.push_back(training->result());
      if (all.back().ended.empty()) all.back().ended = "steps";  // of all, where they are shared
    }
    return all;
  }

 private:
  void keep_all() {
    for (const auto& training : trainings_) training->keep();
  }

  std::int64_t spent() const {
    std::int64_t sum = 0;
    for (const auto& training : trainings_) sum += training->steps();
    return sum;
  }

  /// Those that may take a turn.
  std::vector<std::size_t> still_open() const {
    std::vector<std::size_t> open;
    if (shared_ && spent() >= budget_) return open;
    for (std::size_t i = 0; i < trainings_.size(); ++i) {
      const std::string ended = trainings_[i]->ended();
      if (ended.empty() || (shared_ && ended == "steps")) open.push_back(i);
    }
    return open;
  }

  std::size_t next(const std::vector<std::size_t>& open) const {
    if (schedule_ == "single") return open.front();
    if (schedule_ == "random") {
      std::int64_t turns = 0;
      for (const auto& training : trainings_) {
        const std::int64_t every = training->options().valid_every;
        turns += (training->steps() + every - 1) / every;
      }
      base::Rng rng(trainings_.front()->options().seed,
                    kTurnStream + static_cast<std::uint64_t>(turns));
      return open[rng.below(open.size())];
    }
    const auto excess = [&](std::size_t i) {
      return trainings_[i]->best_error() / std::max(trainings_[i]->options().goal, 1e-300);
    };
    return *std::min_element(open.begin(), open.end(), [&](std::size_t a, std::size_t b) {
      if (schedule_ == "balanced") return excess(a) > excess(b);
      return trainings_[a]->steps() < trainings_[b]->steps();
    });
  }

  void turn(std::size_t part, const MultiWatch& watch) {
    TrainWatch own;
    own.row = [&](const TrainRow& row) {
      if (watch.row && !watch.row(part, row)) stopped_ = true;
      return !stopped_;
    };
    if (watch.step) {
      own.step = [&](std::int64_t step, double loss) { watch.step(part, step, loss); };
    }
    if (!shared_) return trainings_[part]->turn(own);
    const std::int64_t before = spent();
    trainings_[part]->turn(budget_ - before, {before, std::ssize(trainings_)}, own);
  }

  std::string schedule_;
  bool shared_;
  std::vector<std::unique_ptr<Training>> trainings_;
  std::int64_t budget_ = 0;
  bool stopped_ = false;
};

}  // namespace

const std::vector<std::string>& multi_schedules() {
  static const std::vector<std::string> names{"single", "round-robin", "random", "balanced"};
  return names;
}

std::vector<Trained> train_multi(const std::vector<MultiPart>& parts, const std::string& schedule,
                                 bool resume, const MultiWatch& watch) {
  const auto& names = multi_schedules();
  if (std::find(names.begin(), names.end(), schedule) == names.end()) {
    throw UserError("[train] --multi-schedule " + schedule + " is unknown" +
                    base::did_you_mean(schedule, names) + "; give one of " + base::join(names));
  }
  Turns turns(parts, schedule);
  turns.start(resume, watch);
  turns.run(watch);
  return turns.results();
}

}  // namespace papilio::train
