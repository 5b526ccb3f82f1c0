// Graphs, events, medians.
#include "gpu_race.h"

#include <algorithm>
#include <vector>

#include "runtime/cuda/driver/module.h"
#include "runtime/cuda/driver/nvrtc.h"

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

std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

int copies_of(std::size_t bytes) {
  const std::size_t enough = (kRotated + bytes - 1) / bytes;
  return static_cast<int>(std::clamp<std::size_t>(enough, 1, kMostLaunches));
}

}  // namespace

CapturedRuns::CapturedRuns(const Device& device, int launches, const GpuWork& work)
    : launches_(launches),
      stream_(device),
      begin_(device, Event::Use::timing),
      end_(device, Event::Use::timing) {
  // What is not there yet is made before the capture.
  for (int i = 0; i < 2; ++i) work(i, stream_);
  stream_.synchronize();
  graph_ = CapturedWork(stream_, [&] {
    for (int i = 0; i < launches; ++i) work(i, stream_);
  });
}

double CapturedRuns::seconds() const {
  begin_.record(stream_);
  graph_.launch(stream_);
  end_.record(stream_);
  stream_.synchronize();
  return Event::seconds(begin_, end_) / launches_;
}

GpuTime time_on_gpu(const Device& device, int launches, int replays, const GpuWork& work) {
  const CapturedRuns runs(device, launches, work);
  runs.seconds();  // warms up
  std::vector<double> times;
  for (int i = 0; i < replays; ++i) times.push_back(runs.seconds());
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.back()};
}

RotatingInput::RotatingInput(const Device& device, std::size_t bytes, bool warm)
    : distance_(aligned(bytes)),
      copies_(warm ? 1 : copies_of(distance_)),
      memory_(device, distance_ * static_cast<std::size_t>(copies_)) {
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

RotatingInput::RotatingInput(const Device& device, const void* rows, std::size_t bytes)
    : distance_(aligned(bytes)),
      copies_(copies_of(distance_)),
      memory_(device, distance_ * static_cast<std::size_t>(copies_)) {
  const Stream stream(device);
  copy_to_device(at(0), rows, bytes, stream);
  for (int i = 1; i < copies_; ++i) copy_on_device(at(i), at(0), bytes, stream);
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
