/// Timing work on a GPU: many launches in one captured graph, inputs that rotate so that no cache
/// holds them, medians.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/cuda/device.h"
#include "runtime/cuda/memory.h"
#include "runtime/cuda/stream.h"

namespace papilio::bench {

/// Seconds of one launch, over several replays of a graph.
struct GpuTime {
  double median = 0.0;
  double least = 0.0;
  double most = 0.0;
};

/// work(i, stream) queues launch i, on the i-th of the rotating inputs.
using GpuWork = std::function<void(int, runtime::cuda::StreamHandle)>;

/// Captures `launches` of them in a graph and replays it `replays` times.
GpuTime time_on_gpu(const runtime::cuda::Device& device, int launches, int replays,
                    const GpuWork& work);

/// Device memory full of random numbers, from which inputs of `bytes` are cut, one after the other.
class RotatingInput {
 public:
  /// `warm`: the same input each time, so that L2 holds it.
  RotatingInput(const runtime::cuda::Device& device, std::size_t bytes, bool warm);

  runtime::cuda::CUdeviceptr at(int turn) const {
    return memory_.data() + static_cast<std::size_t>(turn % copies_) * bytes_;
  }
  int copies() const { return copies_; }

 private:
  std::size_t bytes_;
  int copies_;
  runtime::cuda::DeviceBuffer memory_;
};

/// Bytes per second of a copy within device memory, read and written.
double copy_ceiling(const runtime::cuda::Device& device);

}  // namespace papilio::bench
