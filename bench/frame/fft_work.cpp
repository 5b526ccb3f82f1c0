// Transforms of rows, checked against the reference device in double.
#include "fft_work.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "base/tensor.h"
#include "gpu_peer.h"
#include "gpu_ways.h"
#include "papilio/error.h"
#include "papilio/fft.h"
#include "rows.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/cufft.h"
#include "spectral/transform.h"

namespace papilio::bench {
namespace {

constexpr std::int64_t kElements = std::int64_t{1} << 21;  // of a batch, unless it is given
constexpr std::int64_t kLongest = std::int64_t{1} << 26;

FftOptions options_of(const std::string& work) {
  FftOptions options;
  options.real = work == "fft_r2c";
  options.inverse = work == "fft_c2c_inverse";
  options.norm = Norm::none;
  return options;
}

Cell cell_of(const std::string& work, std::int64_t n, std::int64_t batch) {
  if (n > kLongest) throw UserError("[bench] n " + std::to_string(n) + " is too long to measure");
  const bool real = work == "fft_r2c";
  const auto size = static_cast<double>(n);
  const double complex_bytes = 8.0;
  Cell cell{work, n, batch, 0, 0, 0.0, 0.0};
  cell.flops_per_row = (real ? 2.5 : 5.0) * size * std::log2(size);
  cell.bytes_per_row = real ? 4.0 * size + complex_bytes * static_cast<double>(n / 2 + 1)
                            : 2.0 * complex_bytes * size;
  return cell;
}

template <typename R>
using Complex = std::complex<R>;

/// Runs a transform on interleaved memory.
template <typename R>
void run_fft(const Fft<R>& fft, bool real, const R* in, R* out, std::int64_t rows,
             Scratch& scratch) {
  const View<Complex<R>> bins(reinterpret_cast<Complex<R>*>(out), rows, fft.outputs());
  if (real) {
    fft.run(View<const R>(in, rows, fft.length()), bins, scratch);
  } else {
    const auto* points = reinterpret_cast<const Complex<R>*>(in);
    fft.run(View<const Complex<R>>(points, rows, fft.length()), bins, scratch);
  }
}

/// The bounds of docs/definitions.md: exact lengths, and those of Bluestein's algorithm.
double tolerance_of(const FftProblem& problem) {
  std::int64_t rest = problem.n();
  for (const std::int64_t factor : {2, 3, 5}) {
    while (rest % factor == 0) rest /= factor;
  }
  return rest == 1 ? 4e-7 : 1e-6;
}

/// What a GPU has beside: rows that lie in its memory or are page-locked, and cuFFT.
void add_gpu(FftProblem& problem, const std::string& device, std::vector<Contender>& contenders) {
  const DType in = problem.real() ? DType::f32 : DType::c64;
  const std::int64_t bins = problem.out_length() / 2;
  const GpuTask task{
      device, base::dense(const_cast<float*>(problem.in()), in, {problem.rows(), problem.n()}),
      base::dense(problem.out(), DType::c64, {problem.rows(), bins}), tolerance_of(problem)};
  for (Contender& plan : gpu_plans(task, [&problem, device] {
         return runtime::compile(spectral::build_fft(problem.options(), problem.n(), DType::f32),
                                 {device, {}});
       })) {
    contenders.push_back(std::move(plan));
  }
  if (!runtime::cuda::cufft_available()) return;
  contenders.push_back(resident("cufft", task, [&problem](const runtime::cuda::Device& gpu) {
    return cufft_rows(gpu, problem.options(), problem.n(), problem.rows());
  }));
}

std::vector<Outcome> one_cell(const Settings& settings, const std::string& work, std::int64_t n,
                              std::int64_t batch, const FftPeers& peers) {
  try {
    FftProblem problem(work, n, batch);
    std::vector<Contender> contenders;
    for (const Run& way : runs_of(settings)) contenders.push_back(papilio_fft(problem, way));
    if (on_gpu(settings.device)) add_gpu(problem, settings.device, contenders);
    if (peers) peers(problem, contenders);
    keep_wanted(settings, contenders);
    return race(problem, contenders, settings.race);
  } catch (const std::exception& error) {
    return {failed_cell({work, n, batch, 0, 0, 0.0, 0.0}, error.what())};
  }
}

}  // namespace

Contender papilio_fft(FftProblem& problem, const Run& way) {
  const auto prepare = [&problem, way]() -> std::function<void()> {
    const ScopedIsa isa(way.isa);
    const Execution execution{way.device, way.threads, 0};
    const auto fft = std::make_shared<Fft<float>>(problem.n(), problem.options(), execution);
    const auto scratch = std::make_shared<Scratch>();
    return [&problem, fft, scratch] {
      run_fft(*fft, problem.real(), problem.in(), problem.out(), problem.rows(), *scratch);
    };
  };
  return {"papilio", way.variant, tolerance_of(problem), prepare};
}

FftProblem::FftProblem(const std::string& work, std::int64_t n, std::int64_t batch)
    : Problem(cell_of(work, n, batch)),
      options_(options_of(work)),
      in_length_(options_.real ? n : 2 * n),
      out_length_(options_.real ? 2 * (n / 2 + 1) : 2 * n),
      in_(noise_rows(batch, in_length_, out_length_)),
      out_(static_cast<std::size_t>(batch * out_length_)) {
  const std::vector<double> rows = distinct_rows(in_, batch, in_length_);
  const std::int64_t count = std::min(batch, kDistinctRows);
  reference_.resize(static_cast<std::size_t>(count * out_length_));
  Scratch scratch;
  run_fft(Fft<double>(n, options_, {"reference", 1, 0}), options_.real, rows.data(),
          reference_.data(), count, scratch);
}

void FftProblem::spoil() { bench::spoil(out_); }

double FftProblem::error() const {
  return worst_relative_error(out_, reference_, cell_.batch, out_length_);
}

std::vector<std::string> fft_works() { return {"fft_r2c", "fft_c2c", "fft_c2c_inverse"}; }

std::vector<std::int64_t> fft_lengths() {
  return {64, 128, 256, 400, 480, 512, 1000, 1024, 1536, 2048, 4096};
}

std::vector<Outcome> bench_fft(const Settings& settings, const FftPeers& peers, const Told& told) {
  check_works(settings, fft_works());
  std::vector<Outcome> outcomes;
  for (const std::string& work : fft_works()) {
    if (!wanted(settings, work)) continue;
    for (const std::int64_t n : settings.n_fft.empty() ? fft_lengths() : settings.n_fft) {
      const std::vector<std::int64_t> usual{std::max<std::int64_t>(1, kElements / n)};
      for (const std::int64_t batch : settings.batch.empty() ? usual : settings.batch) {
        const std::vector<Outcome> cell = one_cell(settings, work, n, batch, peers);
        if (told) told(cell);
        outcomes.insert(outcomes.end(), cell.begin(), cell.end());
      }
    }
  }
  return outcomes;
}

std::vector<Outcome> bench_fft_plans(const Settings& settings) {
  using Clock = std::chrono::steady_clock;
  std::vector<Outcome> outcomes;
  for (const std::int64_t n : settings.n_fft.empty() ? fft_lengths() : settings.n_fft) {
    Outcome outcome{{"plan_r2c", n, 1, 0, 0, 0.0, 0.0}, "papilio", "", 0.0, "", {}};
    try {
      const auto begin = Clock::now();
      const Fft<float> fft(n, {.real = true}, {settings.device, 1, 0});
      const double ns = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
      outcome.timing = {ns, ns, ns, ns, 1};
    } catch (const std::exception& error) {
      outcome.failure = error.what();
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

}  // namespace papilio::bench
