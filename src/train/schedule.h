/// How the rate of an optimiser changes from step to step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace papilio::train {

struct Schedule {
  std::string kind = "cosine";  ///< one of schedule_names()
  double rate = 0.03;           ///< the highest
  std::int64_t steps = 20000;   ///< of the whole training
  std::int64_t warm_up = 0;     ///< steps of a linear rise at the start
  double last = 1e-3;           ///< cosine: the rate of the last step, as a part of the highest
};

/// The rate of step `step` (from 0). constant; or cosine (Loshchilov and Hutter 2017).
double rate_at(const Schedule& schedule, std::int64_t step);

/// The n whose rate scaling leaves as it is.
inline constexpr std::int64_t kRateReference = 64;

/// none, sqrt, linear.
const std::vector<std::string>& rate_scalings();

/// The rate for networks of n points: rate (64/n)^p with p = 0, 1/2 or 1 for none, sqrt and linear.
/// Throws UserError for another name.
double scaled_rate(double rate, const std::string& scaling, std::int64_t n);

/// constant, cosine.
const std::vector<std::string>& schedule_names();

/// Throws UserError for an unknown kind, rates that are not positive and a warm-up longer than the
/// training.
void validate(const Schedule& schedule);

}  // namespace papilio::train
