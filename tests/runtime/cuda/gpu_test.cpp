// What only a GPU has: rows in its memory, streams, captured graphs, memory that runs out. Runs on
// a GPU or on the emulator; skipped where there is neither.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/graph.h"
#include "runtime/cuda/on_gpu.h"
#include "spectral/peaks.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {
namespace {

using namespace cuda;  // NOLINT

TEST_F(OnGpu, RowsInDeviceMemoryGiveTheBitsOfRowsInHostMemory) {
  const auto graph = psd_graph(64, 500);
  const auto program = compile(graph, {"cuda", {}});
  std::vector<float> rows = noise(7 * 500);
  const base::TensorView host = base::dense(rows.data(), DType::f32, {7, 500});
  const Outcome want = run(graph, host, {"cuda", {}, 1});
  const OnDevice in(host);
  std::vector<float> got(7 * 33, 0.0F);
  const OnDevice out(base::dense(got.data(), DType::f32, {7, 33}));
  const cuda::Stream stream(Device::get());
  RunOptions options;
  options.stream = stream.handle().raw;
  Workspace work;
  program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, work);
  out.fetch(got.data(), stream);
  EXPECT_EQ(0, std::memcmp(got.data(), want.bytes[0].data(), want.bytes[0].size()));
}

TEST_F(OnGpu, WorkMemoryOfTheCallerIsEnoughAsAskedFor) {
  const auto graph = psd_graph(64, 6400);  // long rows: sums of groups lie in work memory
  const auto program = compile(graph, {"cuda", {}});
  std::vector<float> rows = noise(3 * 6400);
  const OnDevice in(base::dense(rows.data(), DType::f32, {3, 6400}));
  std::vector<float> got(3 * 33);
  const OnDevice out(base::dense(got.data(), DType::f32, {3, 33}));
  const cuda::Stream stream(Device::get());
  RunOptions options;
  options.stream = stream.handle().raw;
  const std::size_t bytes = program->gpu_work({&in.view(), 1}, {&out.view(), 1}, options);
  const DeviceBuffer memory(Device::get(), bytes);
  options.work = reinterpret_cast<void*>(memory.data());
  options.work_bytes = bytes;
  Workspace work;
  program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, work);
  out.fetch(got.data(), stream);
  const Outcome want = run(graph, base::dense(rows.data(), DType::f32, {3, 6400}), {"cuda", {}, 1});
  EXPECT_EQ(0, std::memcmp(got.data(), want.bytes[0].data(), want.bytes[0].size()));
  options.work_bytes = bytes - 1;
  EXPECT_THROW(program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, work), UserError);
}

/// A captured run of `graph` on 5 rows, launched twice: on the rows that were there and on others.
void expect_captured(const ir::Graph& graph, std::int64_t samples, bool works) {
  const UseContext use(Device::get());
  const auto program = compile(graph, {"cuda", {}});
  std::vector<float> rows = noise(5 * samples);
  const base::TensorView host = base::dense(rows.data(), DType::f32, {5, samples});
  const OnDevice in(host);
  OutputMemory want(*program, 5, samples);
  OutputMemory got(*program, 5, samples);
  const OnDevice out(got.views[0]);
  const cuda::Stream stream(Device::get());
  RunOptions options;
  options.stream = stream.handle().raw;
  options.work_bytes = program->gpu_work({&in.view(), 1}, {&out.view(), 1}, options);
  EXPECT_EQ(options.work_bytes > 0, works);
  const DeviceBuffer work(Device::get(), options.work_bytes);
  Workspace none;
  const auto queue = [&] { program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, none); };
  queue();  // in the program's own work memory, which the graph must not keep
  stream.synchronize();
  if (works) CapturedWork(stream, [&] { EXPECT_THROW(queue(), UserError); });
  options.work = reinterpret_cast<void*>(work.data());
  // In this mode waiting or allocating anywhere in the process ends the capture with an error.
  const CapturedWork captured(stream, queue, CU_STREAM_CAPTURE_MODE_GLOBAL);
  for (const float factor : {1.0F, -3.0F}) {
    for (float& value : rows) value *= factor;
    copy_to_device(reinterpret_cast<CUdeviceptr>(in.view().data), rows.data(),
                   rows.size() * sizeof(float), stream);
    clear(reinterpret_cast<CUdeviceptr>(out.view().data), got.bytes[0].size(), stream);
    captured.launch(stream);
    out.fetch(got.bytes[0].data(), stream);
    program->run({&host, 1}, want.views, {}, {}, none);
    EXPECT_TRUE(got.bytes[0] == want.bytes[0]) << factor;
  }
}

TEST_F(OnGpu, ARunOnDeviceMemoryCanBeCaptured) {
  PeaksOptions peaks;
  peaks.welch.nperseg = 64;
  expect_captured(psd_graph(64, 500), 500, false);
  expect_captured(psd_graph(64, 6400), 6400, true);  // two kernels, sums between them
  expect_captured(
      spectral::build_peaks(spectral::fit_peaks(peaks, 500, false), false, DType::f32, false), 500,
      false);
}

/// Rows in host memory go in chunks; these are one launch.
TEST_F(OnGpu, MoreThan65535RowsInOneLaunch) {
  if (emulated()) GTEST_SKIP() << "too many rows for the emulator";
  constexpr std::int64_t kRows = 140'001;
  for (const std::int64_t samples : {24, 1200}) {  // one kernel, and sums of groups of frames
    const auto program = compile(psd_graph(16, samples), {"cuda", {}});
    const std::vector<float> one = noise(samples);
    std::vector<float> rows;
    for (std::int64_t row = 0; row < kRows; ++row) rows.insert(rows.end(), one.begin(), one.end());
    const OnDevice in(base::dense(rows.data(), DType::f32, {kRows, samples}));
    std::vector<float> got(static_cast<std::size_t>(kRows) * 9);
    const OnDevice out(base::dense(got.data(), DType::f32, {kRows, 9}));
    const cuda::Stream stream(Device::get());
    RunOptions options;
    options.stream = stream.handle().raw;
    Workspace work;
    program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, work);
    out.fetch(got.data(), stream);
    const Outcome want = run(psd_graph(16, samples),
                             base::dense(rows.data(), DType::f32, {1, samples}), {"cpu", {}, 1});
    const std::vector<double> first(got.begin(), got.begin() + 9);
    EXPECT_LE(worst_row(first, want.outputs[0], 1), 1e-6);
    for (std::size_t row = 1; row < static_cast<std::size_t>(kRows); ++row) {
      ASSERT_EQ(0, std::memcmp(got.data(), got.data() + 9 * row, 9 * sizeof(float))) << row;
    }
  }
}

/// `input` in chunks of so many samples.
Outcome feed(const ir::Graph& graph, const base::TensorView& input, std::int64_t samples,
             BadSamples bad) {
  const auto program = compile(graph, {"cuda", {}});
  const auto stream = program->stream(input.shape[0], {nullptr, bad});
  for (std::int64_t at = 0; at < input.shape[1]; at += samples) {
    base::TensorView chunk = input;
    chunk.shape[1] = std::min(samples, input.shape[1] - at);
    chunk.data = static_cast<std::byte*>(input.data) + at * input.byte_strides[1];
    stream->push(chunk);
  }
  stream->finish();
  OutputMemory memory(*program, input.shape[0], stream->samples());
  stream->fetch(memory.views);
  stream->fetch(memory.views);  // gives the same once more
  return memory.outcome(stream->status());
}

/// Two windows of 1 MiB and a rest that is no whole group; and rows that stay short.
TEST_F(OnGpu, StreamsHaveTheBitsOfWholeRuns) {
  for (const std::int64_t samples : {60'000, 1000}) {
    WelchOptions welch;
    welch.nperseg = 64;
    PeaksOptions peaks;
    peaks.welch = welch;
    WelchOptions most = welch;
    most.average = Average::max;
    const std::pair<ir::Graph, BadSamples> cases[] = {
        {spectral::build_welch(spectral::fit_welch(most, samples), false, DType::f64),
         BadSamples::skip},
        {spectral::build_peaks(spectral::fit_peaks(peaks, samples, false), false, DType::f32, true),
         BadSamples::flag}};
    std::vector<float> rows = noise(10 * samples);
    rows[static_cast<std::size_t>(7 * samples + 700)] = std::numeric_limits<float>::infinity();
    rows[static_cast<std::size_t>(8 * samples + samples - 20)] = std::nanf("");
    const base::TensorView in = base::dense(rows.data(), DType::f32, {10, samples});
    for (const auto& [graph, bad] : cases) {
      const Outcome want = run(graph, in, {"cuda", {}, 1, bad});
      const Outcome got = feed(graph, in, 7001, bad);
      EXPECT_TRUE(got.bytes == want.bytes);
      for (std::size_t row = 0; row < 10; ++row) {
        EXPECT_EQ(got.status[row].first_bad, want.status[row].first_bad) << row;
        EXPECT_EQ(got.status[row].skipped, want.status[row].skipped) << row;
        EXPECT_EQ(got.status[row].overflow, want.status[row].overflow) << row;
      }
    }
  }
}

TEST_F(OnGpu, HostAndDeviceMemoryAreNotMixed) {
  const auto program = compile(psd_graph(64, 500), {"cuda", {}});
  std::vector<float> rows = noise(500);
  std::vector<float> got(33);
  const base::TensorView host = base::dense(rows.data(), DType::f32, {1, 500});
  const base::TensorView out = base::dense(got.data(), DType::f32, {1, 33});
  const OnDevice in(host);
  Workspace work;
  EXPECT_THROW(program->run({&in.view(), 1}, {&out, 1}, {}, {}, work), UserError);
  const auto cpu = compile(psd_graph(64, 500), {"cpu", {}});
  EXPECT_THROW(cpu->run({&in.view(), 1}, {&out, 1}, {}, {}, work), UserError);
}

TEST_F(OnGpu, SameBitsInEveryRunAndBesideAnyRows) {
  const auto graph = psd_graph(32, 96);
  std::vector<float> rows = noise(301 * 96);
  const base::TensorView all = base::dense(rows.data(), DType::f32, {301, 96});
  const Outcome first = run(graph, all, {"cuda", {}, 1});
  const Outcome second = run(graph, all, {"cuda", {}, 1});
  EXPECT_TRUE(first.bytes[0] == second.bytes[0]);
  base::TensorView one = all;
  one.data = rows.data() + 300 * 96;
  one.shape[0] = 1;
  const Outcome alone = run(graph, one, {"cuda", {}, 1});
  const std::size_t row = alone.bytes[0].size();
  EXPECT_EQ(0, std::memcmp(alone.bytes[0].data(), first.bytes[0].data() + 300 * row, row));
}

TEST_F(OnGpu, TwoThreadsRunOnePlan) {
  const auto graph = psd_graph(32, 96);
  const auto program = compile(graph, {"cuda", {}});
  std::vector<float> rows = noise(50 * 96);
  const base::TensorView in = base::dense(rows.data(), DType::f32, {50, 96});
  const Outcome want = run(graph, in, {"cuda", {}, 1});
  std::vector<std::vector<float>> got(2, std::vector<float>(50 * 17));
  std::vector<std::thread> threads;
  for (std::vector<float>& result : got) {
    threads.emplace_back([&] {
      const base::TensorView out = base::dense(result.data(), DType::f32, {50, 17});
      Workspace work;
      for (int i = 0; i < 5; ++i) program->run({&in, 1}, {&out, 1}, {}, {}, work);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& result : got) {
    EXPECT_EQ(0, std::memcmp(result.data(), want.bytes[0].data(), want.bytes[0].size()));
  }
}

/// Each in a stream of its own, where the sums of groups of frames lie in work memory.
TEST_F(OnGpu, TwoThreadsRunOnePlanOnDeviceMemory) {
  const auto graph = psd_graph(32, 4000);
  const auto program = compile(graph, {"cuda", {}});
  std::vector<std::thread> threads;
  for (const std::int64_t rows : {3, 7}) {
    threads.emplace_back([&, rows] {
      std::vector<float> samples = noise(rows * 4000);
      const base::TensorView host = base::dense(samples.data(), DType::f32, {rows, 4000});
      const OnDevice in(host);
      std::vector<float> got(static_cast<std::size_t>(rows) * 17);
      const OnDevice out(base::dense(got.data(), DType::f32, {rows, 17}));
      const cuda::Stream stream(Device::get());
      RunOptions options;
      options.stream = stream.handle().raw;
      Workspace work;
      for (int i = 0; i < 5; ++i) {
        program->run({&in.view(), 1}, {&out.view(), 1}, options, {}, work);
      }
      out.fetch(got.data(), stream);
      const Outcome want = run(graph, host, {"cuda", {}, 1});
      EXPECT_EQ(0, std::memcmp(got.data(), want.bytes[0].data(), want.bytes[0].size()));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(OnGpu, StridedResultsInHostMemory) {
  const auto graph = psd_graph(32, 96);
  const auto program = compile(graph, {"cuda", {}});
  std::vector<float> rows = noise(5 * 96);
  const base::TensorView in = base::dense(rows.data(), DType::f32, {5, 96});
  const Outcome want = run(graph, in, {"cuda", {}, 1});
  std::vector<float> transposed(17 * 5, -1.0F);
  base::TensorView out = base::dense(transposed.data(), DType::f32, {5, 17});
  out.byte_strides = {4, 20, 0, 0};
  Workspace work;
  program->run({&in, 1}, {&out, 1}, {}, {}, work);
  for (std::size_t row = 0; row < 5; ++row) {
    for (std::size_t bin = 0; bin < 17; ++bin) {
      EXPECT_EQ(transposed[bin * 5 + row], static_cast<float>(want.outputs[0][row * 17 + bin]));
    }
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
