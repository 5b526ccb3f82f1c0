// Figures of stages.
#include "train/model_stats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "transform/blocks.h"
#include "transform/inits.h"
#include "transform/svd.h"

namespace papilio::train {
namespace {

using transform::Complex;
using transform::Network;

/// Whether the numbers of both stand in the same places. A tied network holds them written out, and
/// stockham is dit sorted on the way.
bool same_places(const Network& a, const Network& b) {
  const auto transposed = [](const Network& network) {
    return network.spec.order == transform::Order::dif;
  };
  return a.spec.layout == b.spec.layout && a.spec.form == b.spec.form &&
         a.spec.field == b.spec.field && a.spec.direction == b.spec.direction &&
         transposed(a) == transposed(b) && a.permutation == b.permutation;
}

double rms_difference(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::norm(a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

void add_condition(const Network& network, StageStats& stats) {
  const transform::StageBlocks blocks(network, stats.stage);
  transform::Matrix matrix(stats.radix, stats.radix);
  for (std::int64_t b = 0; b < stats.blocks; ++b) {
    blocks.fill(b, matrix);
    const double condition = transform::svd(matrix).condition();
    if (condition <= stats.condition) continue;
    stats.condition = condition;
    stats.worst_block = b;
  }
}

StageStats stats_of(const Network& network, int s, const Network* exact) {
  const auto at = static_cast<std::size_t>(s);
  const transform::Stage& stage = network.stages[at];
  const transform::StageShape shape = network.spec.layout.stage(s);
  std::vector<double> moduli;
  std::vector<double> phases;
  for (const Complex w : stage.parameters) {
    moduli.push_back(std::abs(w));
    phases.push_back(std::arg(w));
  }
  StageStats stats;
  stats.stage = s;
  stats.radix = static_cast<int>(shape.radix);
  stats.blocks = shape.blocks();
  stats.modulus = spread_of(moduli);
  stats.phase = spread_of(phases);
  if (!stage.gates.empty()) stats.gate = spread_of(stage.gates);
  if (exact != nullptr)
    stats.drift = rms_difference(stage.parameters, exact->stages[at].parameters);
  add_condition(network, stats);
  return stats;
}

std::vector<StageStats> all_stats(const Network& network, const Network* exact) {
  validate(network);
  std::vector<StageStats> list;
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    list.push_back(stats_of(network, s, exact));
  }
  return list;
}

}  // namespace

std::vector<StageStats> stage_stats(const Network& network) {
  const bool real = network.spec.field == transform::Field::real;  // no exact DFT is
  return real ? all_stats(network, nullptr) : stage_stats(network, exact_dft(network.spec));
}

std::vector<StageStats> stage_stats(const Network& network, const Network& exact) {
  return all_stats(network, same_places(network, exact) ? &exact : nullptr);
}

Spread spread_of(const std::vector<double>& values) {
  if (values.empty()) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, nan, nan, nan};
  }
  const auto count = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, mean, *most, std::sqrt(squares / count)};
}

}  // namespace papilio::train
