/// Training steps on a GPU.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/cuda/driver/device.h"
#include "runtime/steps.h"

namespace papilio::runtime::cuda {

/// Of a graph that has been through the passes.
std::unique_ptr<Steps> make_steps(const ir::Graph& graph, const Descent& descent,
                                  const Device& device, std::int64_t rows);

}  // namespace papilio::runtime::cuda
