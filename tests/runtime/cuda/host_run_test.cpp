// Runs on rows in host memory, on the fake driver with emulated kernels: what is copied from where,
// and what becomes of a run where memory is short.
#include <malloc.h>

#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/fake.h"
#include "runtime/support.h"
#include "spectral/transform.h"
#include "spectral/welch.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;  // NOLINT
using runtime::RowStatus;

constexpr std::int64_t kBins = 33;

class HostRun : public OnFakeCuda {
 protected:
  void SetUp() override {
    setenv("PAPILIO_NVRTC", PAPILIO_FAKE_NVRTC, 1);
    setenv("PAPILIO_CACHE_DIR", "", 1);
    OnFakeCuda::SetUp();
  }
};

/// A PSD of `rows` rows in memory that a test chooses, and what the CPU makes of them.
struct Psd {
  Psd(std::int64_t row_count, std::int64_t sample_count) : rows(row_count), samples(sample_count) {
    WelchOptions options;
    options.nperseg = 64;
    options.noverlap = 0;  // few segments: they are emulated
    graph.emplace(spectral::build_welch(spectral::fit_welch(options, samples), false, DType::f32));
    const std::vector<double> values = runtime::testing::signal(rows, samples, 4);
    input.assign(values.begin(), values.end());
    results.assign(static_cast<std::size_t>(rows * kBins), -1.0F);
    program = runtime::compile(*graph, {"cuda", {}});
  }

  void run(float* from, float* to, std::span<RowStatus> status = {}) const {
    const base::TensorView in = base::dense(from, DType::f32, {rows, samples});
    const base::TensorView out = base::dense(to, DType::f32, {rows, kBins});
    runtime::Workspace work;
    program->run({&in, 1}, {&out, 1}, {}, status, work);
  }

  /// Kernels are made when a run first needs them; bytes that it works in.
  std::size_t make_kernels() const {
    const base::TensorView in =
        base::dense(const_cast<float*>(input.data()), DType::f32, {1, samples});
    const base::TensorView out =
        base::dense(const_cast<float*>(results.data()), DType::f32, {1, kBins});
    return program->gpu_work({&in, 1}, {&out, 1}, {});
  }

  void expect_right(const float* got) const {
    const base::TensorView in =
        base::dense(const_cast<float*>(input.data()), DType::f32, {rows, samples});
    const auto want = runtime::testing::run(*graph, in, {"cpu", {}, 1});
    const std::vector<double> values(got, got + results.size());
    EXPECT_LE(runtime::testing::worst_row(values, want.outputs[0], rows), 1e-6);
  }

  std::int64_t rows;
  std::int64_t samples;
  std::optional<ir::Graph> graph;
  std::vector<float> input;
  std::vector<float> results;
  std::shared_ptr<const runtime::Program> program;
};

TEST_F(HostRun, PageLockedMemoryIsCopiedAsItLies) {
  Psd psd(9, 500);
  PinnedBuffer in(*device, psd.input.size() * sizeof(float));
  PinnedBuffer out(*device, psd.results.size() * sizeof(float));
  std::memcpy(in.data(), psd.input.data(), in.size());
  const int before = fake().calls["cuMemHostAlloc"];
  auto* const results = reinterpret_cast<float*>(out.data());
  psd.run(reinterpret_cast<float*>(in.data()), results);
  EXPECT_EQ(fake().calls["cuMemHostAlloc"], before);  // nothing is staged
  EXPECT_EQ(fake().bytes_to_host, 0U);                // the kernel writes there itself
  psd.expect_right(results);
}

/// 2.1 MB of rows: the kernel writes what each chunk gives to its place.
TEST_F(HostRun, PageLockedRowsInSeveralChunks) {
  Psd psd(129, 4096);
  PinnedBuffer in(*device, psd.input.size() * sizeof(float));
  PinnedBuffer out(*device, psd.results.size() * sizeof(float));
  auto* const samples = reinterpret_cast<float*>(in.data());
  auto* const results = reinterpret_cast<float*>(out.data());
  std::memcpy(in.data(), psd.input.data(), in.size());
  psd.run(samples, results);
  psd.expect_right(results);
  EXPECT_EQ(fake().launches.size(), 2U);
  EXPECT_EQ(fake().bytes_to_host, 0U);
  samples[127 * 4096 + 5] = std::nanf("");
  std::vector<RowStatus> status(129);
  psd.run(samples, results, status);
  EXPECT_EQ(fake().launches.size(), 4U);
  for (std::size_t row = 0; row < 129; ++row) {
    EXPECT_EQ(status[row].first_bad, row == 127 ? 5 : -1) << row;
    EXPECT_EQ(std::isnan(results[row * kBins]), row == 127) << row;
  }
}

/// A kernel stores both parts of a number at once, which the host's memory need not allow.
TEST_F(HostRun, PageLockedResultsBetweenTwoNumbersAreCopied) {
  FftOptions options;
  options.n = 16;
  const ir::Graph graph = spectral::build_fft(options, 16, DType::f32);
  const auto program = runtime::compile(graph, {"cuda", {}});
  std::vector<double> values = runtime::testing::signal(3, 16, 2, true);
  std::vector<float> rows(values.begin(), values.end());
  PinnedBuffer out(*device, 3 * 16 * 8 + 4);
  const base::TensorView in = base::dense(rows.data(), DType::c64, {3, 16});
  const auto want = runtime::testing::run(graph, in, {"cpu", {}, 1});
  for (const std::size_t offset : {0, 4}) {
    fake().bytes_to_host = 0;
    const base::TensorView to = base::dense(out.data() + offset, DType::c64, {3, 16});
    runtime::Workspace work;
    program->run({&in, 1}, {&to, 1}, {}, {}, work);
    EXPECT_EQ(fake().bytes_to_host, offset == 0 ? 0U : 3U * 16U * 8U);
    std::vector<float> got(3 * 16 * 2);
    std::memcpy(got.data(), out.data() + offset, got.size() * sizeof(float));
    EXPECT_LE(runtime::testing::worst_row({got.begin(), got.end()}, want.outputs[0], 3), 1e-6);
  }
}

TEST_F(HostRun, PageableMemoryIsStaged) {
  Psd psd(9, 500);
  const int before = fake().calls["cuMemHostAlloc"];
  psd.run(psd.input.data(), psd.results.data());
  EXPECT_EQ(fake().calls["cuMemHostAlloc"], before + 2);
  psd.expect_right(psd.results.data());
}

TEST_F(HostRun, LockedAtOneEndOnlyIsPageable) {
  const PinnedBuffer locked(*device, 1000);
  std::vector<char> pageable(1000);
  EXPECT_TRUE(is_pinned(*device, locked.data(), 1000));
  EXPECT_FALSE(is_pinned(*device, locked.data(), 1001));
  EXPECT_FALSE(is_pinned(*device, pageable.data(), 1000));
  EXPECT_FALSE(is_pinned(*device, locked.data(), 0));
}

TEST_F(HostRun, TheStatusOfPageLockedRowsIsTold) {
  Psd psd(5, 500);
  PinnedBuffer in(*device, psd.input.size() * sizeof(float));
  psd.input[3 * 500 + 17] = std::nanf("");
  std::memcpy(in.data(), psd.input.data(), in.size());
  std::vector<RowStatus> status(5);
  psd.run(reinterpret_cast<float*>(in.data()), psd.results.data(), status);
  EXPECT_EQ(status[2].first_bad, -1);
  EXPECT_EQ(status[3].first_bad, 17);
}

// 2.1 MB of rows: the first chunk has half of them.
TEST_F(HostRun, TooLittleDeviceMemoryMakesMoreChunks) {
  Psd psd(33, 16000);
  psd.run(psd.input.data(), psd.results.data());
  const std::size_t usual = fake().launches.size();
  psd.expect_right(psd.results.data());
  psd.program = runtime::compile(*psd.graph, {"cuda", {}});  // whose memory begins empty
  psd.make_kernels();
  fake().launches.clear();
  fake().free_bytes = 600'000;
  psd.results.assign(psd.results.size(), -1.0F);
  psd.run(psd.input.data(), psd.results.data());
  EXPECT_GT(fake().launches.size(), usual);
  psd.expect_right(psd.results.data());
}

TEST_F(HostRun, RoomForOneRowIsEnough) {
  Psd psd(3, 300'000);
  fake().free_bytes = 1'200'000 + 512 + psd.make_kernels();
  psd.run(psd.input.data(), psd.results.data());
  psd.expect_right(psd.results.data());
}

TEST_F(HostRun, ARowThatDoesNotFitIsAnErrorWithTheNumbers) {
  Psd psd(3, 300'000);
  psd.make_kernels();
  fake().free_bytes = 1'000'000;
  expect_words(message_of<DeviceError>([&] { psd.run(psd.input.data(), psd.results.data()); }),
               {"[cuda] out of memory on cuda:0", "one row of 300000 samples", "1.2 MB", "1.0 MB",
                "of 1.1 GB", "shorter rows"});
  EXPECT_EQ(fake().free_bytes, 1'000'000U);  // nothing is kept
  fake().free_bytes = kFakeMemory;
  psd.run(psd.input.data(), psd.results.data());
  psd.expect_right(psd.results.data());
}

/// Bytes that the process has taken from the allocator and not given back.
std::size_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// The memory of the device is memory of the host here, so that both are counted.
TEST_F(HostRun, AnEndlessStreamDoesNotGrow) {
  Psd psd(1, 500);
  const auto stream = psd.program->stream(1, {});
  std::vector<float> samples(100'000, 0.5F);
  const base::TensorView chunk = base::dense(samples.data(), DType::f32, {1, 100'000});
  const auto push = [&](int times) {
    for (int i = 0; i < times; ++i) stream->push(chunk);
    return bytes_in_use();
  };
  const std::size_t first = push(6);  // two windows of 1 MiB
  EXPECT_LE(push(6), first + 100'000);
  const runtime::Load longer{1, std::int64_t{1} << 40, DType::f32};
  const runtime::MemoryNeed need = psd.program->stream_memory(longer, {});
  EXPECT_LT(need.work + need.frames, 4e6);
  stream->finish();
  const base::TensorView out = base::dense(psd.results.data(), DType::f32, {1, kBins});
  stream->fetch({&out, 1});
  EXPECT_EQ(stream->samples(), 1'200'000);
}

/// Two windows of 1 MiB and a rest, of which the second one does not fit.
TEST_F(HostRun, AStreamCountsNoSampleTwice) {
  Psd psd(1, 500);
  const auto stream = psd.program->stream(1, {});
  std::vector<float> samples(600'000, 0.5F);
  base::TensorView chunk = base::dense(samples.data(), DType::f32, {1, 300'000});
  const base::TensorView out = base::dense(psd.results.data(), DType::f32, {1, kBins});
  stream->push(chunk);
  base::TensorView other = base::dense(samples.data(), DType::f64, {1, 300'000});
  EXPECT_THROW(stream->push(other), UserError);  // nothing of it is taken
  fake().failing_call = "cuMemcpyDtoHAsync";
  fake().failure = 700;
  EXPECT_THROW(stream->fetch({&out, 1}), DeviceError);  // which changes nothing
  fake().failing_call = "";
  stream->fetch({&out, 1});
  EXPECT_EQ(stream->samples(), 300'000);
  fake().failing_call = "cuMemcpyDtoHAsync";
  chunk.shape[1] = 600'000;
  EXPECT_THROW(stream->push(chunk), DeviceError);
  fake().failing_call = "";
  for (const bool again : {true, false}) {
    const auto action = [&] { again ? stream->push(chunk) : stream->fetch({&out, 1}); };
    expect_words(message_of<UserError>(action), {"[stream]", "in the middle of a chunk"});
  }
}

TEST_F(HostRun, AFaultOfAKernelSaysWhatWasComputed) {
  Psd psd(9, 500);
  fake().failing_call = "cuStreamSynchronize";
  fake().failure = 700;
  expect_words(message_of<DeviceError>([&] { psd.run(psd.input.data(), psd.results.data()); }),
               {"cuStreamSynchronize failed", "700", "Fake GPU 0", "kernels for psd",
                "9 rows of 500 samples"});
}

TEST_F(HostRun, AnErrorWaitsForCopiesOnTheirWay) {
  Psd psd(9, 500);
  fake().failing_call = "cuMemcpyDtoHAsync";
  fake().failure = 700;
  const int before = fake().calls["cuStreamSynchronize"];
  EXPECT_THROW(psd.run(psd.input.data(), psd.results.data()), DeviceError);
  EXPECT_GT(fake().calls["cuStreamSynchronize"], before);
  fake().failing_call = "";
  psd.run(psd.input.data(), psd.results.data());
  psd.expect_right(psd.results.data());
}

}  // namespace
}  // namespace papilio::test
