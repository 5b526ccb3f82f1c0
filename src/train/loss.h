/// What training lowers: a weighted sum of relative squared errors.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "train/batch.h"

namespace papilio::train {

struct Task;

/// The weights of the terms, 0 or more, one of them above 0.
struct Loss {
  double spectrum = 1.0;        ///< of mean |model(x) - t|^2 over the mean power of targets t
  double reconstruction = 0.0;  ///< of mean |decoder(encoder(x)) - x|^2 over that of inputs x
};

/// "spectrum", "reconstruction", "spectrum:1,reconstruction:0.5". Throws UserError for anything
/// else.
Loss parse_loss(std::string_view text);

/// Relative errors on one stack of rows; NaN: not measured.
struct Terms {
  double spectrum = std::numeric_limits<double>::quiet_NaN();
  double reconstruction = std::numeric_limits<double>::quiet_NaN();
};

/// Root of the weighted mean of their squares: the relative error, where one term counts alone.
double weighted(const Loss& loss, const Terms& terms);

/// What the terms are divided by.
struct Power {
  double input = 1.0;
  double target = 1.0;
};

/// Of white noise, whose power is 1, the target's mean power is that of fixed random rows: errors
/// of all seeds have one denominator. Else both are those of the held-out rows. Throws UserError
/// for targets that are all zero.
Power power_of(const Task& task, const Batch& held_out);

}  // namespace papilio::train
