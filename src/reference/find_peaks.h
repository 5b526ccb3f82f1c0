/// Local maxima of one row as scipy.signal.find_peaks sees them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace papilio::reference {

struct Peak {
  std::int64_t position = 0;  ///< of a plateau: its middle, floored
  bool plateau = false;       ///< more than one sample wide
};

/// Conditions in scipy's meaning; NaN: not asked for.
struct PeakConditions {
  double height = 0.0;
  double threshold = 0.0;
  std::int64_t distance = 1;
  double prominence = 0.0;
};

/// Strict local maxima by position; neither end of `x` is one.
std::vector<Peak> local_maxima(std::span<const double> x);

/// Height above the higher of the two lowest points between the peak and higher ground (or the
/// end).
double prominence_of(std::span<const double> x, std::int64_t position);

/// The local maxima that `candidate` accepts and that meet, in this order, height, threshold,
/// distance (the highest keep their place; of equal ones the later) and prominence over the whole
/// row.
std::vector<Peak> find_peaks(std::span<const double> x, const PeakConditions& conditions,
                             const std::function<bool(std::int64_t)>& candidate);

}  // namespace papilio::reference
