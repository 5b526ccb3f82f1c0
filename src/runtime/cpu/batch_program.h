/// The strategy for graphs with params: losses and their gradients. Blocks of rows go through the
/// ops one after the other while they stay in the cache; sums over rows are gathered in parts that
/// depend on the number of rows alone, so that results do not depend on threads.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "kernels/isa.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// True for graphs that the tile program does not run: with params, values that rows share, or ops
/// that only gradients are made of.
bool is_batch_graph(const ir::Graph& graph);

/// Throws UserError or DeviceError for what this
/// strategy does not run (frames, rows of any length).
std::unique_ptr<Program> make_batch_program(const ir::Graph& graph, kernels::Isa isa);

}  // namespace papilio::runtime::cpu
