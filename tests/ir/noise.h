/// Values for everything that a graph asks its caller for.
#pragma once

#include <random>

#include "ir/graph.h"
#include "reference/interpret.h"

namespace papilio::ir {

/// Gaussian noise for the ports of a graph, in the order of their nodes: rows of `samples`
/// elements, params of their shapes.
inline std::vector<reference::Tensor> noise_for(const Graph& graph, std::int64_t rows,
                                                std::int64_t samples, std::uint64_t seed = 7) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<reference::Tensor> values;
  for (const Node& node : graph.nodes()) {
    if (!is_port(node.op)) continue;
    values.push_back(reference::zeros(node.type.resolve(rows, samples), node.type.complex()));
    reference::Tensor& value = values.back();
    for (std::int64_t i = 0; i < value.count(); ++i) value.set(i, {normal(random), normal(random)});
  }
  return values;
}

}  // namespace papilio::ir
