/// The null device: graphs are verified, optimised and lowered, but never run. For tests of the
/// compiler and for machines without the real device.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "runtime/program.h"

namespace papilio::runtime {

/// Its run() and stream() throw DeviceError.
std::unique_ptr<Program> make_null_program(const ir::Graph& graph);

}  // namespace papilio::runtime
