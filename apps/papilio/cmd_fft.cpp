// papilio fft: plain transforms of whole rows, as numpy's fft, ifft, rfft and irfft.
#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/threads.h"
#include "errors.h"
#include "like.h"
#include "options_common.h"
#include "output.h"
#include "papilio/definition.h"
#include "progress.h"
#include "record.h"
#include "runtime/compile.h"
#include "spectral/check.h"
#include "spectral/transform.h"
#include "tables.h"
#include "verb.h"

namespace papilio::app {
namespace {

using Edit = Edits<FftOptions>;

constexpr const char* kExample =
    "Examples:\n"
    "  papilio fft signal.npy --real -o spectrum.npy\n"
    "  papilio fft spectrum.npy --real --inverse -o back.npy";
constexpr std::int64_t kShownElements = 8;

struct FftRun {
  FftOptions options;
  io::SignalInfo info;
  DType out_dtype = DType::c64;
  std::int64_t length = 0;  ///< elements of a row of the result
  std::int64_t n = 0;       ///< of the transform
  base::Buffer<std::byte> bytes;
  std::vector<runtime::RowStatus> status;
  std::string strategy;
  std::vector<std::string> warnings;
};

DType result_dtype(const FftOptions& options, DType compute) {
  const bool real = options.real && options.inverse;
  if (compute == DType::f64) return real ? DType::f64 : DType::c128;
  return real ? DType::f32 : DType::c64;
}

void check_memory(const FftRun& run, const Execution& execution) {
  const std::int64_t limit =
      execution.max_memory > 0 ? execution.max_memory : base::available_memory() / 2;
  const double need = static_cast<double>(run.info.rows) * static_cast<double>(run.length) *
                      static_cast<double>(size_of(run.out_dtype));
  if (limit <= 0 || need <= static_cast<double>(limit)) return;
  throw UserError("[fft] the result of " + run.info.path + " takes " +
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

void transform(const CommonOptions& common, io::SignalReader& reader, FftRun& run) {
  const DType in = run.info.dtype;
  const bool wide = in == DType::f64 || in == DType::c128;
  const DType compute = common.dtype.value_or(wide ? DType::f64 : DType::f32);
  spectral::check_fft(run.options, run.info.samples, is_complex(in));
  run.length = spectral::fft_outputs(run.options, run.info.samples);
  run.n = spectral::fft_length(run.options, run.info.samples);
  run.out_dtype = result_dtype(run.options, compute);
  check_memory(run, common.execution);
  const auto program = runtime::compile(spectral::build_fft(run.options, run.info.samples, compute),
                                        {common.execution.device, std::nullopt});
  run.strategy = program->strategy();
  io::Block block;
  reader.read(run.info.samples, block);
  find_bad_samples(block.view, run);
  run.bytes = base::Buffer<std::byte>(static_cast<std::size_t>(run.info.rows * run.length) *
                                      size_of(run.out_dtype));
  const base::TensorView out =
      base::dense(run.bytes.data(), run.out_dtype, {run.info.rows, run.length});
  const base::ThreadPool pool(common.execution.threads);
  runtime::Workspace work;
  program->run({&block.view, 1}, {&out, 1}, {&pool, runtime::BadSamples::flag}, {}, work);
  note_bad_rows(run, common.nonfinite);
  if (compute == DType::f64) {
    find_overflow<double>(run);
  } else {
    find_overflow<float>(run);
  }
}

// Hz of the bins, in FFT order; empty without a rate or for samples in time.
std::vector<double> bin_frequencies(const FftRun& run) {
  std::vector<double> hz;
  if (!run.info.fs || run.options.inverse) return hz;
  for (std::int64_t k = 0; k < run.length; ++k) {
    const bool negative = !run.options.real && 2 * k >= run.n && k > 0;
    hz.push_back(static_cast<double>(negative ? k - run.n : k) * *run.info.fs /
                 static_cast<double>(run.n));
  }
  return hz;
}

template <typename T>
io::NamedArray borrow_data(const FftRun& run) {
  const auto* values = reinterpret_cast<const T*>(run.bytes.data());
  return io::borrow<T>(
      "data", shape_after_rows(run.info, {run.length}),
      std::span<const T>(values, static_cast<std::size_t>(run.info.rows * run.length)));
}

io::NamedArray data_of(const FftRun& run) {
  switch (run.out_dtype) {
    case DType::f32:
      return borrow_data<float>(run);
    case DType::f64:
      return borrow_data<double>(run);
    case DType::c64:
      return borrow_data<std::complex<float>>(run);
    default:
      return borrow_data<std::complex<double>>(run);
  }
}

io::Result record_of(const FftRun& run, bool stamp) {
  io::Result record;
  record.verb = "fft";
  record.file = run.info.path;
  record.axes.assign(run.info.leading_axes.size(), io::Axis::row);
  record.axes.push_back(run.options.inverse ? io::Axis::sample : io::Axis::bin);
  record.arrays.push_back(data_of(run));
  if (std::vector<double> hz = bin_frequencies(run); !hz.empty()) {
    record.arrays.push_back(io::own<double>("frequencies", {run.length}, std::move(hz)));
  }
  record.arrays.push_back(io::texts("names", run.info.names));
  std::vector<std::string> flags;
  for (const runtime::RowStatus& status : run.status) flags.push_back(flag_text(run.info, status));
  record.arrays.push_back(io::texts("flags", std::move(flags)));
  base::Json meta = record_head("fft", run.info);
  meta["title"] = "";
  meta["definition"] =
      base::parse_json(to_json(Definition{"fft", "", {}, run.options}), "the definition");
  meta["dtype"] = name_of(run.out_dtype);
  meta["samples"] = run.info.samples;
  const std::int64_t used = spectral::fft_inputs(run.options, run.info.samples);
  meta["samples_used"] = used;
  meta["samples_dropped"] = run.info.samples - used;
  add_device(meta, run.strategy);
  meta["warnings"] = run.warnings;
  add_stamp(meta, stamp);
  record.meta = std::move(meta);
  return record;
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

std::string table_of(const FftRun& run) {
  const char* what = run.options.real      ? run.options.inverse ? "irfft" : "rfft"
                     : run.options.inverse ? "ifft"
                                           : "fft";
  std::string text = heading(std::string(what) + " of " + run.info.path) +
                     signal_text(run.info, run.info.samples) + ", n = " + std::to_string(run.n) +
                     ", " + std::to_string(run.length) + " " + name_of(run.out_dtype) +
                     " values a row\n";
  const std::vector<double> hz = bin_frequencies(run);
  for (std::int64_t row = 0; row < std::min(run.info.rows, kTableRows); ++row) {
    text += one_line(run.info.names[static_cast<std::size_t>(row)]) + "\n";
    TextTable table({run.options.inverse ? "sample" : "bin", "Hz", "re", "im", "magnitude"});
    for (std::int64_t i = 0; i < std::min(run.length, kShownElements); ++i) {
      const std::complex<double> value = element_of(run, row * run.length + i);
      table.add({std::to_string(i),
                 hz.empty() ? "-" : short_number(hz[static_cast<std::size_t>(i)], 7),
                 short_number(value.real(), 6), short_number(value.imag(), 6),
                 short_number(std::abs(value), 6)});
    }
    text += table.text();
  }
  if (run.info.rows > kTableRows || run.length > kShownElements) {
    text += "-o FILE writes all " + std::to_string(run.info.rows) + " x " +
            std::to_string(run.length) + " values\n";
  }
  return text;
}

void add_fft_flags(Flags& flags, Like& like, Edit& edits) {
  flags.group("Definition");
  add_like_flag(flags, like, "");
  flags.edit("-n", "N", "transform length: cuts or zero-fills the rows", edits, &FftOptions::n);
  flags.flag("--real", "of real numbers: half of the spectrum",
             [&edits] { edits.push_back([](FftOptions& o) { o.real = true; }); });
  flags.flag("--inverse", "from spectrum to signal",
             [&edits] { edits.push_back([](FftOptions& o) { o.inverse = true; }); });
  flags.edit("--norm", choice_list<Norm>(), "as in numpy; none: no factor (backward)", edits,
             &FftOptions::norm);
}

FftOptions options_of(const Like& like, const Edit& edits) {
  FftOptions options;
  if (like.file) options = std::get<FftOptions>(like.file->options);
  for (const auto& edit : edits) edit(options);
  if (options.n && *options.n < 1) throw UsageError("[fft] -n must be 1 or more");
  if (options.n) as_usage([&] { spectral::Check("fft").length("n", *options.n); });
  return options;
}

}  // namespace

int run_fft(const std::vector<std::string>& arguments) {
  Flags flags("fft", "Fourier transform of every row, along the last axis, of any length.",
              kExample);
  CommonOptions common;
  FftRun run;
  Like like;
  Edit edits;
  add_fft_flags(flags, like, edits);
  add_common_flags(flags, common, false);
  flags.parse(arguments);
  const auto kind = check_common(flags, common);
  run.options = options_of(like, edits);
  if (common.nonfinite == Nonfinite::skip) {
    throw UsageError(
        "[fft] --nonfinite skip leaves out segments, and fft has none; give flag or "
        "error");
  }
  common.in.needs_fs = false;
  const io::ReaderPtr reader = io::open_input(common.input, common.in);
  run.info = reader->info();
  check_reader_flags(flags, run.info);
  try {
    transform(common, *reader, run);
  } catch (const std::bad_alloc&) {
    throw DeviceError("[fft] " + run.info.path +
                      ": out of memory for a transform of n = " + std::to_string(run.n) +
                      " elements a row; use a shorter -n, fewer --channels or a shorter " +
                      "--duration");
  }
  if (kind || common.json) {
    const io::Result record = record_of(run, common.stamp);
    if (kind) io::write_result(record, *kind, common.output);
    if (common.json) write_json_line(record);
  }
  if (common.wants_table()) write_text("-", table_of(run));
  if (common.quiet) return kOk;
  for (const std::string& warning : run.warnings) {
    warn("[fft] " + run.info.path + ": " + warning);
  }
  return kOk;
}

}  // namespace papilio::app
