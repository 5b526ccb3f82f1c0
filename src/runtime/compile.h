/// From a graph to a program of a device.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "kernels/isa.h"
#include "runtime/program.h"

namespace papilio::runtime {

struct CompileOptions {
  std::string device = "auto";      ///< auto, cpu, reference or null
  std::optional<kernels::Isa> isa;  ///< default: default_isa()
};

/// PAPILIO_ISA, else the best of this chip.
kernels::Isa default_isa();

/// Names that `device` may take.
std::vector<std::string> device_names();

/// Throws UserError for an unknown device and DeviceError for one that is not there.
std::shared_ptr<const Program> compile(const ir::Graph& graph, const CompileOptions& options = {});

}  // namespace papilio::runtime
