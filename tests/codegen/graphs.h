/// Graphs that together need every block and every radix of the device, by name: the emitted text
/// is compared, and compiled for every chip.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codegen/cuda.h"
#include "codegen/descent.h"
#include "ir/graph.h"

namespace papilio::test {

struct NamedGraph {
  std::string name;
  ir::Graph graph;  ///< through the passes
  codegen::Signature signature;
  std::optional<codegen::Descent> descent = {};  ///< steps down the gradient follow

  codegen::DeviceProgram lower() const;
};

std::vector<NamedGraph> device_graphs();

/// The one of that name.
NamedGraph device_graph(const std::string& name);

}  // namespace papilio::test
