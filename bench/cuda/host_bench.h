/// Welch bins from host memory to host memory, beside the bare copy of their input.
#pragma once

#include "runtime/cuda/driver/device.h"

namespace papilio::bench {

/// Prints a line for page-locked and for pageable memory of `rows` rows of two segments of 256.
void bench_host(const runtime::cuda::Device& device, std::int64_t rows);

}  // namespace papilio::bench
