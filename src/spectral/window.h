/// Windows, named and computed as scipy.signal.get_window does.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "papilio/definition.h"

namespace papilio::spectral {

/// The n weights of `window`. Names are periodic unless they end in `:sym`; povey is symmetric by
/// its definition. Parameters follow a colon: `kaiser:8.6`, `tukey:0.25:sym`. Throws UserError,
/// tagged with `verb`, for an unknown name, a bad parameter or an array of another length.
std::vector<double> make_window(const Window& window, std::int64_t n, std::string_view verb);

/// The same checks without computing anything.
void check_window(const Window& window, std::int64_t n, std::string_view verb);

/// Names that make_window knows, without parameters.
const std::vector<std::string>& window_names();

/// What scalings divide by.
struct WindowSums {
  double sum = 0.0;
  double sum_of_squares = 0.0;
};

WindowSums sums_of(std::span<const double> window);

}  // namespace papilio::spectral
