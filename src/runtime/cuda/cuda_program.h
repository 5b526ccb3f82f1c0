/// The CUDA device's programs: kernels made from the graph, run on rows in host or device memory.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// `graph` has been through the passes. Throws UserError for what the device cannot run.
std::unique_ptr<Program> make_cuda_program(const ir::Graph& graph, const Device& device);

}  // namespace papilio::runtime::cuda
