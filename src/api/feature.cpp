// Features on rows and on streams.
#include "api/feature.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "api/check.h"
#include "api/memory.h"
#include "api/prepare.h"
#include "api/program_cache.h"
#include "papilio/error.h"
#include "runtime/cpu/sample_buffer.h"

namespace papilio::api {
namespace {

runtime::RunOptions run_options(const FeatureSpec& spec, const base::ThreadPool& pool) {
  const bool skip = nonfinite_of(spec.definition) == Nonfinite::skip;
  return {&pool, skip ? runtime::BadSamples::skip : runtime::BadSamples::flag};
}

std::string place_of(const FeatureSpec& spec) {
  return spec.source.empty() ? std::string() : spec.source + ": ";
}

/// Throws when Nonfinite::error is asked for and a row holds bad samples.
void check_finite(const FeatureSpec& spec, std::span<const runtime::RowStatus> status) {
  if (nonfinite_of(spec.definition) != Nonfinite::error) return;
  for (std::size_t row = 0; row < status.size(); ++row) {
    if (status[row].first_bad < 0) continue;
    const bool mel = std::holds_alternative<MelOptions>(spec.definition.options);
    const std::string name =
        row < spec.row_names.size() ? spec.row_names[row] : "row " + std::to_string(row);
    throw UserError(tag_of(spec.definition) + " " + place_of(spec) + "a NaN or infinite sample (" +
                    name + " at sample " +
                    std::to_string(status[row].first_bad + spec.first_sample) +
                    "); clean the data, or use --nonfinite flag" + (mel ? "" : " or skip"));
  }
}

FeatureResult empty_result(const FeatureSpec& spec, const Fitted& fitted, std::int64_t samples,
                           const runtime::Program& program) {
  FeatureResult result;
  result.dtype = spec.compute;
  result.shape = {spec.rows};
  describe(fitted, samples, spec.complex, result);
  result.strategy = program.strategy();
  return result;
}

std::size_t bytes_of(const FeatureResult& result) {
  auto count = static_cast<std::int64_t>(size_of(result.dtype));
  for (const std::int64_t extent : result.shape) {
    if (__builtin_mul_overflow(count, extent, &count)) {
      throw UserError(tag_of(result.definition) +
                      " the result has more values than memory holds; "
                      "use fewer rows");
    }
  }
  return static_cast<std::size_t>(count);
}

/// Running out of memory is the machine's failure, said in the terms of the request.
template <typename Body>
auto with_memory(const FeatureSpec& spec, Body&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    throw DeviceError(tag_of(spec.definition) + " " + place_of(spec) + "out of memory for " +
                      std::to_string(spec.rows) + " rows; use fewer rows or shorter segments");
  }
}

/// The result's memory as the program writes it: mel is [rows, frames, bands] whatever the layout.
base::TensorView output_view(std::byte* data, const FeatureResult& result, const Fitted& fitted) {
  const auto& shape = result.shape;
  if (shape.size() == 2) return base::dense(data, result.dtype, {shape[0], shape[1]});
  base::TensorView view = base::dense(data, result.dtype, {shape[0], shape[1], shape[2]});
  const auto* mel = std::get_if<MelOptions>(&fitted.definition.options);
  if (mel != nullptr && mel->layout == Layout::bands_frames) {
    std::swap(view.shape[1], view.shape[2]);
    std::swap(view.byte_strides[1], view.byte_strides[2]);
  }
  return view;
}

template <typename T>
std::int64_t used_slots(const std::byte* bytes, std::int64_t k) {
  const T* slots = reinterpret_cast<const T*>(bytes);
  std::int64_t used = 0;
  while (used < k && slots[4 * used] >= T(0)) ++used;
  return used;
}

/// Results of finite samples that do not fit into T: NaN (infinity less infinity) becomes infinity,
/// which is what the true value rounds to.
template <typename T>
void settle_overflow(std::span<T> values) {
  for (T& value : values) {
    if (std::isnan(value)) value = std::numeric_limits<T>::infinity();
  }
}

template <typename T>
void find_overflow(FeatureResult& result, std::byte* data) {
  if (result.shape[0] == 0) return;
  std::size_t per_row = 1;
  for (std::size_t i = 1; i < result.shape.size(); ++i) {
    per_row *= static_cast<std::size_t>(result.shape[i]);
  }
  for (std::size_t row = 0; row < result.status.size(); ++row) {
    bool& overflow = result.status[row].overflow;
    if (!overflow) continue;
    const std::int64_t skipped = result.status[row].skipped;
    // What is not finite comes from the samples, unless those were left out and something remained.
    if (result.status[row].first_bad >= 0 && (skipped == 0 || skipped == result.frames)) {
      overflow = false;
      continue;
    }
    const std::size_t used =
        result.count.empty() ? per_row : 4 * static_cast<std::size_t>(result.count[row]);
    settle_overflow<T>({reinterpret_cast<T*>(data) + row * per_row, used});
    if (!result.warnings.empty() && result.warnings.back().starts_with("row ")) continue;
    result.warnings.push_back("row " + std::to_string(row) + " has results beyond " +
                              name_of(result.dtype) +
                              (result.dtype == DType::f32 ? "; use --dtype f64 or a smaller --scale"
                                                          : "; use a smaller --scale"));
  }
}

void count_slots(FeatureResult& result, const std::byte* data) {
  if (!std::holds_alternative<PeaksOptions>(result.definition.options)) return;
  const std::int64_t k = result.shape[1];
  const std::size_t row_bytes = static_cast<std::size_t>(4 * k) * size_of(result.dtype);
  for (std::size_t row = 0; row < static_cast<std::size_t>(result.shape[0]); ++row) {
    const std::byte* slots = data + row * row_bytes;
    result.count.push_back(result.dtype == DType::f64 ? used_slots<double>(slots, k)
                                                      : used_slots<float>(slots, k));
  }
}

/// Facts that follow from the data: statuses, slots in use, overflow.
void complete(FeatureResult& result, std::byte* data, std::span<const runtime::RowStatus> status) {
  result.status.assign(status.begin(), status.end());
  count_slots(result, data);
  if (result.dtype == DType::f64) {
    find_overflow<double>(result, data);
  } else {
    find_overflow<float>(result, data);
  }
}

/// Runs on whole rows; `memory` gives a place for so many bytes.
FeatureResult run_rows(const FeatureSpec& spec, const base::TensorView& rows,
                       base::FunctionRef<std::byte*(std::size_t)> memory) {
  check_definition(spec.definition, spec.complex);
  check_execution(spec.execution, tag_of(spec.definition));
  check_scale(rows.scale, spec.compute, tag_of(spec.definition));
  const std::int64_t samples = rows.shape[1];
  const auto prepared = prepare(spec, samples);
  const Fitted& fitted = prepared->fitted;
  const auto& program = prepared->program;
  const base::ThreadPool pool(spec.execution.threads);
  const runtime::Load load{spec.rows, samples, rows.dtype};
  check_memory(spec, fitted, samples, program->run_memory(load, run_options(spec, pool)), false);
  FeatureResult result = empty_result(spec, fitted, samples, *program);
  std::byte* data = memory(bytes_of(result));
  std::vector<runtime::RowStatus> status(static_cast<std::size_t>(spec.rows));
  const base::TensorView out = output_view(data, result, fitted);
  runtime::Workspace work;
  program->run({&rows, 1}, {&out, 1}, run_options(spec, pool), status, work);
  check_finite(spec, status);
  complete(result, data, status);
  return result;
}

}  // namespace

FeatureResult run_feature(const FeatureSpec& spec, const base::TensorView& rows) {
  base::Buffer<std::byte> bytes;
  FeatureResult result = run_feature_into(spec, rows, [&](std::size_t count) {
    bytes = base::Buffer<std::byte>(count);
    return bytes.data();
  });
  result.bytes = std::move(bytes);
  return result;
}

FeatureResult run_feature_into(const FeatureSpec& spec, const base::TensorView& rows,
                               base::FunctionRef<std::byte*(std::size_t)> memory) {
  return with_memory(spec, [&] { return run_rows(spec, rows, memory); });
}

/// Samples are held back until the definition can be fitted to the rows' length.
struct FeatureStream::Impl {
  explicit Impl(FeatureSpec s) : spec(checked(std::move(s))), pool(spec.execution.threads) {
    if (spec.samples >= 0) start(spec.samples);
  }

  static FeatureSpec checked(FeatureSpec spec) {
    check_definition(spec.definition, spec.complex);
    check_execution(spec.execution, tag_of(spec.definition));
    return spec;
  }

  void start(std::int64_t samples) {
    const auto prepared = prepare(spec, samples);
    fitted = prepared->fitted;
    program = prepared->program;
    check_need(samples);
    stream = program->stream(spec.rows, run_options(spec, pool));
  }

  void check_need(std::int64_t samples) {
    const DType dtype =
        spec.complex ? (spec.compute == DType::f64 ? DType::c128 : DType::c64) : spec.compute;
    const runtime::Load load{spec.rows, samples, dtype};
    need = check_memory(spec, fitted, samples,
                        program->stream_memory(load, run_options(spec, pool)), true);
  }

  void push(const base::TensorView& chunk) {
    check_chunk(chunk);
    if (stream) return feed(chunk);
    held.append(chunk, 0, chunk.shape[1]);
    const std::int64_t enough = samples_to_fit(spec.definition);
    if (enough < 0 || held.end() < enough) return;
    start(held.end());
    feed(held.view());
  }

  /// Before anything is kept: a chunk that does not fit must not spoil those that do.
  void check_chunk(const base::TensorView& chunk) const {
    const std::string tag = tag_of(spec.definition);
    check_view(chunk, tag);
    check_scale(chunk.scale, spec.compute, tag);
    if (chunk.rank != 2 || chunk.shape[0] != spec.rows) {
      throw UserError(tag + " a chunk is not [" + std::to_string(spec.rows) + " rows, samples]");
    }
    if (is_complex(chunk.dtype) && !spec.complex) {
      throw UserError(tag + " a chunk is complex, the stream was made for real samples");
    }
  }

  void feed(const base::TensorView& chunk) {
    stream->push(chunk);
    if (spec.samples < 0 && fitted.keeps_frames) check_need(stream->samples());
    check_finite(spec, stream->status());
  }

  FeatureResult finish() {
    if (!stream) {
      start(held.end());
      feed(held.view());
    }
    stream->finish();
    check_finite(spec, stream->status());
    FeatureResult result = empty_result(spec, fitted, stream->samples(), *program);
    result.bytes = base::Buffer<std::byte>(bytes_of(result));
    const base::TensorView out = output_view(result.bytes.data(), result, fitted);
    stream->fetch({&out, 1});
    check_finite(spec, stream->status());  // the reference device looks at samples only here
    complete(result, result.bytes.data(), stream->status());
    return result;
  }

  FeatureSpec spec;
  base::ThreadPool pool;
  runtime::cpu::SampleBuffer held;
  Fitted fitted;
  std::shared_ptr<const runtime::Program> program;
  std::unique_ptr<runtime::Stream> stream;
  double need = 0.0;
};

FeatureStream::FeatureStream(FeatureSpec spec) : impl_(std::make_unique<Impl>(std::move(spec))) {}
FeatureStream::~FeatureStream() = default;
FeatureStream::FeatureStream(FeatureStream&&) noexcept = default;
double FeatureStream::need() const { return impl_->need; }
void FeatureStream::push(const base::TensorView& chunk) {
  with_memory(impl_->spec, [&] { impl_->push(chunk); });
}
FeatureResult FeatureStream::finish() {
  return with_memory(impl_->spec, [&] { return impl_->finish(); });
}

}  // namespace papilio::api
