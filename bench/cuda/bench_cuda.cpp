// Papilio on a GPU, on rows that lie in its memory, beside cuFFT: every result is first compared
// with the CPU's. bench_cuda [WORD]: only the work whose name holds the word; the word host: rows
// in host memory.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gpu_peer.h"
#include "gpu_race.h"
#include "host_bench.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/cufft.h"
#include "runtime/cuda/launcher.h"
#include "spectral/learned.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"
#include "spectral/welch.h"
#include "training_work.h"
#include "transform/inits.h"

namespace papilio::bench {
namespace {

using namespace runtime::cuda;  // NOLINT

struct Work {
  std::string name;
  ir::Graph graph;
  std::int64_t rows = 0;
  std::int64_t samples = 0;
  bool complex = false;
  bool warm = false;
  double target = 0.0;  ///< seconds; 0: cuFFT's time is the target
  int fft = 0;          ///< points of the transform that cuFFT does instead; 0: no peer
  std::optional<SeparateKernels> separate{};  ///< cuFFT with kernels of its own instead
  bool targeted = true;
};

std::size_t bytes_of(const base::TensorView& view) {
  return static_cast<std::size_t>(view.count()) * size_of(view.dtype);
}

/// Largest relative distance of any row from the CPU's, over the last rows.
double error_of(const Work& work, const base::TensorView& in, const base::TensorView& out) {
  const std::int64_t rows = std::min<std::int64_t>(work.rows, 37);
  const std::size_t in_row = bytes_of(in) / static_cast<std::size_t>(work.rows);
  const std::size_t out_row = bytes_of(out) / static_cast<std::size_t>(work.rows);
  const auto skipped = static_cast<std::size_t>(work.rows - rows);
  std::vector<std::byte> samples(in_row * static_cast<std::size_t>(rows));
  std::vector<std::byte> got(out_row * static_cast<std::size_t>(rows));
  std::vector<std::byte> want(got.size());
  const Device& device = Device::get();
  const Stream stream(device);
  copy_to_host(samples.data(), reinterpret_cast<CUdeviceptr>(in.data) + skipped * in_row,
               samples.size(), stream);
  copy_to_host(got.data(), reinterpret_cast<CUdeviceptr>(out.data) + skipped * out_row, got.size(),
               stream);
  stream.synchronize();
  base::TensorView host_in = in;
  base::TensorView host_out = out;
  for (base::TensorView* view : {&host_in, &host_out}) {
    view->shape[0] = rows;
    view->device = base::DeviceKind::cpu;
  }
  host_in.data = samples.data();
  host_out.data = want.data();
  runtime::Workspace workspace;
  runtime::compile(work.graph, {"cpu", {}})->run({&host_in, 1}, {&host_out, 1}, {}, {}, workspace);
  double worst = 0.0;
  for (std::int64_t row = 0; row < rows; ++row) {
    double error = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < out_row / sizeof(float); ++i) {
      const std::size_t at = static_cast<std::size_t>(row) * out_row + i * sizeof(float);
      float a = 0;
      float b = 0;
      std::memcpy(&a, got.data() + at, sizeof a);
      std::memcpy(&b, want.data() + at, sizeof b);
      if (std::isnan(a) && std::isnan(b)) continue;
      error += (a - b) * (a - b);
      norm += b * b;
    }
    const double relative = std::sqrt(error / norm);
    worst = relative <= worst ? worst : relative;
  }
  return worst;
}

/// Of cuFFT, alone or with kernels around it; 0: there is none.
double peer_seconds(const Work& work, const RotatingInput& input, int launches, int replays) {
  if ((work.fft == 0 && !work.separate) || !cufft_available()) return 0.0;
  const Device& device = Device::get();
  FftOptions options;
  options.real = !work.complex;
  const std::int64_t transforms = work.fft > 0 ? work.rows * work.samples / work.fft : 0;
  const GpuLaunch launch = work.separate ? separate_kernels(device, *work.separate)
                                         : cufft_rows(device, options, work.fft, transforms);
  const std::int64_t values = work.separate
                                  ? work.rows * std::max(4 * work.separate->k, work.samples)
                                  : 2 * transforms * (work.complex ? work.fft : work.fft / 2 + 1);
  const DeviceBuffer results(device, static_cast<std::size_t>(values) * sizeof(float));
  return time_on_gpu(
             device, launches, replays,
             [&](int turn, StreamHandle stream) { launch(input.at(turn), results.data(), stream); })
      .median;
}

/// What became of all works.
struct Tally {
  int wrong = 0;
  int met = 0;
  int missed = 0;
  std::map<std::string, double> seconds;  ///< by the work's name
  std::map<std::string, double> logs;     ///< of seconds / cuFFT's, where that is the target
  void judge(double value, double target) { ++(value <= target ? met : missed); }
};

/// Beyond what any of the works may be off in single precision; NaN is, too.
constexpr double kTolerance = 1e-5;
/// Of cuFFT's time, where that is the target.
constexpr double kOfCufft = 1.1;

void print_kernels(const runtime::Program& program) {
  for (const runtime::KernelUse& use : program.kernel_use()) {
    std::printf("%36s%s: %d registers, %d bytes of stack, %d threads a block, occupancy %.0f%%\n",
                "", use.name.c_str(), use.registers, use.spilled, use.threads,
                100.0 * use.occupancy);
  }
}

void run(const Work& work, double ceiling, Tally& tally) {
  const Device& device = Device::get();
  const auto program = runtime::compile(work.graph, {"cuda", {}});
  const DType in_type = work.complex ? DType::c64 : DType::f32;
  const std::size_t in_bytes =
      static_cast<std::size_t>(work.rows * work.samples) * size_of(in_type);
  const RotatingInput input(device, in_bytes, work.warm);
  const runtime::OutputSpec& spec = program->outputs()[0];
  base::TensorView out =
      device_view(0, spec.type.dtype, spec.type.resolve(work.rows, work.samples));
  const DeviceBuffer results(device, bytes_of(out));
  out.data = reinterpret_cast<void*>(results.data());
  runtime::Workspace workspace;
  const auto rows_of = [&](int turn) {
    return device_view(input.at(turn), in_type, {work.rows, work.samples});
  };
  const base::TensorView first = rows_of(0);
  const DeviceBuffer memory(device, program->gpu_work({&first, 1}, {&out, 1}, {}));
  const auto launch = [&](int turn, StreamHandle stream) {
    const base::TensorView in = rows_of(turn);
    runtime::RunOptions options;
    options.stream = stream.raw;
    options.work = reinterpret_cast<void*>(memory.data());
    options.work_bytes = memory.size();
    program->run({&in, 1}, {&out, 1}, options, {}, workspace);
  };
  const bool large = in_bytes > (std::size_t{1} << 27);
  const int launches = large ? 10 : kMostLaunches;
  const GpuTime time = time_on_gpu(device, launches, large ? 5 : 9, launch);
  const int last = (launches - 1) % input.copies();
  const double error = error_of(work, rows_of(last), out);
  const double peer = peer_seconds(work, input, launches, large ? 5 : 9);
  const double bytes = static_cast<double>(in_bytes + bytes_of(out));
  std::printf("%-34s %9.2f us [%.2f..%.2f] floor %8.2f  %5.0f GB/s (%2.0f%%)  error %.1e",
              work.name.c_str(), time.median * 1e6, time.least * 1e6, time.most * 1e6,
              bytes / ceiling * 1e6, bytes / time.median * 1e-9,
              100.0 * bytes / time.median / ceiling, error);
  if (peer > 0) {
    std::printf("  cuFFT%s %9.2f us (%.2f)", work.separate ? " and kernels" : "", peer * 1e6,
                time.median / peer);
  }
  if (work.target > 0) {
    std::printf("  target %.1f us (%.2f)", work.target * 1e6, time.median / work.target);
    tally.judge(time.median, work.target);
  } else if (work.targeted && work.fft > 0 && peer > 0) {
    tally.judge(time.median, kOfCufft * peer);
    tally.logs[work.name] = std::log(time.median / peer);
  }
  tally.seconds[work.name] = time.median;
  if (!(error <= kTolerance)) {
    ++tally.wrong;
    std::printf("  WRONG: %.0e is allowed", kTolerance);
  }
  std::printf("\n");
  print_kernels(*program);
  std::fflush(stdout);
}

/// A work held against another of ours.
void judge_pair(Tally& tally, const std::string& name, const std::string& other, double target) {
  if (!tally.seconds.contains(name) || !tally.seconds.contains(other)) return;
  const double ratio = tally.seconds[name] / tally.seconds[other];
  std::printf("%s / %s %.2f, target %.1f\n", name.c_str(), other.c_str(), ratio, target);
  tally.judge(ratio, target);
}

/// Geometric means of our time / cuFFT's.
void judge_means(Tally& tally) {
  for (const std::string kind : {"r2c ", "c2c "}) {
    double sum = 0.0;
    int count = 0;
    for (const auto& [name, log] : tally.logs) {
      if (!name.starts_with(kind)) continue;
      sum += log;
      ++count;
    }
    if (count == 0) continue;
    const double mean = std::exp(sum / count);
    std::printf("%s/ cuFFT, geometric mean of %d lengths %.2f, target 1.0\n", kind.c_str(), count,
                mean);
    tally.judge(mean, 1.0);
  }
}

Work peaks_work(TopMode mode, int segments, std::int64_t rows, double target) {
  PeaksOptions options;
  options.welch.nperseg = 256;
  options.welch.detrend = Detrend::none;
  options.mode = mode;
  const std::int64_t samples = 128 * (segments + 1);
  return {
      std::string(mode == TopMode::bins ? "bins" : "peaks") + " 256 x " + std::to_string(segments) +
          ", " + std::to_string(rows) + " rows",
      spectral::build_peaks(spectral::fit_peaks(options, samples, false), false, DType::f32, false),
      rows,
      samples,
      false,
      rows <= 32,
      target,
      0,
      mode == TopMode::bins
          ? std::optional(SeparateKernels{options.welch, rows, samples, options.top})
          : std::nullopt};
}

Work psd_work(std::int64_t n, double target) {
  WelchOptions options;
  options.nperseg = n;
  options.detrend = Detrend::none;
  const std::int64_t samples = n / 2 * 9;
  const std::int64_t rows = (std::int64_t{1} << 24) / samples;
  return {"psd " + std::to_string(n) + " x 8, " + std::to_string(rows) + " rows",
          spectral::build_welch(spectral::fit_welch(options, samples), false, DType::f32),
          rows,
          samples,
          false,
          false,
          target,
          0,
          SeparateKernels{options, rows, samples, 0}};
}

Work fft_work(std::int64_t n, bool real) {
  FftOptions options;
  options.real = real;
  const std::int64_t rows = (std::int64_t{1} << 24) / n;
  return {(real ? "r2c " : "c2c ") + std::to_string(n),
          spectral::build_fft(options, n, DType::f32),
          rows,
          n,
          !real,
          false,
          0.0,
          static_cast<int>(n),
          std::nullopt};
}

/// A network of radix-2 stages in the place of the transform: its time is held against cuFFT's too.
Work learned_work(std::int64_t n) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  const spectral::LearnedTransform learned{transform::random_butterfly(spec, 5)};
  const std::int64_t rows = (std::int64_t{1} << 24) / n;
  return {"learned c2c " + std::to_string(n),
          spectral::build_learned(learned, n, DType::f32),
          rows,
          n,
          true,
          false,
          0.0,
          static_cast<int>(n),
          std::nullopt,
          false};
}

Work mel_work() {
  const auto options = std::get<MelOptions>(profile("mel", "whisper", 16000).options);
  const std::int64_t samples = 30 * 16000;
  return {"whisper log-mel, 256 clips of 30 s",
          spectral::build_log_mel(spectral::fit_mel(options, samples, "whisper"), DType::f32),
          256,
          samples,
          false,
          false,
          256 * 4e-6,
          0,
          std::nullopt};
}

std::vector<Work> all_work() {
  std::vector<Work> all;
  all.push_back(peaks_work(TopMode::bins, 2, 32, 3.5e-6));
  all.push_back(peaks_work(TopMode::bins, 2, 8192, 8.5e-6));
  all.push_back(peaks_work(TopMode::bins, 2, 65536, 55e-6));
  all.push_back(peaks_work(TopMode::bins, 2, 1 << 20, 800e-6));
  all.push_back(peaks_work(TopMode::bins, 8, 8192, 30e-6));
  for (const std::int64_t rows : {8192, 65536}) {
    all.push_back(peaks_work(TopMode::peaks, 2, rows, 0.0));
  }
  all.push_back(psd_work(1024, 32e-6));
  all.push_back(psd_work(4096, 36e-6));
  all.push_back(mel_work());
  for (const std::int64_t n : {256, 1024}) all.push_back(learned_work(n));
  for (const bool real : {true, false}) {
    for (const std::int64_t n : {64, 128, 256, 400, 480, 512, 1000, 1024, 2048, 4096, 8192}) {
      all.push_back(fft_work(n, real));
    }
  }
  // Beyond a block's memory, where there is no target.
  for (const bool real : {true, false}) {
    for (const int power : {14, 16, 18, 20, 22, 24}) {
      all.push_back(fft_work(std::int64_t{1} << power, real));
      all.back().targeted = false;
    }
  }
  return all;
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  using namespace papilio::bench;  // NOLINT
  try {
    const auto& device = papilio::runtime::cuda::Device::get();
    const double ceiling = copy_ceiling(device);
    std::printf("%s, copy ceiling %.0f GB/s (read and written)\n", device.facts().name.c_str(),
                ceiling * 1e-9);
    if (argc == 1 || std::string("training").find(argv[1]) != std::string::npos) {
      run_training(device, 256, 4096);
    }
    Tally tally;
    for (const Work& work : all_work()) {
      if (argc > 1 && work.name.find(argv[1]) == std::string::npos) continue;
      try {
        run(work, ceiling, tally);
      } catch (const std::exception& error) {
        ++tally.wrong;
        std::printf("%-34s %s\n", work.name.c_str(), error.what());
      }
    }
    for (const std::string rows : {"8192", "65536"}) {
      judge_pair(tally, "peaks 256 x 2, " + rows + " rows", "bins 256 x 2, " + rows + " rows", 1.3);
    }
    judge_pair(tally, "learned c2c 256", "c2c 256", 1.3);
    judge_means(tally);
    for (const std::int64_t rows : {8192, 65536}) {
      if (argc <= 1 || std::string("host").find(argv[1]) == 0) {
        tally.judge(bench_host(device, rows), kOfBareCopy);
      }
    }
    std::printf("%d targets met, %d missed, %d results wrong\n", tally.met, tally.missed,
                tally.wrong);
    return tally.wrong == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
