/// Timing work on a GPU: many launches in one captured graph, inputs that rotate so that no cache
/// holds them, medians.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/graph.h"
#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/driver/stream.h"

namespace papilio::bench {

/// Seconds of one launch, over several replays of a graph.
struct GpuTime {
  double median = 0.0;
  double least = 0.0;
  double most = 0.0;
};

/// work(i, stream) queues launch i, on the i-th of the rotating inputs.
using GpuWork = std::function<void(int, runtime::cuda::StreamHandle)>;

/// Launches of one graph, and so as many inputs as are ever rotated.
inline constexpr int kMostLaunches = 100;

/// Launches captured in a graph.
class CapturedRuns {
 public:
  CapturedRuns(const runtime::cuda::Device& device, int launches, const GpuWork& work);

  int launches() const { return launches_; }
  /// Launches them all and waits; seconds of one by the device's clock.
  double seconds() const;

 private:
  int launches_;
  runtime::cuda::Stream stream_;
  runtime::cuda::Event begin_;
  runtime::cuda::Event end_;
  runtime::cuda::CapturedWork graph_;
};

/// Captures `launches` of them in a graph and replays it `replays` times.
GpuTime time_on_gpu(const runtime::cuda::Device& device, int launches, int replays,
                    const GpuWork& work);

/// Inputs in device memory, one after the other, more than any L2 holds unless kMostLaunches of
/// them are less.
class RotatingInput {
 public:
  /// Random numbers. `warm`: the same input each time, so that L2 holds it.
  RotatingInput(const runtime::cuda::Device& device, std::size_t bytes, bool warm);
  /// Copies of the host's `rows`.
  RotatingInput(const runtime::cuda::Device& device, const void* rows, std::size_t bytes);

  runtime::cuda::CUdeviceptr at(int turn) const {
    return memory_.data() + static_cast<std::size_t>(turn % copies_) * distance_;
  }
  int copies() const { return copies_; }

 private:
  std::size_t distance_;  ///< bytes from one to the next
  int copies_;
  runtime::cuda::DeviceBuffer memory_;
};

/// Bytes per second of a copy within device memory, read and written.
double copy_ceiling(const runtime::cuda::Device& device);

}  // namespace papilio::bench
