/// The reference device as a Program: the meaning of a graph, in double, on whole rows.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "runtime/program.h"

namespace papilio::runtime {

std::unique_ptr<Program> make_reference_program(const ir::Graph& graph);

}  // namespace papilio::runtime
