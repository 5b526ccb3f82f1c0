// Plans run without a single heap allocation once their scratch has grown. Counts every operator
// new of the process, so this is a program of its own.
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>

#include "api/support.h"
#include "base/threads.h"
#include "runtime/compile.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/welch.h"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = nullptr;
  if (alignment <= alignof(std::max_align_t)) {
    memory = std::malloc(size);
  } else if (posix_memalign(&memory, alignment, size) != 0) {
    memory = nullptr;
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new[](std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace papilio::testing {
namespace {

/// Threads that plans and programs are tried with. oneTBB takes its tasks from pools of its own,
/// which operator new does not see: what is counted here, with three threads as with one, is ours.
constexpr int kThreads[] = {1, 3};

/// Allocations of the third run; the first two let the scratch grow.
template <typename Run>
long allocations_of(Run&& run) {
  run();
  run();
  const long before = allocations;
  run();
  return allocations - before;
}

TEST(Allocation, TheCounterCounts) {
  EXPECT_EQ(allocations_of([] {
              std::vector<int> v(10, 1);
              EXPECT_EQ(v[3], 1);
            }),
            1);
}

/// Rows enough for whole and broken tiles, and for more than one block of rows.
constexpr std::int64_t kRows = 37, kSamples = 3000;

template <typename R, typename Make>
void expect_plan_without_allocations(Make&& make, int threads, const std::string& what) {
  GraphBuilder b(dtype_of<R>());
  make(b);
  const Plan plan(b.finish(), Execution{.threads = threads});
  for (const std::int64_t rows : {std::int64_t{1}, kRows}) {
    const auto data = signal<R>(rows, kSamples);
    const auto shape = plan.shape(0, rows, kSamples);
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<R> result(count);
    const std::vector<AnyView> in{View<const R>(data.data(), rows, kSamples)};
    const std::vector<AnyView> out{AnyView(result.data(), shape)};
    Scratch scratch;
    EXPECT_EQ(allocations_of([&] { plan.run(in, out, scratch); }), 0)
        << what << ", " << rows << " rows, " << threads << " threads";
  }
}

template <typename R>
void expect_graphs_without_allocations(int threads) {
  const std::vector<double> window(100, 0.5);
  const auto power = [&](GraphBuilder& b) {
    const Node frames = b.detrend(b.frame(b.input("x"), 100, 50), Detrend::constant);
    return b.power(b.rfft(b.window(frames, window)));
  };
  expect_plan_without_allocations<R>(
      [&](GraphBuilder& b) { b.output("mean", b.mean_frames(power(b))); }, threads, "mean");
  expect_plan_without_allocations<R>(
      [&](GraphBuilder& b) { b.output("max", b.max_frames(power(b))); }, threads, "max");
  expect_plan_without_allocations<R>(
      [&](GraphBuilder& b) { b.output("median", b.median_frames(power(b))); }, threads, "median");
  expect_plan_without_allocations<R>(
      [&](GraphBuilder& b) { b.output("log", b.ln(power(b), 1e-9)); }, threads,
      "log of every frame");
}

TEST(Allocation, PlansOfOnesOwnGraphs) {
  for (const int threads : kThreads) {
    expect_graphs_without_allocations<float>(threads);
    expect_graphs_without_allocations<double>(threads);
  }
}

template <typename T = float>
void expect_program_without_allocations(const ir::Graph& graph, const std::string& what) {
  const auto program = runtime::compile(graph);
  auto data = signal<T>(kRows, kSamples);
  const base::TensorView in = base::dense(data.data(), dtype_of<T>(), {kRows, kSamples});
  const auto shape = program->outputs()[0].type.resolve(kRows, kSamples);
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  std::vector<float> result(count);
  const base::TensorView out =
      shape.size() == 2 ? base::dense(result.data(), DType::f32, {shape[0], shape[1]})
                        : base::dense(result.data(), DType::f32, {shape[0], shape[1], shape[2]});
  std::vector<runtime::RowStatus> status(static_cast<std::size_t>(kRows));
  for (const int threads : kThreads) {
    const base::ThreadPool pool(threads);
    runtime::Workspace work;
    EXPECT_EQ(allocations_of([&] {
                program->run({&in, 1}, {&out, 1}, {&pool, runtime::BadSamples::flag}, status, work);
              }),
              0)
        << what << ", " << threads << " threads";
  }
}

TEST(Allocation, ProgramsOfTheFeatures) {
  for (const std::int64_t nperseg : {64, 400, 101}) {
    WelchOptions welch;
    welch.nperseg = nperseg;
    expect_program_without_allocations(
        spectral::build_welch(spectral::fit_welch(welch, kSamples), false, DType::f32),
        "welch " + std::to_string(nperseg));
    for (const TopMode mode : {TopMode::peaks, TopMode::bins}) {
      const PeaksOptions peaks{.welch = welch, .top = 5, .mode = mode};
      expect_program_without_allocations(
          spectral::build_peaks(spectral::fit_peaks(peaks, kSamples, false), false, DType::f32,
                                false),
          "peaks " + std::to_string(nperseg));
    }
  }
  PeaksOptions picky;
  picky.welch.nperseg = 128;
  picky.min_distance = 0.05;
  picky.prominence = 1e-6;
  expect_program_without_allocations(
      spectral::build_peaks(spectral::fit_peaks(picky, kSamples, false), false, DType::f32, false),
      "peaks with distance and prominence");
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    expect_program_without_allocations(
        spectral::build_log_mel(spectral::fit_mel(mel_profile(name), kSamples, name), DType::f32),
        name);
  }
}

TEST(Allocation, TwoSidedSpectra) {
  const auto options = [](std::optional<double> fmin, std::optional<double> fmax) {
    return WelchOptions{.fs = 1000.0, .nperseg = 100, .fmin = fmin, .fmax = fmax};
  };
  for (const WelchOptions& welch :
       {options({}, {}), options(-200.0, 90.0), options(-90.0, -20.0)}) {
    const std::string what =
        "from " + (welch.fmin ? std::to_string(*welch.fmin) : std::string("everywhere"));
    for (const Average average : {Average::mean, Average::median, Average::max}) {
      WelchOptions averaged = welch;
      averaged.average = average;
      expect_program_without_allocations<std::complex<float>>(
          spectral::build_welch(spectral::fit_welch(averaged, kSamples), true, DType::f32),
          "complex welch " + what);
    }
    const PeaksOptions peaks{.welch = welch, .top = 5};
    expect_program_without_allocations<std::complex<float>>(
        spectral::build_peaks(spectral::fit_peaks(peaks, kSamples, true), true, DType::f32, false),
        "complex peaks " + what);
  }
}

template <typename R>
void expect_fft_without_allocations(std::int64_t n, int threads) {
  using C = std::complex<R>;
  const auto x = signal<C>(5, n);
  const auto real = signal<R>(5, n);
  std::vector<C> y(x.size());
  std::vector<R> real_y(x.size());
  const std::int64_t bins = n / 2 + 1;
  const Execution execution{.threads = threads};
  const Fft<R> fft(n, {}, execution);
  const Fft<R> rfft(n, {.real = true}, execution);
  const Fft<R> irfft(bins, {.n = n, .real = true, .inverse = true}, execution);
  Scratch scratch;
  const auto runs = [&] {
    fft.run(View<const C>(x.data(), 5, n), View<C>(y.data(), 5, n), scratch);
    fft.run(View<const C>(x.data(), {5, n}, {1, 5}), View<C>(y.data(), {5, n}, {1, 5}), scratch);
    rfft.run(View<const R>(real.data(), 5, n), View<C>(y.data(), 5, bins), scratch);
    irfft.run(View<const C>(x.data(), 5, bins), View<R>(real_y.data(), 5, n), scratch);
  };
  EXPECT_EQ(allocations_of(runs), 0) << n << ", " << threads << " threads";
}

TEST(Allocation, Transforms) {
  for (const std::int64_t n : {1, 256, 400, 1009, 16384}) {
    for (const int threads : kThreads) {
      expect_fft_without_allocations<float>(n, threads);
      expect_fft_without_allocations<double>(n, threads);
    }
  }
}

}  // namespace
}  // namespace papilio::testing
