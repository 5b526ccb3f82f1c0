// The caller's memory, or a block of the stream.
#include "runtime/cuda/work_memory.h"

#include <string>

#include "codegen/device_program.h"
#include "papilio/error.h"

namespace papilio::runtime::cuda {
namespace {

CUdeviceptr given(const RunOptions& options, std::size_t bytes) {
  if (options.work_bytes < bytes) {
    throw UserError("[cuda] the run needs " + std::to_string(bytes) + " bytes of work memory, " +
                    std::to_string(options.work_bytes) + " were given");
  }
  const auto data = reinterpret_cast<CUdeviceptr>(options.work);
  if (data % codegen::kRowAlign != 0) {
    throw UserError("[cuda] work memory begins at a multiple of " +
                    std::to_string(codegen::kRowAlign) + " bytes, as all allocations do");
  }
  return data;
}

}  // namespace

StreamHandle stream_of(const Device& device, const RunOptions& options) {
  return {&device, static_cast<CUstream>(options.stream)};
}

CUdeviceptr WorkMemory::of(const RunOptions& options, std::size_t bytes) {
  if (bytes == 0) return 0;
  if (options.work != nullptr) return given(options, bytes);
  const StreamHandle stream = stream_of(device_, options);
  if (stream.capturing()) {
    throw UserError("[cuda] the stream is being captured, and this run needs " +
                    std::to_string(bytes) +
                    " bytes of work memory that live as long as the graph; give them "
                    "(GpuRun::work, Plan::work_bytes)");
  }
  if (stream.raw == CU_STREAM_PER_THREAD) {
    throw UserError(
        "[cuda] the per-thread default stream is another one in every thread, and this "
        "run needs " +
        std::to_string(bytes) +
        " bytes of work memory; give them (GpuRun::work, Plan::work_bytes), or a "
        "stream of your own");
  }
  return own(stream, bytes);
}

CUdeviceptr WorkMemory::own(StreamHandle stream, std::size_t bytes) {
  for (auto& [raw, memory] : blocks_) {
    if (raw != stream.raw) continue;
    memory.reserve(bytes);
    return memory.data();
  }
  blocks_.emplace_back(stream.raw, DeviceBuffer(device_, bytes));
  return blocks_.back().second.data();
}

}  // namespace papilio::runtime::cuda
