/// A tile program as a Program: whole rows in memory, or a stream.
#pragma once

#include <memory>

#include "runtime/cpu/tile_program.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// Throws UserError when the graph cannot be run on this device.
std::unique_ptr<Program> make_tile_program(const ir::Graph& graph, kernels::Isa isa);

}  // namespace papilio::runtime::cpu
