/// Papilio and cuFFT on a GPU as contenders: on rows in its memory, by its own clock, and from
/// page-locked host memory. Rows in pageable memory need nothing of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "race.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/stream.h"
#include "runtime/program.h"

namespace papilio::bench {

/// Whether a bench's device is a GPU.
bool on_gpu(const std::string& device);

/// A problem as a GPU takes it: it outlives the contenders.
struct GpuTask {
  std::string device;
  base::TensorView in;   ///< the problem's rows in host memory, dense
  base::TensorView out;  ///< its results, dense in some order of the axes
  double tolerance = 0.0;
};

/// papilio_plan, /from:device and /from:pinned.
std::vector<Contender> gpu_plans(const GpuTask& task,
                                 std::function<std::shared_ptr<const runtime::Program>()> compile);

/// Queues one run on rows and results in device memory; neither waits nor allocates.
using GpuLaunch = std::function<void(runtime::cuda::CUdeviceptr in, runtime::cuda::CUdeviceptr out,
                                     runtime::cuda::StreamHandle stream)>;

/// A contender on rows in device memory, timed by the device: copies of them rotate, so that no
/// cache holds them, and launches are captured in a graph.
Contender resident(const std::string& name, const GpuTask& task,
                   std::function<GpuLaunch(const runtime::cuda::Device&)> make);

}  // namespace papilio::bench
