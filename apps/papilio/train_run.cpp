// The log and the bar of a training.
#include "train_run.h"

#include <cmath>
#include <cstdio>
#include <iterator>

#include "papilio/error.h"
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

/// What row_json made; nullopt for anything else.
std::optional<LoggedRow> row_of(const base::Json& json) {
  const auto real = [&json](const char* key) {
    return json.contains(key) && json[key].is_number() ? json[key].get<double>() : std::nan("");
  };
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer() ||
      !json.contains("valid_error")) {
    return std::nullopt;
  }
  LoggedRow logged;
  logged.phase = json.value("phase", "");
  logged.row.step = json["step"].get<std::int64_t>();
  logged.row.loss = real("loss");
  logged.row.valid_error = real("valid_error");
  logged.row.terms = {real("spectrum_error"), real("reconstruction_error")};
  logged.row.gradient_norm = real("gradient_norm");
  logged.row.rate = real("rate");
  logged.row.seconds = real("seconds");
  return logged;
}

std::size_t index_of_phase(const std::string& name) {
  const auto* found = std::find(std::begin(train::kPhases), std::end(train::kPhases), name);
  return static_cast<std::size_t>(found - std::begin(train::kPhases));
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
      path_(command.log),
      resumed_(command.resume),
      sizes_(command.sizes.size()),
      bar_("training",
           command.options.schedule.steps * static_cast<std::int64_t>(command.sizes.size()),
           command.quiet),
      total_(command.options.schedule.steps * static_cast<std::int64_t>(command.sizes.size())),
      start_(Clock::now()),
      shown_(start_) {}

void TrainLog::begun(std::int64_t n, std::int64_t step) {
  if (begun_.size() == sizes_) return;  // a later phase
  begun_[n] = step;
  begun_phase_ = phase_;
  if (begun_.size() == sizes_ && !path_.empty()) open();
}

bool TrainLog::is_earlier(const LoggedRow& logged, std::int64_t n) const {
  const auto from = begun_.find(n);
  if (from == begun_.end()) return false;
  if (logged.phase == begun_phase_) return logged.row.step <= from->second;
  return index_of_phase(logged.phase) < index_of_phase(begun_phase_);
}

void TrainLog::open() {
  std::vector<std::string> kept;
  for (const std::string& line : resumed_ ? whole_lines(path_) : std::vector<std::string>{}) {
    const base::Json json = base::parse_json(line, path_);
    const std::optional<LoggedRow> logged = row_of(json);
    if (!logged) {
      throw UserError("[train] " + path_ + " is no log of a training; give another --log");
    }
    const std::int64_t n = several_ ? json.value("n", std::int64_t{0}) : begun_.begin()->first;
    if (!is_earlier(*logged, n)) continue;
    kept.push_back(line);
    earlier_[n].push_back(*logged);
  }
  file_.emplace(path_, kept);
}

void TrainLog::add_earlier(TrainedOne& one) const {
  const auto found = earlier_.find(one.n);
  const auto from = begun_.find(one.n);
  if (found == earlier_.end()) {
    const bool first = begun_phase_.empty() || begun_phase_ == train::kPhases[0];
    const bool whole = from == begun_.end() || (from->second == 0 && first);
    if (whole) return;
    one.curves_from = "step " + std::to_string(from->second);
    if (!begun_phase_.empty()) one.curves_from += " of the phase " + begun_phase_;
    return;
  }
  std::vector<train::TrainRow> rows;
  std::vector<std::string> phases;
  for (const LoggedRow& logged : found->second) {
    rows.push_back(logged.row);
    phases.push_back(logged.phase);
  }
  one.trained.log.insert(one.trained.log.begin(), rows.begin(), rows.end());
  one.phase_of.insert(one.phase_of.begin(), phases.begin(), phases.end());
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
  file_->line(base::dump(json));
}

}  // namespace papilio::app
