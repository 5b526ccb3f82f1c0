// The dynamic range clamp, and what it is around given values: linear, forwards and backwards.
#include <cmath>
#include <span>

#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// One group of elements that share a maximum.
struct Group {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  double threshold = 0.0;  ///< NaN: the group holds a NaN
  std::int64_t top = -1;   ///< where the maximum lies, the first of equal ones; -1: it is given
};

/// The maximum is taken over a row (all its frames and bands), over each item, or is given.
std::vector<Group> groups_of(const Tensor& x, const ir::ClampRangeAttrs& a) {
  if (a.over == ir::RangeMax::fixed) return {{0, x.count(), a.maximum - a.range, -1}};
  const bool clip = a.over == ir::RangeMax::clip && x.shape.size() > 1;
  const std::int64_t size = clip ? x.count() / std::max<std::int64_t>(1, x.shape[0]) : x.last();
  std::vector<Group> groups;
  for (std::int64_t begin = 0; begin < x.count(); begin += size) {
    const auto part =
        std::span(x.re).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
    std::size_t top = 0;
    bool has_nan = false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] > part[top]) top = i;
      has_nan = has_nan || std::isnan(part[i]);
    }
    const double threshold = has_nan ? std::nan("") : part[top] - a.range;
    groups.push_back({begin, begin + size, threshold, begin + static_cast<std::int64_t>(top)});
  }
  return groups;
}

/// Calls f(element, where its value comes from, threshold): from itself above the threshold, from
/// the maximum below (-1 where that is given). In a group with a NaN the threshold is one.
template <typename F>
void for_choices(const Tensor& x, const ir::ClampRangeAttrs& a, F f) {
  for (const Group& group : groups_of(x, a)) {
    for (std::int64_t i = group.begin; i < group.end; ++i) {
      const double value = x.re[static_cast<std::size_t>(i)];
      const double threshold = std::isnan(value) ? value : group.threshold;
      f(i, value > threshold ? i : group.top, threshold);
    }
  }
}

}  // namespace

Tensor run_ClampRange(const ir::Node& node, Inputs in) {
  Tensor out = *in[0];
  const auto keep_above = [&](std::int64_t i, std::int64_t from, double threshold) {
    if (from != i || std::isnan(threshold)) out.re[static_cast<std::size_t>(i)] = threshold;
  };
  for_choices(*in[0], node.as<ir::ClampRangeAttrs>(), keep_above);
  return out;
}

/// How the clamp of x answers to a change v of x: v where x is kept, v at the maximum where x is
/// raised (0 where the maximum is given).
Tensor run_ClampRangeAs(const ir::Node& node, Inputs in) {
  Tensor out = zeros(in[0]->shape, false);
  for_choices(*in[1], node.as<ir::ClampRangeAttrs>(),
              [&](std::int64_t i, std::int64_t from, double threshold) {
                const double v = from < 0 ? 0.0 : in[0]->re[static_cast<std::size_t>(from)];
                out.re[static_cast<std::size_t>(i)] = std::isnan(threshold) ? threshold : v;
              });
  return out;
}

/// The adjoint: each element of g goes to where the clamp of x took its value from.
Tensor run_UnclampRange(const ir::Node& node, Inputs in) {
  Tensor out = zeros(in[0]->shape, false);
  for_choices(*in[1], node.as<ir::ClampRangeAttrs>(),
              [&](std::int64_t i, std::int64_t from, double threshold) {
                const double g = in[0]->re[static_cast<std::size_t>(i)];
                if (std::isnan(threshold)) out.re[static_cast<std::size_t>(i)] = threshold;
                if (from >= 0) out.re[static_cast<std::size_t>(from)] += g;
              });
  return out;
}

}  // namespace papilio::reference
