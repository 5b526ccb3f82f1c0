// Where the rows lie, and whose clock counts.
#include "gpu_ways.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gpu_race.h"
#include "runtime/cuda/driver/memory.h"

namespace papilio::bench {
namespace {

using namespace runtime::cuda;  // NOLINT: this file speaks to the device

/// In a graph, where a launch takes so long that fewer are enough.
constexpr int kLargeLaunches = 10;
constexpr std::size_t kLarge = std::size_t{1} << 27;

const Device& device_of(const std::string& name) { return Device::get(*ordinal_of(name)); }

std::size_t bytes_of(const base::TensorView& view) {
  return static_cast<std::size_t>(view.count()) * size_of(view.dtype);
}

base::TensorView placed(const base::TensorView& view, void* data, base::DeviceKind device) {
  base::TensorView other = view;
  other.data = data;
  other.device = device;
  return other;
}

base::TensorView placed(const base::TensorView& view, CUdeviceptr data) {
  return placed(view, reinterpret_cast<void*>(data), base::DeviceKind::cuda);
}

std::string variant_of(const GpuTask& task, const char* from) {
  return std::string("/from:") + from + "/device:" + task.device;
}

/// Rows that stay in device memory.
class Resident {
 public:
  Resident(const GpuTask& task, const Device& device, GpuLaunch run)
      : task_(task),
        device_(device),
        run_(std::move(run)),
        rows_(device, task.in.data, bytes_of(task.in)),
        results_(device, bytes_of(task.out)),
        runs_(device, bytes_of(task.in) > kLarge ? kLargeLaunches : kMostLaunches,
              [this](int turn, StreamHandle stream) {
                run_(rows_.at(turn), results_.data(), stream);
              }) {}

  void run() const { runs_.seconds(); }
  void collect() const {
    const Stream stream(device_);
    copy_to_host(task_.out.data, results_.data(), results_.size(), stream);
    stream.synchronize();
  }
  double seconds(std::int64_t runs) const {
    const std::int64_t replays = std::max<std::int64_t>(1, runs / runs_.launches());
    double sum = 0.0;
    for (std::int64_t i = 0; i < replays; ++i) sum += runs_.seconds();
    return sum / static_cast<double>(replays) * static_cast<double>(runs);
  }

 private:
  GpuTask task_;
  const Device& device_;
  GpuLaunch run_;
  RotatingInput rows_;
  DeviceBuffer results_;
  CapturedRuns runs_;
};

/// Rows and results in page-locked host memory.
struct Pinned {
  Pinned(const GpuTask& task, const Device& device)
      : in(device, bytes_of(task.in)), out(device, bytes_of(task.out)) {
    std::memcpy(in.data(), task.in.data, in.size());
  }
  PinnedBuffer in;
  PinnedBuffer out;
};

}  // namespace

bool on_gpu(const std::string& device) { return ordinal_of(device).has_value(); }

Contender resident(const std::string& name, const GpuTask& task,
                   std::function<GpuLaunch(const Device&)> make) {
  const auto prepare = [task, make = std::move(make)] {
    const Device& device = device_of(task.device);
    const auto held = std::make_shared<const Resident>(task, device, make(device));
    Runner runner([held] { held->run(); });
    runner.collect = [held] { held->collect(); };
    runner.seconds = [held](std::int64_t runs) { return held->seconds(runs); };
    return runner;
  };
  return {name, variant_of(task, "device"), task.tolerance, prepare};
}

std::vector<Contender> gpu_plans(const GpuTask& task,
                                 std::function<std::shared_ptr<const runtime::Program>()> compile) {
  const auto make = [task, compile](const Device& device) -> GpuLaunch {
    const auto memory = std::make_shared<DeviceBuffer>(device);
    return
        [task, memory, program = compile()](CUdeviceptr in, CUdeviceptr out, StreamHandle stream) {
          const base::TensorView rows = placed(task.in, in);
          const base::TensorView results = placed(task.out, out);
          runtime::RunOptions options;
          options.stream = stream.raw;
          memory->reserve(program->gpu_work({&rows, 1}, {&results, 1}, options));
          options.work = reinterpret_cast<void*>(memory->data());
          options.work_bytes = memory->size();
          runtime::Workspace none;
          program->run({&rows, 1}, {&results, 1}, options, {}, none);
        };
  };
  const auto pinned = [task, compile]() -> Runner {
    const auto memory = std::make_shared<Pinned>(task, device_of(task.device));
    const auto work = std::make_shared<runtime::Workspace>();
    const auto program = compile();
    Runner runner([task, memory, work, program] {
      const auto rows = placed(task.in, memory->in.data(), base::DeviceKind::cpu);
      const auto results = placed(task.out, memory->out.data(), base::DeviceKind::cpu);
      program->run({&rows, 1}, {&results, 1}, {}, {}, *work);
    });
    runner.collect = [task, memory] {
      std::memcpy(task.out.data, memory->out.data(), memory->out.size());
    };
    return runner;
  };
  return {resident("papilio_plan", task, make),
          {"papilio_plan", variant_of(task, "pinned"), task.tolerance, pinned}};
}

}  // namespace papilio::bench
