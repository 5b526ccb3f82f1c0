/// What a good programmer builds from cuFFT: a kernel that cuts and windows frames, cuFFT's real
/// transforms, a kernel for the mean powers, one for the selection; each reads and writes memory.
#pragma once

#include <cstdint>

#include "gpu_ways.h"
#include "papilio/definition.h"

namespace papilio::bench {

/// Welch's PSD or the k strongest bins of it, of rows of so many samples.
struct SeparateKernels {
  WelchOptions welch;
  std::int64_t rows = 0;
  std::int64_t samples = 0;
  std::int64_t k = 0;  ///< 0: the PSD
};

/// Whether these kernels were written for that: even lengths, at most 32 bins chosen of 256.
bool can_separate(const SeparateKernels& work);

/// For resident(). A DeviceError without cuFFT.
GpuLaunch separate_kernels(const runtime::cuda::Device& device, const SeparateKernels& work);

/// Rows of transforms by cuFFT alone.
GpuLaunch cufft_rows(const runtime::cuda::Device& device, const FftOptions& options, std::int64_t n,
                     std::int64_t rows);

}  // namespace papilio::bench
