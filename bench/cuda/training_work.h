/// Training on a GPU, on rows that lie in its memory: torch_step.py does the same in PyTorch.
#pragma once

#include <cstdint>

#include "runtime/cuda/driver/device.h"

namespace papilio::bench {

/// Prints two lines for a network of radix-2 stages: loss and gradients of `rows` rows of n points,
/// and the whole step, with Adam.
void run_training(const runtime::cuda::Device& device, std::int64_t n, std::int64_t rows);

}  // namespace papilio::bench
