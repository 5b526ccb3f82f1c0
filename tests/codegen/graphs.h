/// Graphs that together need every block and every radix of the device, by name: the emitted text
/// is compared, and compiled for every chip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codegen/cuda.h"
#include "codegen/descent.h"
#include "ir/graph.h"

namespace papilio::test {

struct NamedGraph {
  std::string name;
  ir::Graph graph;  ///< before the passes
  codegen::Signature signature;
  std::optional<codegen::Descent> descent = {};  ///< steps down the gradient follow

  /// For a chip whose blocks have so much shared memory.
  codegen::DeviceProgram lower(std::int64_t shared_per_block = codegen::kSharedPerBlock) const;
};

std::vector<NamedGraph> device_graphs();

/// Transforms of n points, and features of segments of n samples.
std::vector<NamedGraph> graphs_of_length(std::int64_t n, DType compute);

/// The one of that name.
NamedGraph device_graph(const std::string& name);

}  // namespace papilio::test
