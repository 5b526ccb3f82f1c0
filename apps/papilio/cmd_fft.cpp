// papilio fft: plain transforms of whole rows, as numpy's fft, ifft, rfft and irfft.
#include <algorithm>
#include <new>

#include "errors.h"
#include "fft_page.h"
#include "fft_run.h"
#include "like.h"
#include "options_common.h"
#include "output.h"
#include "papilio/definition.h"
#include "progress.h"
#include "record.h"
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
    "  papilio fft spectrum.npy --real --inverse -o back.npy\n"
    "  papilio fft rows.npy --model learned.safetensors -o spectrum.npy";
constexpr std::int64_t kShownElements = 8;

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
  meta["title"] = run.definition().title();
  meta["definition"] = base::parse_json(to_json(run.definition()), "the definition");
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

std::string table_of(const FftRun& run) {
  std::string text = heading(transform_name(run) + " of " + run.info.path) +
                     signal_text(run.info, run.info.samples) + ", n = " + std::to_string(run.n) +
                     ", " + std::to_string(run.length) + " " + name_of(run.out_dtype) +
                     " values a row\n";
  const std::vector<double> hz = bin_frequencies(run);
  for (std::int64_t row = 0; row < std::min(run.info.rows, kTableRows); ++row) {
    const auto at = static_cast<std::size_t>(row);
    const std::string flag = flag_text(run.info, run.status[at]);
    text += one_line(run.info.names[at]) + (flag.empty() ? "" : " [" + flag + "]") + "\n";
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

void add_fft_flags(Flags& flags, Like& like, std::string& model, Edit& edits) {
  flags.group("Definition");
  add_like_flag(flags, like, "");
  add_model_flag(flags, model);
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

// What the flags leave open is the model's to say.
void apply_model(const Flags& flags, const std::string& path, const Like& like, FftRun& run) {
  if (!path.empty()) {
    for (const char* name : {"--real", "--inverse", "--norm"}) {
      if (!flags.given(name)) continue;
      throw UsageError(std::string("[fft] ") + name +
                       " is of the exact transform: a model has its own input, direction and "
                       "scale; leave it out");
    }
    run.model = load_transform("fft", path);
  }
  const std::string other = check_like_model("fft", like, run.model ? &*run.model : nullptr);
  if (!other.empty()) run.warnings.push_back(other);
  if (!run.model) return;
  length_for("fft", *run.model, run.options.n.has_value(), run.options.n.value_or(0));
  run.options.real = run.model->learned->real_input();
  run.options.inverse = run.model->target == "idft";
  run.options.norm = run.model->norm;
}

}  // namespace

int run_fft(const std::vector<std::string>& arguments) {
  Flags flags("fft", "Fourier transform of every row, along the last axis, of any length.",
              kExample);
  CommonOptions common;
  FftRun run;
  Like like;
  Edit edits;
  std::string model;
  add_fft_flags(flags, like, model, edits);
  add_common_flags(flags, common);
  flags.parse(arguments);
  const auto kind = check_common(flags, common);
  run.options = options_of(like, edits);
  apply_model(flags, model, like, run);
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
    run_transform(common, *reader, run);
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
  if (!common.html.empty()) write_text(common.html, fft_page(common, run));
  if (common.wants_table()) write_text("-", table_of(run));
  if (common.quiet) return kOk;
  for (const std::string& warning : run.warnings) {
    warn("[fft] " + run.info.path + ": " + warning);
  }
  return kOk;
}

}  // namespace papilio::app
