/// Welch bins from host memory to host memory, beside the bare copy of their input.
#pragma once

#include "runtime/cuda/driver/device.h"

namespace papilio::bench {

/// The most that a run from page-locked memory is to take, in bare copies of its input.
inline constexpr double kOfBareCopy = 1.1;

/// Prints a line for page-locked and for pageable memory of `rows` rows of two segments of 256.
/// Returns what page-locked memory takes, in bare copies.
double bench_host(const runtime::cuda::Device& device, std::int64_t rows);

}  // namespace papilio::bench
