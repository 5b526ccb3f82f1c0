// What a program says it needs against what it takes: every operator new of the process is counted,
// so this is a program of its own.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "runtime/support.h"
#include "spectral/mel.h"
#include "spectral/transform.h"
#include "spectral/welch.h"

namespace {

std::atomic<std::int64_t> live{0};
std::atomic<std::int64_t> most{0};

void* taken(std::size_t size, std::size_t alignment) {
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max(alignment, sizeof(void*)), size) != 0)
    throw std::bad_alloc();
  const auto bytes = static_cast<std::int64_t>(malloc_usable_size(memory));
  const std::int64_t now = live.fetch_add(bytes) + bytes;
  std::int64_t seen = most.load();
  while (now > seen && !most.compare_exchange_weak(seen, now)) {
  }
  return memory;
}

void given_back(void* memory) {
  if (memory != nullptr) live -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return taken(size, 1); }
void* operator new[](std::size_t size) { return taken(size, 1); }
void* operator new(std::size_t size, std::align_val_t a) {
  return taken(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return taken(size, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { given_back(p); }
void operator delete[](void* p) noexcept { given_back(p); }
void operator delete(void* p, std::size_t) noexcept { given_back(p); }
void operator delete[](void* p, std::size_t) noexcept { given_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { given_back(p); }
void operator delete[](void* p, std::align_val_t) noexcept { given_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { given_back(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { given_back(p); }

namespace papilio::runtime::testing {
namespace {

/// Small vectors, statuses, the threads' own: nothing that grows with a transform.
constexpr double kSmall = 300e3;

struct Stack {
  Stack(const Program& program, std::int64_t rows, std::int64_t samples)
      : in(static_cast<std::size_t>(rows * samples), 0.5F),
        input(base::dense(in.data(), DType::f32, {rows, samples})) {
    std::int64_t count = static_cast<std::int64_t>(size_of(program.outputs()[0].type.dtype));
    std::vector<std::int64_t> shape = program.outputs()[0].type.resolve(rows, samples);
    for (const std::int64_t extent : shape) count *= extent;
    out = std::vector<std::byte>(static_cast<std::size_t>(count));
    output.data = out.data();
    output.dtype = program.outputs()[0].type.dtype;
    output.rank = static_cast<int>(shape.size());
    auto stride = static_cast<std::int64_t>(size_of(output.dtype));
    for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
      output.shape[axis] = shape[axis];
      output.byte_strides[axis] = stride;
    }
  }

  std::vector<float> in;
  base::TensorView input;
  std::vector<std::byte> out;
  base::TensorView output;
};

/// Never less than is taken, and not more than `slack` times it.
void expect_told(const MemoryNeed& need, double frames, std::int64_t taken, double slack,
                 const std::string& what) {
  const double told = need.work + frames * need.frames;
  EXPECT_LE(static_cast<double>(taken), told + kSmall) << what;
  EXPECT_LE(told, slack * static_cast<double>(taken) + kSmall) << what;
}

std::int64_t taken_by(const std::function<void()>& body) {
  const std::int64_t before = live.load();
  most = before;
  body();
  return most.load() - before;
}

void check_run(const ir::Graph& graph, std::int64_t rows, std::int64_t samples, int threads,
               const std::string& what) {
  const auto program = compile(graph);
  const base::ThreadPool pool(threads);
  Stack stack(*program, rows, samples);
  const std::int64_t taken = taken_by([&] {
    Workspace work;
    program->run({&stack.input, 1}, {&stack.output, 1}, {&pool, BadSamples::flag}, {}, work);
  });
  const RunOptions options{&pool, BadSamples::flag};
  expect_told(program->run_memory({rows, samples, DType::f32}, options), 1.0, taken, 1.3,
              "run of " + what);
}

void check_stream(const ir::Graph& graph, std::int64_t rows, std::int64_t samples, int threads,
                  const std::string& what) {
  const auto program = compile(graph);
  const base::ThreadPool pool(threads);
  const RunOptions options{&pool, BadSamples::flag};
  Stack stack(*program, rows, samples);
  const std::int64_t taken = taken_by([&] {
    const auto stream = program->stream(rows, options);
    for (std::int64_t first = 0; first < samples; first += 10007) {
      base::TensorView chunk = stack.input;
      chunk.data = stack.in.data() + first;
      chunk.shape[1] = std::min<std::int64_t>(10007, samples - first);
      stream->push(chunk);
    }
    stream->finish();
    stream->fetch({&stack.output, 1});
  });
  // Kept frames move to twice their memory, so that up to three times is there for a moment.
  const MemoryNeed need = program->stream_memory({rows, samples, DType::f32}, options);
  expect_told(need, 3.0, taken, 4.0, "stream of " + what);
}

ir::Graph psd(std::int64_t nperseg, std::int64_t n_fft, std::int64_t samples, Average average) {
  const WelchOptions options{.nperseg = nperseg, .n_fft = n_fft, .average = average};
  return spectral::build_welch(spectral::fit_welch(options, samples), false, DType::f32, "psd");
}

ir::Graph whisper(std::int64_t samples) {
  const auto options = std::get<MelOptions>(profile("mel", "whisper", 16000.0).options);
  return spectral::build_log_mel(spectral::fit_mel(options, samples, "whisper"), DType::f32);
}

// On more threads where each finds work: what the others only reserve is not counted.
TEST(MemoryNeed, OfRunsIsWhatTheyTake) {
  check_run(psd(1024, 1 << 17, 2000, Average::mean), 1, 2000, 1, "one long segment");
  check_run(psd(1024, 99991, 2000, Average::mean), 3, 2000, 1, "a prime length");
  for (const int threads : {1, 4}) {
    const std::string on = " on " + std::to_string(threads);
    check_run(psd(4096, 1 << 15, 400000, Average::mean), 4, 400000, threads, "segments" + on);
    check_run(psd(4096, 1 << 15, 400000, Average::max), 20, 400000, threads, "maxima" + on);
    check_run(psd(2048, 2048, 400000, Average::median), 8, 400000, threads, "medians" + on);
    check_run(whisper(400000), 4, 400000, threads, "mel" + on);
    check_run(spectral::build_fft({.real = true}, 100003, DType::f32), 64, 100003, threads,
              "a transform" + on);
  }
}

TEST(MemoryNeed, OfStreamsIsWhatTheyTake) {
  check_stream(psd(1024, 1 << 17, 20000, Average::mean), 1, 20000, 1, "long segments");
  check_stream(psd(1 << 17, 1 << 17, 1 << 19, Average::mean), 2, 1 << 19, 1, "large segments");
  for (const int threads : {1, 4}) {
    const std::string on = " on " + std::to_string(threads);
    check_stream(psd(4096, 1 << 15, 400000, Average::mean), 4, 400000, threads, "segments" + on);
    check_stream(psd(2048, 2048, 400000, Average::median), 8, 400000, threads, "medians" + on);
    check_stream(whisper(400000), 4, 400000, threads, "mel" + on);
  }
}

TEST(MemoryNeed, OfTheAbsurdDoesNotOverflow) {
  const auto program = compile(psd(256, 256, 1000, Average::median));
  const MemoryNeed need = program->stream_memory(
      {std::int64_t{1} << 40, std::int64_t{1} << 40, DType::f32}, RunOptions{});
  EXPECT_GT(need.frames, 1e20);
}

}  // namespace
}  // namespace papilio::runtime::testing
