/// Graphs to CUDA: regions become kernels, one launch each.
#pragma once

#include <string>
#include <vector>

#include "codegen/device_program.h"
#include "ir/graph.h"

namespace papilio::codegen {

/// Lowers a graph that has been through the passes. One region that folds frames into rows and what
/// follows it for each row are one kernel, unless the rows are long. Throws UserError for what the
/// device cannot run.
DeviceProgram lower_cuda(const ir::Graph& graph, const Signature& signature);

/// Options for NVRTC that the text needs.
std::vector<std::string> compile_options();

}  // namespace papilio::codegen
