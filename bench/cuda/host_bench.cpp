// By the wall's clock: what a caller waits for.
#include "host_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "base/threads.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/memory.h"
#include "spectral/peaks.h"

namespace papilio::bench {
namespace {

using namespace runtime::cuda;  // NOLINT

constexpr std::int64_t kSamples = 384;
constexpr std::int64_t kSlots = 16;
constexpr std::int64_t kGrain = 256 * 1024;
constexpr int kTurns = 41;

/// Median seconds of each, which take turns.
std::vector<double> medians(const std::vector<std::function<void()>>& works) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<double>> times(works.size());
  for (int turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto begin = Clock::now();
      works[i]();
      times[i].push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
  }
  std::vector<double> result;
  for (std::vector<double>& each : times) {
    std::sort(each.begin(), each.end());
    result.push_back(each[each.size() / 2]);
  }
  return result;
}

class Rows {
 public:
  Rows(const Device& device, std::int64_t rows)
      : rows_(rows),
        bytes_(static_cast<std::size_t>(rows * kSamples) * sizeof(float)),
        stream_(device),
        on_device_(device, bytes_),
        pinned_(device, bytes_),
        pinned_results_(device, static_cast<std::size_t>(rows * kSlots) * 4 * sizeof(float)),
        pageable_(static_cast<std::size_t>(rows * kSamples)),
        results_(static_cast<std::size_t>(rows * kSlots * 4)) {
    PeaksOptions options;
    options.welch.nperseg = 256;
    options.welch.detrend = Detrend::none;
    options.mode = TopMode::bins;
    options.top = kSlots;
    const auto fitted = spectral::fit_peaks(options, kSamples, false);
    program_ =
        runtime::compile(spectral::build_peaks(fitted, false, DType::f32, false), {"cuda", {}});
    std::uint32_t state = 1;
    for (float& x : pageable_) {
      state = state * 1664525u + 1013904223u;
      x = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31F;
    }
    std::memcpy(pinned_.data(), pageable_.data(), bytes_);
  }

  void copy() const {
    copy_to_device(on_device_.data(), pinned_.data(), bytes_, stream_);
    stream_.synchronize();
  }
  void from_pinned() { run(pinned_.data(), pinned_results_.data(), nullptr); }
  void from_pageable(const base::ThreadPool& pool) {
    run(pageable_.data(), results_.data(), &pool);
  }
  /// What passing through page-locked memory costs at least.
  void stage(const base::ThreadPool& pool) {
    const auto* from = reinterpret_cast<const std::byte*>(pageable_.data());
    pool.split(
        static_cast<std::int64_t>(bytes_), kGrain, [&](int, std::int64_t begin, std::int64_t end) {
          std::memcpy(pinned_.data() + begin, from + begin, static_cast<std::size_t>(end - begin));
        });
  }
  double bytes() const { return static_cast<double>(bytes_); }

 private:
  void run(void* from, void* to, const base::ThreadPool* pool) {
    const base::TensorView in = base::dense(from, DType::f32, {rows_, kSamples});
    const base::TensorView out = base::dense(to, DType::f32, {rows_, kSlots, 4});
    runtime::RunOptions options;
    options.pool = pool;
    program_->run({&in, 1}, {&out, 1}, options, {}, work_);
  }

  std::int64_t rows_;
  std::size_t bytes_;
  Stream stream_;
  DeviceBuffer on_device_;
  PinnedBuffer pinned_;
  PinnedBuffer pinned_results_;
  std::vector<float> pageable_;
  std::vector<float> results_;
  std::shared_ptr<const runtime::Program> program_;
  runtime::Workspace work_;
};

}  // namespace

double bench_host(const Device& device, std::int64_t rows) {
  Rows data(device, rows);
  const auto count = static_cast<long long>(rows);
  const auto pinned = medians({[&] { data.copy(); }, [&] { data.from_pinned(); }});
  std::printf(
      "bins 256 x 2, %lld rows, host to host from page-locked memory %.1f us; the bare copy "
      "of its input %.1f us (%.1f GB/s): %.2f, target %.1f\n",
      count, pinned[1] * 1e6, pinned[0] * 1e6, data.bytes() / pinned[0] * 1e-9,
      pinned[1] / pinned[0], kOfBareCopy);
  for (const int threads : {1, base::hardware_threads()}) {
    const base::ThreadPool pool(threads);
    const auto times = medians(
        {[&] { data.copy(); }, [&] { data.stage(pool); }, [&] { data.from_pageable(pool); }});
    const double floor = std::max(times[0], times[1]);
    std::printf(
        "bins 256 x 2, %lld rows, host to host from pageable memory, %d threads %.1f us; "
        "the host's copy %.1f us (%.1f GB/s), the bare copy %.1f us: %.2f of the slower\n",
        count, threads, times[2] * 1e6, times[1] * 1e6, data.bytes() / times[1] * 1e-9,
        times[0] * 1e6, times[2] / floor);
  }
  std::fflush(stdout);
  return pinned[1] / pinned[0];
}

}  // namespace papilio::bench
