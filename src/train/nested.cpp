#include "train/nested.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "train/model_error.h"
#include "train/model_file.h"

namespace papilio::train {
namespace {

/// How many of the first radices make n' points; 0: none.
int stages_of(const transform::Layout& layout, std::int64_t points) {
  std::int64_t product = 1;
  for (int s = 0; s < layout.stages(); ++s) {
    product *= layout.radices[static_cast<std::size_t>(s)];
    if (product == points) return s + 1;
  }
  return 0;
}

/// The order of what the group reads, as if there were nothing else.
std::vector<std::int32_t> ranks(std::span<const std::int32_t> sources) {
  std::vector<std::int32_t> sorted(sources.begin(), sources.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int32_t> ranks;
  for (const std::int32_t source : sources) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), source);
    ranks.push_back(static_cast<std::int32_t>(at - sorted.begin()));
  }
  return ranks;
}

}  // namespace

transform::Network nested_network(const transform::Network& network, std::int64_t points,
                                  std::int64_t group) {
  const int stages = stages_of(network.spec.layout, points);
  transform::Network inner;
  inner.spec = network.spec;
  inner.spec.layout.n = points;
  inner.spec.layout.radices.resize(static_cast<std::size_t>(stages));
  inner.scale = network.scale * exact_scale(inner.spec) / exact_scale(network.spec);
  const std::span<const std::int32_t> all(network.permutation);
  inner.permutation = ranks(
      all.subspan(static_cast<std::size_t>(group * points), static_cast<std::size_t>(points)));
  for (int s = 0; s < stages; ++s) {
    const transform::Stage& stage = network.stages[static_cast<std::size_t>(s)];
    const std::int64_t groups = network.spec.layout.n / points;
    const auto part = [&](const auto& values) {
      const std::int64_t each = std::ssize(values) / groups;
      const auto from = values.begin() + group * each;
      return std::decay_t<decltype(values)>(from, from + each);
    };
    inner.stages.push_back({part(stage.parameters), part(stage.gates)});
  }
  return inner;
}

std::optional<double> nested_error(const transform::Network& network, std::int64_t points,
                                   const std::string& target) {
  const std::int64_t n = network.spec.layout.n;
  if (network.spec.input == transform::Input::real) {
    // Its complex network holds no shorter transform of real signals.
    if (points != network.spec.n()) return std::nullopt;
    const ModelFile whole = model_of(network);
    return matrix_error(whole, exact_model(whole, target)).relative;
  }
  if (stages_of(network.spec.layout, points) == 0) return std::nullopt;
  double sum = 0.0;
  ModelFile exact;
  for (std::int64_t group = 0; group < n / points; ++group) {
    const ModelFile inner = model_of(nested_network(network, points, group));
    if (group == 0) exact = exact_model(inner, target);
    const double error = matrix_error(inner, exact).relative;
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(n / points));
}

}  // namespace papilio::train
