// scipy.signal.find_peaks, O(n) and O(n^2) loops as its documentation words them.
#include "reference/find_peaks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace papilio::reference {
namespace {

double at(std::span<const double> x, std::int64_t i) { return x[static_cast<std::size_t>(i)]; }

/// Drops every peak nearer than `distance` to a higher one that stays itself.
std::vector<Peak> keep_distance(std::span<const double> x, const std::vector<Peak>& peaks,
                                std::int64_t distance) {
  std::vector<std::size_t> order(peaks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return at(x, peaks[a].position) < at(x, peaks[b].position);
  });
  std::vector<bool> keep(peaks.size(), true);
  for (std::size_t i = order.size(); i-- > 0;) {
    const std::size_t high = order[i];
    if (!keep[high]) continue;
    for (std::size_t other = 0; other < peaks.size(); ++other) {
      const bool near = std::abs(peaks[other].position - peaks[high].position) < distance;
      if (other != high && near) keep[other] = false;
    }
  }
  std::vector<Peak> kept;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    if (keep[i]) kept.push_back(peaks[i]);
  }
  return kept;
}

}  // namespace

std::vector<Peak> local_maxima(std::span<const double> x) {
  std::vector<Peak> peaks;
  const auto n = static_cast<std::int64_t>(x.size());
  for (std::int64_t left = 1; left + 1 < n; ++left) {
    if (!(at(x, left - 1) < at(x, left))) continue;
    std::int64_t right = left;
    while (right + 1 < n && at(x, right + 1) == at(x, left)) ++right;
    if (right + 1 < n && at(x, right + 1) < at(x, left)) {
      peaks.push_back({(left + right) / 2, right > left});
    }
  }
  return peaks;
}

double prominence_of(std::span<const double> x, std::int64_t position) {
  const double top = at(x, position);
  double left = top;
  for (std::int64_t i = position; i >= 0 && at(x, i) <= top; --i) left = std::min(left, at(x, i));
  double right = top;
  const auto n = static_cast<std::int64_t>(x.size());
  for (std::int64_t i = position; i < n && at(x, i) <= top; ++i) right = std::min(right, at(x, i));
  return top - std::max(left, right);
}

std::vector<Peak> find_peaks(std::span<const double> x, const PeakConditions& conditions,
                             const std::function<bool(std::int64_t)>& candidate) {
  std::vector<Peak> peaks = local_maxima(x);
  const auto keep_if = [&peaks](const auto& condition) {
    std::erase_if(peaks, [&](const Peak& peak) { return !condition(peak.position); });
  };
  keep_if(candidate);
  if (!std::isnan(conditions.height)) {
    keep_if([&](std::int64_t i) { return at(x, i) >= conditions.height; });
  }
  if (!std::isnan(conditions.threshold)) {
    keep_if([&](std::int64_t i) {
      return at(x, i) - std::max(at(x, i - 1), at(x, i + 1)) >= conditions.threshold;
    });
  }
  if (conditions.distance > 1) peaks = keep_distance(x, peaks, conditions.distance);
  if (!std::isnan(conditions.prominence)) {
    keep_if([&](std::int64_t i) { return prominence_of(x, i) >= conditions.prominence; });
  }
  return peaks;
}

}  // namespace papilio::reference
