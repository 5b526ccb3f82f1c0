// Graphs, events, medians.
#include "gpu_race.h"

#include <algorithm>
#include <vector>

#include "runtime/cuda/driver.h"
#include "runtime/cuda/module.h"
#include "runtime/cuda/nvrtc.h"

namespace papilio::bench {

using namespace runtime::cuda;  // NOLINT: this file speaks to the driver

namespace {

/// More than any L2 holds.
constexpr std::size_t kRotated = std::size_t{320} << 20;

/// Four loads of 16 bytes a thread under way at once.
constexpr const char* kCopy = R"(
extern "C" __global__ void __launch_bounds__(256) copy(uint4* to, const uint4* from) {
  const size_t first = size_t(blockIdx.x) * 1024 + threadIdx.x;
  uint4 part[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) part[i] = from[first + 256 * i];
#pragma unroll
  for (int i = 0; i < 4; ++i) to[first + 256 * i] = part[i];
}
)";

}  // namespace

GpuTime time_on_gpu(const Device& device, int launches, int replays, const GpuWork& work) {
  const UseContext use(device);
  const Stream stream(device);
  const CUstream raw = stream.handle().raw;
  for (int i = 0; i < 2; ++i) work(i, stream);
  stream.synchronize();
  CUgraph graph = nullptr;
  CUgraphExec exec = nullptr;
  check(driver().cuStreamBeginCapture(raw, CU_STREAM_CAPTURE_MODE_RELAXED), "cuStreamBeginCapture");
  for (int i = 0; i < launches; ++i) work(i, stream);
  check(driver().cuStreamEndCapture(raw, &graph), "cuStreamEndCapture");
  check(driver().cuGraphInstantiate(&exec, graph, 0), "cuGraphInstantiate");
  const Event begin(device, Event::Use::timing);
  const Event end(device, Event::Use::timing);
  std::vector<double> times;
  for (int i = 0; i <= replays; ++i) {
    begin.record(stream);
    check(driver().cuGraphLaunch(exec, raw), "cuGraphLaunch");
    end.record(stream);
    stream.synchronize();
    if (i > 0) times.push_back(Event::seconds(begin, end) / launches);  // the first one warms up
  }
  driver().cuGraphExecDestroy(exec);
  driver().cuGraphDestroy(graph);
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.back()};
}

RotatingInput::RotatingInput(const Device& device, std::size_t bytes, bool warm)
    : bytes_(bytes),
      copies_(warm ? 1
                   : static_cast<int>(std::max<std::size_t>(1, (kRotated + bytes - 1) / bytes))),
      memory_(device, bytes_ * static_cast<std::size_t>(copies_)) {
  std::vector<float> values(memory_.size() / sizeof(float));
  std::uint32_t state = 12345;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31F;
  }
  const Stream stream(device);
  copy_to_device(memory_.data(), values.data(), memory_.size(), stream);
  stream.synchronize();
}

double copy_ceiling(const Device& device) {
  constexpr std::size_t kBytes = std::size_t{1} << 31;
  constexpr std::size_t kBlockBytes = 1024 * 16;
  const Module module(device,
                      compile_cubin({"copy.cu", kCopy, {}, {}}, device.facts().compute_capability));
  const Kernel copy = module.kernel("copy");
  const DeviceBuffer from(device, kBytes);
  const DeviceBuffer to(device, kBytes);
  const CUdeviceptr target = to.data();
  const CUdeviceptr source = from.data();
  const GpuTime time = time_on_gpu(device, 5, 5, [&](int, StreamHandle stream) {
    copy.launch({static_cast<unsigned>(kBytes / kBlockBytes)}, {256}, 0, stream,
                arguments(target, source));
  });
  return 2.0 * static_cast<double>(kBytes) / time.median;
}

}  // namespace papilio::bench
