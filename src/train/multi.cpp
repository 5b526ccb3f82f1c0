// Who takes the next turn.
#include "train/multi.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"
#include "train/checkpoint.h"

namespace papilio::train {
namespace {

// "turn": apart from the streams of rows, whose highest byte is 1 to 3.
constexpr std::uint64_t kTurnStream = 0x7475'726e'0000'0000U;

/// The checkpoint of trainings that share their steps: who is next depends on all of them, so that
/// their states are one file.
class CommonCheckpoint {
 public:
  CommonCheckpoint(const std::vector<MultiPart>& parts, const MultiOptions& options)
      : path_(options.checkpoint), every_(parts.front().options.keep_seconds), kept_(Clock::now()) {
    noted_.schedule = options.schedule;
    for (const MultiPart& part : parts) noted_.sizes.push_back(part.task.model.n);
    noted_.parts.resize(parts.size());
    if (!path_.empty()) base::remove_stale_files(path_);
  }

  /// Throws UserError for one of other lengths, or of another schedule.
  std::vector<Checkpoint> load() const {
    SharedCheckpoint saved = load_shared(path_);
    if (saved.sizes != noted_.sizes || saved.schedule != noted_.schedule) {
      std::vector<std::string> sizes;
      for (const std::int64_t n : saved.sizes) sizes.push_back(std::to_string(n));
      throw UserError("[train] " + path_ + " is that of --n-fft " + base::join(sizes, ",") +
                      " in this order and --multi-schedule " + saved.schedule +
                      "; give the same to --resume");
    }
    return std::move(saved.parts);
  }
  const std::string& path() const { return path_; }

  /// Takes note of a part's state.
  void note(std::size_t part, const Training& training) {
    if (path_.empty()) return;
    noted_.parts[part] = training.state();
    written_ = false;
  }
  /// Writes what was noted, unless that is done.
  void keep() {
    if (written_) return;
    written_ = true;  // tried once, if it fails
    save_shared(path_, noted_);
    kept_ = Clock::now();
  }
  void keep_if_due() {
    const std::chrono::duration<double> passed = Clock::now() - kept_;
    if (passed.count() >= every_) keep();
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string path_;  // "": none
  double every_;
  Clock::time_point kept_;
  SharedCheckpoint noted_;
  bool written_ = true;
};

class Turns {
 public:
  Turns(const std::vector<MultiPart>& parts, const MultiOptions& options)
      : schedule_(options.schedule), shared_(shares_steps(options.schedule)) {
    if (shared_) common_.emplace(parts, options);
    for (const MultiPart& part : parts) {
      TrainOptions own = part.options;
      if (shared_) own.checkpoint.clear();
      trainings_.push_back(std::make_unique<Training>(part.task, std::move(own)));
      sizes_.push_back(part.task.model.n);
      budget_ += part.options.schedule.steps;
    }
  }

  void start(bool resume, const MultiWatch& watch) {
    if (shared_) {
      start_together(resume);
    } else {
      start_each(resume);
    }
    if (!watch.begun) return;
    for (std::size_t i = 0; i < trainings_.size(); ++i) watch.begun(i, trainings_[i]->steps());
  }

  void run(const MultiWatch& watch) {
    try {
      while (!stopped_) {
        const std::vector<std::size_t> open = still_open();
        if (open.empty()) break;
        turn(next(open), watch);
      }
    } catch (const NotFinite& bad) {
      keep_all();
      NotFinite::Finding found = bad.finding;
      found.whose = "n " + std::to_string(sizes_[taking_]);
      found.kept = kept_files();
      throw NotFinite(std::move(found));
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
  void start_each(bool resume) {
    const auto kept = [](const auto& training) {
      return std::filesystem::exists(training->options().checkpoint);
    };
    if (resume && std::none_of(trainings_.begin(), trainings_.end(), kept)) {
      throw UserError("[train] there is no " + trainings_.front()->options().checkpoint +
                      " to go on from; leave out --resume");
    }
    for (const auto& training : trainings_) {
      if (resume && kept(training)) {
        training->resume();
      } else {
        training->begin();
      }
    }
  }

  void start_together(bool resume) {
    std::vector<Checkpoint> saved;
    if (resume) saved = common_->load();
    for (std::size_t i = 0; i < trainings_.size(); ++i) {
      if (resume) {
        trainings_[i]->resume(saved[i], common_->path());
      } else {
        trainings_[i]->begin();
      }
      common_->note(i, *trainings_[i]);
    }
    if (spent() > budget_) {
      throw UserError("[train] " + common_->path() + " is of " + std::to_string(spent()) +
                      " steps, and its trainings share " + std::to_string(budget_) +
                      "; it was changed after it was written");
    }
    common_->keep();  // whoever is interrupted before the first validation starts from here
  }

  void keep_all() {
    for (const auto& training : trainings_) training->keep();
    if (shared_) common_->keep();
  }

  /// All checkpoints there are: whoever starts again has to remove each.
  std::vector<NotFinite::Kept> kept_files() const {
    std::vector<NotFinite::Kept> files;
    if (shared_) files.push_back({common_->path(), trainings_[taking_]->kept_steps()});
    for (const auto& training : trainings_) {
      files.push_back({training->options().checkpoint, training->kept_steps()});
    }
    std::erase_if(files, [](const auto& kept) { return !std::filesystem::exists(kept.file); });
    return files;
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
      std::int64_t turns = 0;  // whole ones: who was stopped in the middle of one goes on with it
      for (const auto& training : trainings_) {
        turns += training->steps() / training->options().valid_every;
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
    taking_ = part;
    TrainWatch own;
    own.row = [&](const TrainRow& row) {
      if (watch.row && !watch.row(part, row)) stopped_ = true;
      return !stopped_;
    };
    if (watch.step) {
      own.step = [&](std::int64_t step, double loss) { watch.step(part, step, loss); };
    }
    own.stop = watch.stop;
    if (shared_) {
      const std::int64_t before = spent();
      trainings_[part]->turn(budget_ - before, {before, std::ssize(trainings_)}, own);
      common_->note(part, *trainings_[part]);
      common_->keep_if_due();
    } else {
      trainings_[part]->turn(own);
    }
    if (trainings_[part]->ended() == "stopped") stopped_ = true;
  }

  std::string schedule_;
  bool shared_;
  std::vector<std::unique_ptr<Training>> trainings_;
  std::vector<std::int64_t> sizes_;
  std::size_t taking_ = 0;                  // whose turn it is
  std::optional<CommonCheckpoint> common_;  // where the steps are shared
  std::int64_t budget_ = 0;
  bool stopped_ = false;
};

}  // namespace

const std::vector<std::string>& multi_schedules() {
  static const std::vector<std::string> names{"single", "round-robin", "random", "balanced"};
  return names;
}

std::vector<Trained> train_multi(const std::vector<MultiPart>& parts, const MultiOptions& options,
                                 const MultiWatch& watch) {
  const auto& names = multi_schedules();
  if (std::find(names.begin(), names.end(), options.schedule) == names.end()) {
    throw UserError("[train] --multi-schedule " + options.schedule + " is unknown" +
                    base::did_you_mean(options.schedule, names) + "; give one of " +
                    base::join(names));
  }
  Turns turns(parts, options);
  turns.start(options.resume, watch);
  turns.run(watch);
  return turns.results();
}

}  // namespace papilio::train
