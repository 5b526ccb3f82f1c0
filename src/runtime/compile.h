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
  std::string device = "auto";      ///< auto, cpu, reference, cuda, cuda:N or null
  std::optional<kernels::Isa> isa;  ///< default: default_isa()
};

/// PAPILIO_ISA, else the best of this chip.
kernels::Isa default_isa();

/// Names that `device` may take, beside cuda:N for the N-th GPU.
std::vector<std::string> device_names();
bool is_device_name(const std::string& name);

/// Throws UserError for an unknown device and DeviceError for one that is not there.
std::shared_ptr<const Program> compile(const ir::Graph& graph, const CompileOptions& options = {});

}  // namespace papilio::runtime
