// Attributes of a top-k node to positions and conditions.
#include "codegen/search.h"

#include <algorithm>
#include <cmath>

#include "codegen/text.h"

namespace papilio::codegen {
namespace {

/// Candidate positions [lo, hi) with fmin <= f <= fmax.
void set_range(const ir::TopAttrs& attrs, const kernels::SpectrumAxis& axis,
               kernels::PeakConditions& conditions) {
  std::int64_t lo = 0;
  std::int64_t hi = axis.bins;
  const auto hz = [&](std::int64_t position) {
    return axis.frequency(static_cast<double>(position));
  };
  if (!std::isnan(attrs.fmin_hz)) {
    while (lo < hi && hz(lo) < attrs.fmin_hz) ++lo;
  }
  if (!std::isnan(attrs.fmax_hz)) {
    while (hi > lo && hz(hi - 1) > attrs.fmax_hz) --hi;
  }
  conditions.lo = lo;
  conditions.hi = hi;
}

}  // namespace

kernels::SpectrumAxis axis_of(const ir::TopAttrs& attrs, std::int64_t bins) {
  kernels::SpectrumAxis axis;
  axis.bins = bins;
  axis.bin_hz = attrs.bin_hz;
  axis.two_sided = !attrs.one_sided;
  axis.doubled = attrs.doubled;
  axis.has_nyquist = attrs.n_fft % 2 == 0;
  return axis;
}

kernels::PeakConditions conditions_of(const ir::TopAttrs& attrs,
                                      const kernels::SpectrumAxis& axis) {
  kernels::PeakConditions conditions;
  set_range(attrs, axis, conditions);
  conditions.distance = attrs.distance;
  if (!std::isnan(attrs.height)) conditions.height = attrs.height;
  if (!std::isnan(attrs.threshold)) conditions.threshold = attrs.threshold;
  if (!std::isnan(attrs.prominence)) conditions.prominence = attrs.prominence;
  return conditions;
}

std::string search_text(const ir::TopAttrs& attrs, std::int64_t bins) {
  const auto axis = axis_of(attrs, bins);
  const auto conditions = conditions_of(attrs, axis);
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  return "{" + number(bins) + ", " + number(conditions.lo) + ", " + number(conditions.hi) + ", " +
         number(std::min<std::int64_t>(conditions.distance, bins)) + ", " + flag(axis.two_sided) +
         ", " + flag(axis.doubled) + ", " + flag(axis.has_nyquist) + ", " +
         flag(conditions.prominence > 0) + ", " + exact(axis.bin_hz) + ", " +
         exact(conditions.height) + ", " + exact(conditions.threshold) + ", " +
         exact(conditions.prominence) + "}";
}

}  // namespace papilio::codegen
