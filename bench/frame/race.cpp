// Checks, warm-up, and rounds in which every contender has its turn.
#include "race.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>

namespace papilio::bench {
namespace {

constexpr std::int64_t kFewestRounds = 7;
constexpr std::int64_t kMostRounds = 101;
constexpr double kWarmUpSeconds = 0.02;

double wall_seconds() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string short_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", value);
  return text;
}

// A contender that passed its check and is on the track.
struct Racer {
  Outcome* outcome = nullptr;
  Runner runner;
  double seconds = 0.0;          ///< of one run, warm
  std::int64_t repetitions = 1;  ///< runs of a round
  std::vector<double> wall;      ///< seconds of a run, one per round
  std::vector<double> cpu;
};

// Plans and checks; nothing to run if that failed.
Runner qualify(Problem& problem, const Contender& contender, Outcome& outcome) {
  try {
    Runner runner = contender.prepare();
    problem.spoil();
    runner.run();
    if (runner.collect) runner.collect();
    outcome.error = problem.error();
    // Written so that NaN fails.
    if (!(outcome.error <= contender.tolerance)) {
      outcome.failure = "wrong: error " + short_text(outcome.error) + " in the worst row, " +
                        short_text(contender.tolerance) + " is allowed";
      return {};
    }
    return runner;
  } catch (const std::exception& error) {
    outcome.failure = error.what();
    return {};
  }
}

double seconds_of(const Runner& runner, std::int64_t runs) {
  if (runner.seconds) return runner.seconds(runs);
  const double begin = wall_seconds();
  for (std::int64_t i = 0; i < runs; ++i) runner.run();
  return wall_seconds() - begin;
}

void warm_up(Racer& racer, double round_seconds) {
  const double begin = wall_seconds();
  double best = HUGE_VAL;
  do {
    best = std::min(best, seconds_of(racer.runner, 1));
  } while (wall_seconds() - begin < kWarmUpSeconds);
  racer.seconds = std::max(best, 1e-9);
  racer.repetitions = static_cast<std::int64_t>(std::ceil(round_seconds / racer.seconds));
  racer.repetitions = std::max<std::int64_t>(racer.repetitions, 1);
}

void take_turn(Racer& racer) {
  const double cpu = cpu_seconds();
  const double seconds = seconds_of(racer.runner, racer.repetitions);
  const auto count = static_cast<double>(racer.repetitions);
  racer.wall.push_back(seconds / count);
  racer.cpu.push_back((cpu_seconds() - cpu) / count);
}

std::int64_t rounds_for(const std::vector<Racer>& racers, const RaceOptions& options) {
  double one_round = 0.0;
  for (const Racer& racer : racers) {
    one_round += racer.seconds * static_cast<double>(racer.repetitions);
  }
  const double budget = options.seconds * static_cast<double>(racers.size());
  const auto rounds = static_cast<std::int64_t>(budget / std::max(one_round, 1e-9));
  return std::clamp(rounds, kFewestRounds, kMostRounds);
}

Timing timing_of(Racer& racer, std::int64_t rows) {
  std::sort(racer.wall.begin(), racer.wall.end());
  std::sort(racer.cpu.begin(), racer.cpu.end());
  const double unit = 1e9 / static_cast<double>(rows);
  return {quantile(racer.wall, 0.5) * unit, quantile(racer.wall, 0.1) * unit,
          quantile(racer.wall, 0.9) * unit, quantile(racer.cpu, 0.5) * unit,
          racer.repetitions * static_cast<std::int64_t>(racer.wall.size())};
}

}  // namespace

std::string Outcome::name() const {
  std::string text = cell.work + "/" + contender + "/n:" + std::to_string(cell.n) +
                     "/batch:" + std::to_string(cell.batch);
  if (cell.segments > 0) text += "/segments:" + std::to_string(cell.segments);
  if (cell.k > 0) text += "/k:" + std::to_string(cell.k);
  return text + variant;
}

Outcome failed_cell(const Cell& cell, const std::string& why) {
  Outcome outcome;
  outcome.cell = cell;
  outcome.contender = "papilio";
  outcome.failure = why;
  return outcome;
}

double quantile(std::span<const double> sorted, double share) {
  if (sorted.empty()) return std::nan("");
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<Outcome> race(Problem& problem, std::span<const Contender> contenders,
                          const RaceOptions& options) {
  std::vector<Outcome> outcomes;
  for (const Contender& contender : contenders) {
    outcomes.push_back({problem.cell(), contender.name, contender.variant, 0.0, "", {}});
  }
  std::vector<Racer> racers;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    Racer racer{&outcomes[i], qualify(problem, contenders[i], outcomes[i]), 0.0, 1, {}, {}};
    if (racer.runner.run) racers.push_back(std::move(racer));
  }
  for (Racer& racer : racers) warm_up(racer, options.round_seconds);
  const std::int64_t rounds = rounds_for(racers, options);
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (Racer& racer : racers) take_turn(racer);
  }
  for (Racer& racer : racers) {
    racer.outcome->timing = timing_of(racer, problem.cell().batch);
  }
  return outcomes;
}

}  // namespace papilio::bench
