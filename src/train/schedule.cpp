#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::train {

const std::vector<std::string>& schedule_names() {
  static const std::vector<std::string> names{"constant", "cosine"};
  return names;
}

const std::vector<std::string>& rate_scalings() {
  static const std::vector<std::string> names{"none", "sqrt", "linear"};
  return names;
}

double scaled_rate(double rate, const std::string& scaling, std::int64_t n) {
  const auto& names = rate_scalings();
  const auto name = std::find(names.begin(), names.end(), scaling);
  if (name == names.end()) {
    throw UserError("[train] no rate scaling is called " + scaling +
                    base::did_you_mean(scaling, names) + "; choose one of " + base::join(names));
  }
  const double power = 0.5 * static_cast<double>(name - names.begin());
  return rate * std::pow(static_cast<double>(kRateReference) / static_cast<double>(n), power);
}

void validate(const Schedule& schedule) {
  const auto& names = schedule_names();
  if (std::find(names.begin(), names.end(), schedule.kind) == names.end()) {
    throw UserError("[train] no schedule is called " + schedule.kind +
                    base::did_you_mean(schedule.kind, names) + "; choose one of " +
                    base::join(names));
  }
  if (!(schedule.rate > 0.0) || !std::isfinite(schedule.rate)) {
    throw UserError("[train] a learning rate must be above 0; give --lr");
  }
  if (schedule.steps < 0) throw UserError("[train] --steps must be 0 or more");
  if (schedule.warm_up < 0 || schedule.warm_up > schedule.steps) {
    throw UserError("[train] a warm-up of " + std::to_string(schedule.warm_up) +
                    " steps does not fit " + std::to_string(schedule.steps) + " steps");
  }
}

double rate_at(const Schedule& schedule, std::int64_t step) {
  if (step < schedule.warm_up) {
    return schedule.rate * static_cast<double>(step + 1) / static_cast<double>(schedule.warm_up);
  }
  if (schedule.kind == "constant") return schedule.rate;
  const auto left =
      static_cast<double>(std::max<std::int64_t>(1, schedule.steps - 1 - schedule.warm_up));
  const double part = std::min(1.0, static_cast<double>(step - schedule.warm_up) / left);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * part));
  return schedule.rate * (schedule.last + (1.0 - schedule.last) * cosine);
}

}  // namespace papilio::train
