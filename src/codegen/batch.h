/// Graphs of losses and gradients to CUDA: sweeps over the rows, sums over all of them, and what
/// belongs to no row.
#pragma once

#include "codegen/descent.h"
#include "codegen/device_program.h"
#include "ir/graph.h"

namespace papilio::codegen {

/// Whether the graph holds params, sums over rows or other ops of gradients.
bool is_batch_graph(const ir::Graph& graph);

/// One kernel for each sweep (ir/sweeps.h), one for each sum over rows, and one for the values of
/// no row that a sweep reads. Inputs are dense rows of the compute type; they alone and results of
/// rows are ports. With `descent` a step down the gradient follows. Throws UserError for what the
/// device cannot run.
DeviceProgram lower_batch(const ir::Graph& graph, const Signature& signature,
                          const Descent* descent = nullptr);

}  // namespace papilio::codegen
