/// The CUDA device's programs of graphs with params, sums over rows and gradients.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// `graph` has been through the passes, and codegen::is_batch_graph holds. All rows of a run are on
/// the device at once. Throws UserError for what the device cannot run.
std::unique_ptr<Program> make_batch_program(const ir::Graph& graph, const Device& device);

}  // namespace papilio::runtime::cuda
