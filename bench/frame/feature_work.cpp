// Features of rows, checked against the reference device in double.
#include "feature_work.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "api/prepare.h"
#include "base/tensor.h"
#include "base/threads.h"
#include "gpu_peer.h"
#include "gpu_ways.h"
#include "papilio/error.h"
#include "papilio/features.h"
#include "rows.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/cufft.h"

namespace papilio::bench {
namespace {

constexpr std::int64_t kUsualLength = 256;
constexpr std::int64_t kUsualRows = 8192;
constexpr std::int64_t kWhisperLength = 400;
constexpr std::int64_t kClipSamples = 30 * 16000;
constexpr std::int64_t kSlot = 4;  // bin, power, frequency_hz, peak_power

// Conditions of peaks_peaks, for noise of variance 1/3 whose mean density is 2/3 at fs 1.
constexpr double kHeight = 0.3;
constexpr double kDistanceBins = 3.0;

/// One of the three public functions, into memory.
template <typename R>
void run_feature(const Definition& definition, View<const R> rows, std::span<R> out,
                 const Execution& execution) {
  if (const auto* welch = std::get_if<WelchOptions>(&definition.options)) {
    welch_into(rows, out, *welch, execution);
  } else if (const auto* peaks = std::get_if<PeaksOptions>(&definition.options)) {
    peaks_into(rows, out, *peaks, execution);
  } else {
    log_mel_into(rows, out, std::get<MelOptions>(definition.options), execution);
  }
}

std::int64_t values_per_row(const Definition& definition, std::int64_t samples) {
  if (const auto* welch = std::get_if<WelchOptions>(&definition.options)) {
    return welch_shape(*welch, 1, samples)[1];
  }
  if (const auto* peaks = std::get_if<PeaksOptions>(&definition.options)) {
    return kSlot * peaks->top;
  }
  const auto shape = log_mel_shape(std::get<MelOptions>(definition.options), 1, samples);
  return shape[1] * shape[2];
}

/// The largest relative difference of powers at equal ranks; infinity where one list is longer.
double peaks_difference(const float* slots, const double* reference, std::int64_t values) {
  double worst = 0.0;
  for (std::int64_t slot = 0; slot < values; slot += kSlot) {
    const bool used = reference[slot] >= 0.0;
    const bool found = slots[slot] >= 0.0F;
    if (used != found) return std::numeric_limits<double>::infinity();
    if (!used) {
      if (slots[slot] != -1.0F) return std::nan("");  // never written
      continue;
    }
    const double power = reference[slot + 1];
    const double error = std::abs(static_cast<double>(slots[slot + 1]) - power) / power;
    if (std::isnan(error)) return error;
    worst = std::max(worst, error);
  }
  return worst;
}

double largest_difference(const float* y, const double* x, std::int64_t values) {
  double worst = 0.0;
  for (std::int64_t i = 0; i < values; ++i) {
    const double error = std::abs(static_cast<double>(y[i]) - x[i]);
    if (std::isnan(error)) return error;
    worst = std::max(worst, error);
  }
  return worst;
}

/// The public function, whole: what a caller pays who has nothing prepared.
Contender one_call(FeatureProblem& problem, const Run& way) {
  const auto prepare = [&problem, way]() -> std::function<void()> {
    return [&problem, way] {
      const ScopedIsa isa(way.isa);
      const View<const float> rows(problem.in(), problem.rows(), problem.samples());
      const auto size = static_cast<std::size_t>(problem.rows() * problem.out_length());
      run_feature(problem.definition(), rows, std::span(problem.out(), size),
                  {way.device, way.threads, 0});
    };
  };
  return {"papilio", way.variant, feature_tolerance(problem), prepare};
}

/// The rows and results of a problem, as a program of it takes them.
struct Ports {
  base::TensorView in;
  base::TensorView out;
};

Ports ports_of(FeatureProblem& problem, const api::Fitted& fitted) {
  const auto shape = api::shape_of(fitted, problem.rows(), problem.samples(), false);
  Ports ports{base::dense(const_cast<float*>(problem.in()), DType::f32,
                          {problem.rows(), problem.samples()}),
              shape.size() == 2
                  ? base::dense(problem.out(), DType::f32, {shape[0], shape[1]})
                  : base::dense(problem.out(), DType::f32, {shape[0], shape[1], shape[2]})};
  if (problem.definition().verb == "mel") {  // programs write [rows, frames, bands]
    std::swap(ports.out.shape[1], ports.out.shape[2]);
    std::swap(ports.out.byte_strides[1], ports.out.byte_strides[2]);
  }
  return ports;
}

api::Fitted fitted(const FeatureProblem& problem, const Run& way) {
  return api::fit(problem.definition(), problem.samples(), false, DType::f32,
                  {way.device, way.threads, 0});
}

/// A program made once, with its memory and threads kept: what a stream or a server pays.
Contender compiled_once(FeatureProblem& problem, const Run& way) {
  const auto prepare = [&problem, way]() -> std::function<void()> {
    const ScopedIsa isa(way.isa);
    const api::Fitted fit = fitted(problem, way);
    const auto program = runtime::compile(fit.graph, {way.device, {}});
    const auto pool = std::make_shared<base::ThreadPool>(way.threads);
    const auto work = std::make_shared<runtime::Workspace>();
    const auto status =
        std::make_shared<std::vector<runtime::RowStatus>>(static_cast<std::size_t>(problem.rows()));
    return [ports = ports_of(problem, fit), program, pool, work, status] {
      program->run({&ports.in, 1}, {&ports.out, 1}, {pool.get()}, *status, *work);
    };
  };
  return {"papilio_plan", way.variant, feature_tolerance(problem), prepare};
}

/// What a GPU has beside: rows that lie in its memory or are page-locked, and cuFFT.
void add_gpu(FeatureProblem& problem, const Run& way, std::vector<Contender>& contenders) {
  const Ports ports = ports_of(problem, fitted(problem, way));
  const GpuTask task{way.device, ports.in, ports.out, feature_tolerance(problem)};
  for (Contender& plan : gpu_plans(task, [&problem, way] {
         return runtime::compile(fitted(problem, way).graph, {way.device, {}});
       })) {
    contenders.push_back(std::move(plan));
  }
  const Definition& definition = problem.definition();
  const auto* peaks = std::get_if<PeaksOptions>(&definition.options);
  if (definition.verb == "mel" || (peaks != nullptr && peaks->mode != TopMode::bins)) return;
  const SeparateKernels work{problem.welch(), problem.rows(), problem.samples(),
                             peaks != nullptr ? peaks->top : 0};
  if (!can_separate(work) || !runtime::cuda::cufft_available()) return;
  contenders.push_back(resident("cufft_kernels", task, [work](const runtime::cuda::Device& device) {
    return separate_kernels(device, work);
  }));
}

double transform_flops(std::int64_t n) {
  return 2.5 * static_cast<double>(n) * std::log2(static_cast<double>(n));
}

std::unique_ptr<FeatureProblem> welch_problem(const std::string& work, const Cell& sizes,
                                              Detrend detrend) {
  WelchOptions welch;
  welch.nperseg = sizes.n;
  welch.detrend = detrend;
  const std::int64_t hop = sizes.n - sizes.n / 2;
  const std::int64_t samples = sizes.n + (sizes.segments - 1) * hop;
  Cell cell = sizes;
  cell.work = work;
  cell.flops_per_row = static_cast<double>(sizes.segments) * transform_flops(sizes.n);
  const double in_bytes = 4.0 * static_cast<double>(samples);
  if (work == "welch") {
    cell.bytes_per_row = in_bytes + 4.0 * static_cast<double>(sizes.n / 2 + 1);
    return std::make_unique<FeatureProblem>(cell, Definition{"psd", "", {}, welch}, samples);
  }
  PeaksOptions peaks{welch, sizes.k, TopMode::bins, {}, {}, {}, {}};
  if (work == "peaks_peaks") {
    peaks.mode = TopMode::peaks;
    peaks.height = kHeight;
    peaks.min_distance = kDistanceBins / static_cast<double>(sizes.n);
  }
  cell.bytes_per_row = in_bytes + 4.0 * static_cast<double>(kSlot * sizes.k);
  return std::make_unique<FeatureProblem>(cell, Definition{"peaks", "", {}, peaks}, samples);
}

std::unique_ptr<FeatureProblem> mel_problem(const Cell& sizes) {
  Definition whisper = profile("mel", "whisper", 16000.0);
  auto& options = std::get<MelOptions>(whisper.options);
  options.n_fft = sizes.n;
  options.win_length = sizes.n;
  Cell cell = sizes;
  const auto frames = static_cast<double>(kClipSamples / options.hop_length);
  cell.flops_per_row = frames * transform_flops(sizes.n);
  cell.bytes_per_row =
      4.0 * static_cast<double>(kClipSamples) + 4.0 * frames * static_cast<double>(options.n_mels);
  return std::make_unique<FeatureProblem>(cell, whisper, kClipSamples);
}

std::vector<Outcome> one_cell(const Settings& settings, const Cell& cell,
                              const FeaturePeers& peers) {
  try {
    const auto problem =
        cell.work == "mel" ? mel_problem(cell) : welch_problem(cell.work, cell, settings.detrend);
    std::vector<Contender> contenders;
    const std::vector<Run> ways = runs_of(settings);
    for (const Run& way : ways) {
      contenders.push_back(one_call(*problem, way));
      contenders.push_back(compiled_once(*problem, way));
    }
    if (on_gpu(settings.device)) add_gpu(*problem, ways.front(), contenders);
    if (peers) peers(*problem, contenders);
    keep_wanted(settings, contenders);
    return race(*problem, contenders, settings.race);
  } catch (const std::exception& error) {
    return {failed_cell(cell, error.what())};
  }
}

std::vector<std::int64_t> given_or(const std::vector<std::int64_t>& given, std::int64_t usual) {
  return given.empty() ? std::vector<std::int64_t>{usual} : given;
}

/// The cells of one work: n x batch x segments x k, as far as the work has them.
std::vector<Cell> grid_of(const std::string& work, const Settings& settings) {
  const bool mel = work == "mel";
  const std::vector<std::int64_t> none{0};
  const std::vector<std::int64_t>& segments = mel ? none : settings.segments;
  const std::vector<std::int64_t>& ks = work.starts_with("peaks") ? settings.k : none;
  std::vector<Cell> cells;
  for (const std::int64_t n : given_or(settings.n_fft, mel ? kWhisperLength : kUsualLength)) {
    for (const std::int64_t batch : given_or(settings.batch, mel ? 1 : kUsualRows)) {
      for (const std::int64_t s : segments) {
        for (const std::int64_t k : ks) cells.push_back({work, n, batch, s, k, 0.0, 0.0});
      }
    }
  }
  return cells;
}

}  // namespace

FeatureProblem::FeatureProblem(Cell cell, Definition definition, std::int64_t samples)
    : Problem(std::move(cell)),
      definition_(std::move(definition)),
      samples_(samples),
      out_length_(values_per_row(definition_, samples)),
      in_(noise_rows(cell_.batch, samples, out_length_)),
      out_(static_cast<std::size_t>(cell_.batch * out_length_)) {
  const std::vector<double> rows = distinct_rows(in_, cell_.batch, samples);
  const std::int64_t count = std::min(cell_.batch, kDistinctRows);
  reference_.resize(static_cast<std::size_t>(count * out_length_));
  run_feature(definition_, View<const double>(rows.data(), count, samples), std::span(reference_),
              {"reference", 1, 0});
}

const WelchOptions& FeatureProblem::welch() const {
  const auto* peaks = std::get_if<PeaksOptions>(&definition_.options);
  return peaks != nullptr ? peaks->welch : std::get<WelchOptions>(definition_.options);
}

void FeatureProblem::spoil() { bench::spoil(out_); }

double FeatureProblem::error() const {
  if (definition_.verb == "psd") {
    return worst_relative_error(out_, reference_, cell_.batch, out_length_);
  }
  const auto distance = definition_.verb == "peaks" ? peaks_difference : largest_difference;
  double worst = 0.0;
  for (std::int64_t row = 0; row < cell_.batch; ++row) {
    const double error =
        distance(out_.data() + row * out_length_,
                 reference_.data() + (row % kDistinctRows) * out_length_, out_length_);
    if (std::isnan(error)) return error;
    worst = std::max(worst, error);
  }
  return worst;
}

double feature_tolerance(const FeatureProblem& problem) {
  const std::string& verb = problem.definition().verb;
  // A single bin's power may be off by more than its row's norm; mel is in whisper's units.
  return verb == "psd" ? 1e-6 : verb == "peaks" ? 4e-6 : 2e-4;
}

std::vector<Outcome> bench_features(const std::string& question, const Settings& settings,
                                    const FeaturePeers& peers, const Told& told) {
  std::vector<std::string> works{question};
  if (question == "peaks") works = {"peaks_bins", "peaks_peaks"};
  check_works(settings, works);
  std::vector<Outcome> outcomes;
  for (const std::string& work : works) {
    if (!wanted(settings, work)) continue;
    for (const Cell& cell : grid_of(work, settings)) {
      const std::vector<Outcome> raced = one_cell(settings, cell, peers);
      if (told) told(raced);
      outcomes.insert(outcomes.end(), raced.begin(), raced.end());
    }
  }
  return outcomes;
}

}  // namespace papilio::bench
