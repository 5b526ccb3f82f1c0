/// The strategy for plain transforms of rows: one row at a time, lanes along the row.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "kernels/isa.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// True for input -> (pad or slice) -> one transform -> one output.
bool is_row_fft(const ir::Graph& graph);

/// The program of such a graph.
std::unique_ptr<Program> make_row_fft_program(const ir::Graph& graph, kernels::Isa isa);

}  // namespace papilio::runtime::cpu
