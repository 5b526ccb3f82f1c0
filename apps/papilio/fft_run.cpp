// The transform behind papilio fft: memory, bad samples, overflow.
#include "fft_run.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "api/memory.h"
#include "base/memory.h"
#include "base/threads.h"
#include "papilio/error.h"
#include "record.h"
#include "runtime/compile.h"
#include "spectral/transform.h"

namespace papilio::app {
namespace {

DType result_dtype(const FftOptions& options, DType compute) {
  const bool real = options.real && options.inverse;
  if (compute == DType::f64) return real ? DType::f64 : DType::c128;
  return real ? DType::f32 : DType::c64;
}

// Result and `work`: the memory that the program takes on top.
void check_memory(const FftRun& run, const Execution& execution, double work) {
  const std::int64_t limit = api::memory_limit(execution);
  const double need = work + static_cast<double>(run.info.rows) * static_cast<double>(run.length) *
                                 static_cast<double>(size_of(run.out_dtype));
  if (limit <= 0 || need <= static_cast<double>(limit)) return;
  throw UserError("[fft] the transform of " + run.info.path + " takes " +
                  base::size_text(static_cast<std::int64_t>(std::min(need, 9e18))) +
                  ", the limit is " + base::size_text(limit) + "; use " +
                  (run.options.n ? "a shorter -n" : "a shorter --duration") +
                  ", fewer --channels, or raise --max-memory");
}

void note_bad_rows(FftRun& run, std::optional<Nonfinite> policy) {
  std::int64_t rows = 0;
  std::size_t first = 0;
  for (std::size_t row = 0; row < run.status.size(); ++row) {
    if (run.status[row].first_bad < 0) continue;
    if (rows++ == 0) first = row;
  }
  if (rows == 0) return;
  const std::string where = run.info.names[first] + " at sample " +
                            std::to_string(sample_in_file(run.info, run.status[first].first_bad));
  if (policy == Nonfinite::error) {
    throw UserError("[fft] " + run.info.path + " has a NaN or infinite sample (" + where +
                    "); clean the data, or use --nonfinite flag");
  }
  run.warnings.push_back(std::to_string(rows) + " of " + std::to_string(run.status.size()) +
                         " rows hold NaN or infinite samples (first: " + where +
                         "); they are flagged");
}

// Whether element [row, i] is finite, for any real or complex floating-point view.
template <typename T>
std::int64_t first_bad_of(const std::byte* row, std::int64_t count, std::int64_t stride,
                          int parts) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* element = reinterpret_cast<const T*>(row + i * stride);
    for (int part = 0; part < parts; ++part) {
      if (!std::isfinite(element[part])) return i;
    }
  }
  return -1;
}

// Finite rows whose spectrum does not fit into T: NaN (infinity less infinity) becomes infinity.
template <typename T>
void find_overflow(FftRun& run) {
  const std::int64_t parts = is_complex(run.out_dtype) ? 2 : 1;
  const std::int64_t count = run.length * parts;
  std::int64_t rows = 0;
  for (std::int64_t row = 0; row < run.info.rows; ++row) {
    runtime::RowStatus& status = run.status[static_cast<std::size_t>(row)];
    if (status.first_bad >= 0) continue;
    T* values = reinterpret_cast<T*>(run.bytes.data()) + row * count;
    for (std::int64_t i = 0; i < count; ++i) {
      if (std::isfinite(values[i])) continue;
      if (std::isnan(values[i])) values[i] = std::numeric_limits<T>::infinity();
      status.overflow = true;
    }
    rows += status.overflow ? 1 : 0;
  }
  if (rows == 0) return;
  run.warnings.push_back(
      std::to_string(rows) + " of " + std::to_string(run.status.size()) +
      " rows have results beyond " + (sizeof(T) == 4 ? "f32" : "f64") +
      (sizeof(T) == 4 ? "; use --dtype f64 or a smaller --scale" : "; use a smaller --scale"));
}

// A transform has no frames, so that the program itself does not look for bad samples.
void find_bad_samples(const base::TensorView& view, FftRun& run) {
  run.status.assign(static_cast<std::size_t>(run.info.rows), {});
  const bool wide = view.dtype == DType::f64 || view.dtype == DType::c128;
  const bool narrow = view.dtype == DType::f32 || view.dtype == DType::c64;
  if (!wide && !narrow) return;
  const int parts = is_complex(view.dtype) ? 2 : 1;
  const std::int64_t used = spectral::fft_inputs(run.options, view.shape[1]);
  for (std::int64_t row = 0; row < view.shape[0]; ++row) {
    const auto* at = static_cast<const std::byte*>(view.data) + row * view.byte_strides[0];
    run.status[static_cast<std::size_t>(row)].first_bad =
        wide ? first_bad_of<double>(at, used, view.byte_strides[1], parts)
             : first_bad_of<float>(at, used, view.byte_strides[1], parts);
  }
}

// A model takes rows of its own n, unless -n says that they are cut or filled.
void check_rows(const FftRun& run) {
  if (!run.model) return;
  const std::string n = std::to_string(run.model->n());
  if (run.model->takes_real && is_complex(run.info.dtype)) {
    throw UserError("[fft] " + run.info.path + " is complex, and " + run.model->reference.file +
                    " takes real samples; give real ones");
  }
  if (run.options.n || run.info.samples == run.model->n()) return;
  throw UserError("[fft] " + run.info.path + " has rows of " + std::to_string(run.info.samples) +
                  ", and " + run.model->reference.file + " is a model of n = " + n +
                  "; give rows of " + n + ", or -n " + n + " to cut or zero-fill them");
}

ir::Graph graph_of(const FftRun& run, DType compute) {
  if (run.model) return spectral::build_learned(*run.model->learned, run.info.samples, compute);
  return spectral::build_fft(run.options, run.info.samples, compute);
}

}  // namespace

Definition FftRun::definition() const {
  Definition definition{"fft", "", {}, options, {}};
  if (model) definition.model = model->reference;
  return definition;
}

void run_transform(const CommonOptions& common, io::SignalReader& reader, FftRun& run) {
  const DType in = run.info.dtype;
  const bool wide = in == DType::f64 || in == DType::c128;
  const DType compute = common.dtype.value_or(wide ? DType::f64 : DType::f32);
  check_rows(run);
  if (run.model) run.options.n = run.model->n();
  spectral::check_fft(run.options, run.info.samples, is_complex(in));
  run.length = spectral::fft_outputs(run.options, run.info.samples);
  run.n = spectral::fft_length(run.options, run.info.samples);
  run.out_dtype = result_dtype(run.options, compute);
  check_memory(run, common.execution, 0.0);
  api::check_transform(run.n, compute, common.execution, "[fft]", "-n");
  const auto program =
      runtime::compile(graph_of(run, compute), {common.execution.device, std::nullopt});
  run.strategy = program->strategy();
  const base::ThreadPool pool(common.execution.threads);
  const runtime::RunOptions how{&pool, runtime::BadSamples::flag};
  check_memory(run, common.execution,
               api::table_bytes(run.n, compute) +
                   program->run_memory({run.info.rows, run.info.samples, in}, how).work);
  io::Block block;
  reader.read(run.info.samples, block);
  find_bad_samples(block.view, run);
  run.bytes = base::Buffer<std::byte>(static_cast<std::size_t>(run.info.rows * run.length) *
                                      size_of(run.out_dtype));
  const base::TensorView out =
      base::dense(run.bytes.data(), run.out_dtype, {run.info.rows, run.length});
  runtime::Workspace work;
  program->run({&block.view, 1}, {&out, 1}, how, {}, work);
  note_bad_rows(run, common.nonfinite);
  if (compute == DType::f64) {
    find_overflow<double>(run);
  } else {
    find_overflow<float>(run);
  }
}

std::vector<double> bin_frequencies(const FftRun& run) {
  std::vector<double> hz;
  if (!run.info.fs || run.options.inverse || (run.model && run.model->target != "dft")) return hz;
  for (std::int64_t k = 0; k < run.length; ++k) {
    const bool negative = !run.options.real && 2 * k >= run.n && k > 0;
    hz.push_back(static_cast<double>(negative ? k - run.n : k) * *run.info.fs /
                 static_cast<double>(run.n));
  }
  return hz;
}

std::complex<double> element_of(const FftRun& run, std::int64_t index) {
  const std::byte* bytes = run.bytes.data();
  switch (run.out_dtype) {
    case DType::f32:
      return static_cast<double>(reinterpret_cast<const float*>(bytes)[index]);
    case DType::f64:
      return reinterpret_cast<const double*>(bytes)[index];
    case DType::c64:
      return reinterpret_cast<const std::complex<float>*>(bytes)[index];
    default:
      return reinterpret_cast<const std::complex<double>*>(bytes)[index];
  }
}

}  // namespace papilio::app
