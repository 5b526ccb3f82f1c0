/// Memory that runs on views of device memory work in.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/cuda/driver/memory.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// The stream that a run is queued in.
StreamHandle stream_of(const Device& device, const RunOptions& options);

/// What the caller gives, or a block for each stream, whose runs follow one another. Blocks grow,
/// and move: whoever asks holds a lock until the run is queued.
class WorkMemory {
 public:
  explicit WorkMemory(const Device& device) : device_(device) {}

  /// Where so many bytes lie. A UserError if what was given is too small or lies wrong, and if
  /// nothing was given, for a stream that is being captured, whose graph would outlive our block,
  /// and for the per-thread default stream, which stands for many.
  CUdeviceptr of(const RunOptions& options, std::size_t bytes);

 private:
  CUdeviceptr own(StreamHandle stream, std::size_t bytes);

  const Device& device_;
  std::vector<std::pair<CUstream, DeviceBuffer>> blocks_;
};

}  // namespace papilio::runtime::cuda
