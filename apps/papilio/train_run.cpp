// The log and the bar of a training.
#include "train_run.h"

#include <cmath>
#include <cstdio>
#include <iterator>

#include "train/phases.h"

namespace papilio::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kRedrawSeconds = 0.1;
constexpr std::size_t kPhaseCount = std::size(train::kPhases);

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

base::Json row_json(const train::TrainRow& row) {
  base::Json json{{"step", row.step},
                  {"loss", row.loss},
                  {"valid_error", base::number_or_null(row.valid_error)},
                  {"gradient_norm", row.gradient_norm},
                  {"rate", row.rate},
                  {"seconds", row.seconds}};
  if (std::isnan(row.terms.reconstruction)) return json;
  json["spectrum_error"] = base::number_or_null(row.terms.spectrum);
  json["reconstruction_error"] = base::number_or_null(row.terms.reconstruction);
  return json;
}

/// "0:07", "12:30", "3:02:11".
std::string clock_text(double seconds) {
  const auto all = static_cast<long long>(std::ceil(seconds));
  char text[48];
  if (all >= 3600) {
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
  } else {
    std::snprintf(text, sizeof(text), "%lld:%02lld", all / 60, all % 60);
  }
  return text;
}

}  // namespace

TrainLog::TrainLog(const TrainCommand& command)
    : several_(command.kind == "multi"),
      bar_("training",
           command.options.schedule.steps * static_cast<std::int64_t>(command.sizes.size()),
           command.quiet),
      total_(command.options.schedule.steps * static_cast<std::int64_t>(command.sizes.size())),
      start_(Clock::now()),
      shown_(start_) {
  if (!command.log.empty()) file_.emplace(command.log);
}

void TrainLog::phase(const std::string& name, std::size_t index) {
  phase_ = name;
  error_.clear();
  before_ = static_cast<std::int64_t>(index) * (total_ / static_cast<std::int64_t>(kPhaseCount));
  steps_.clear();
}

std::int64_t TrainLog::done() const {
  std::int64_t sum = before_;
  for (const auto& [n, steps] : steps_) sum += steps;
  return sum;
}

std::string TrainLog::time_left() const {
  const double each = seconds_between(start_, Clock::now()) / static_cast<double>(taken_);
  return clock_text(each * static_cast<double>(std::max<std::int64_t>(0, total_ - done())));
}

void TrainLog::step(std::int64_t n, std::int64_t step, double loss) {
  ++taken_;
  steps_[n] = step;
  if (!bar_.shown() || seconds_between(shown_, Clock::now()) < kRedrawSeconds) return;
  shown_ = Clock::now();
  std::string what = phase_.empty() ? "training" : phase_;
  if (several_) what += " " + std::to_string(n);
  char text[128];
  std::snprintf(text, sizeof(text), "%s: loss %.1e%s, %s left", what.c_str(), loss, error_.c_str(),
                time_left().c_str());
  bar_.label(text);
  bar_.at(done());
}

void TrainLog::row(std::int64_t n, const train::TrainRow& row) {
  char text[32];
  std::snprintf(text, sizeof(text), ", error %.1e", row.valid_error);
  error_ = text;
  if (!file_) return;
  base::Json json = base::Json::object();
  if (several_) json["n"] = n;
  if (!phase_.empty()) json["phase"] = phase_;
  json.update(row_json(row));
  file_->write(base::dump(json) + "\n");
}

void TrainLog::finish() {
  if (file_) file_->commit();
}

}  // namespace papilio::app
