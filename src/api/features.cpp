// The one-shot functions of features.h on top of run_feature.
#include "papilio/features.h"

#include <algorithm>

#include "api/check.h"
#include "api/feature.h"
#include "api/prepare.h"
#include "papilio/error.h"

namespace papilio {
namespace {

std::string tag_of(const char* verb) { return std::string("[") + verb + "]"; }

using Options = decltype(Definition::options);

template <typename T>
api::FeatureSpec spec_of(const char* verb, const View<const T>& rows, Options options,
                         const Execution& execution) {
  api::FeatureSpec spec;
  spec.definition = {verb, "", {}, std::move(options)};
  spec.rows = rows.rows();
  spec.complex = is_complex(dtype_of<T>());
  spec.compute = dtype_of<compute_t<T>>();
  spec.samples = rows.samples();
  spec.execution = execution;
  return spec;
}

/// Computes straight into `values`.
template <typename T>
api::FeatureResult compute(const char* verb, const View<const T>& rows, Options options,
                           const Execution& execution, std::vector<compute_t<T>>& values) {
  const base::TensorView tensor = api::tensor_of(rows, tag_of(verb));
  return api::run_feature_into(spec_of(verb, rows, std::move(options), execution), tensor,
                               [&](std::size_t bytes) {
                                 values.resize(bytes / sizeof(compute_t<T>));
                                 return reinterpret_cast<std::byte*>(values.data());
                               });
}

ResultInfo info_of(api::FeatureResult& result) {
  ResultInfo info;
  info.definition = std::move(result.definition);
  info.flags.reserve(result.status.size());
  info.skipped.reserve(result.status.size());
  info.overflow.reserve(result.status.size());
  for (const runtime::RowStatus& status : result.status) {
    info.flags.push_back(status.first_bad);
    info.skipped.push_back(status.skipped);
    info.overflow.push_back(status.overflow);
  }
  info.frames = result.frames;
  info.dropped = result.dropped;
  info.strategy = std::move(result.strategy);
  info.warnings = std::move(result.warnings);
  return info;
}

template <std::size_t rank>
std::array<std::int64_t, rank> shape_of(const api::FeatureResult& result) {
  std::array<std::int64_t, rank> shape{};
  std::copy_n(result.shape.begin(), rank, shape.begin());
  return shape;
}

template <typename T>
ResultInfo compute_into(const char* verb, const View<const T>& rows, std::span<compute_t<T>> out,
                        Options options, const Execution& execution) {
  const base::TensorView tensor = api::tensor_of(rows, tag_of(verb));
  const auto memory = [&](std::size_t bytes) {
    if (out.size_bytes() != bytes) {
      throw UserError(tag_of(verb) + " the output has " + std::to_string(out.size()) +
                      " values, the result has " + std::to_string(bytes / sizeof(compute_t<T>)) +
                      "; give memory of exactly that size");
    }
    return reinterpret_cast<std::byte*>(out.data());
  };
  auto result =
      api::run_feature_into(spec_of(verb, rows, std::move(options), execution), tensor, memory);
  return info_of(result);
}

std::vector<std::int64_t> shape_for(const char* verb, Options options, std::int64_t rows,
                                    std::int64_t samples, bool complex) {
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  if (rows < 0 || samples < 0 || rows > kMost || samples > kMost) {
    throw UserError(tag_of(verb) + " a shape of " + std::to_string(rows) + " rows of " +
                    std::to_string(samples) + " samples; give 0 to 2^48 of each");
  }
  const Definition definition{verb, "", {}, std::move(options)};
  api::check_definition(definition, complex);
  const api::Fitted fitted = api::fit(definition, samples, complex, DType::f32);
  return api::shape_of(fitted, rows, samples, complex);
}

}  // namespace

template <typename T>
WelchResult<compute_t<T>> welch(View<const T> rows, const WelchOptions& options,
                                const Execution& execution) {
  std::vector<compute_t<T>> values;
  auto result = compute("psd", rows, options, execution, values);
  return {std::move(values), shape_of<2>(result), result.frequencies, info_of(result)};
}

template <typename T>
PeaksResult<compute_t<T>> peaks(View<const T> rows, const PeaksOptions& options,
                                const Execution& execution) {
  std::vector<compute_t<T>> values;
  auto result = compute("peaks", rows, options, execution, values);
  return {std::move(values), shape_of<3>(result), result.count, result.frequencies,
          info_of(result)};
}

template <typename T>
LogMelResult<compute_t<T>> log_mel(View<const T> rows, const MelOptions& options,
                                   const Execution& execution) {
  std::vector<compute_t<T>> values;
  auto result = compute("mel", rows, options, execution, values);
  return {std::move(values), shape_of<3>(result), result.mel_frequencies, result.times,
          info_of(result)};
}

std::array<std::int64_t, 2> welch_shape(const WelchOptions& options, std::int64_t rows,
                                        std::int64_t samples, bool complex) {
  const auto shape = shape_for("psd", options, rows, samples, complex);
  return {shape[0], shape[1]};
}

std::array<std::int64_t, 3> peaks_shape(const PeaksOptions& options, std::int64_t rows) {
  if (rows < 0) throw UserError("[peaks] a shape of " + std::to_string(rows) + " rows");
  // Complex rows have the more bins: whether k fits real ones, the call itself says.
  api::check_definition({"peaks", "", {}, options}, true);
  return {rows, options.top, 4};
}

std::array<std::int64_t, 3> log_mel_shape(const MelOptions& options, std::int64_t rows,
                                          std::int64_t samples) {
  const auto shape = shape_for("mel", options, rows, samples, false);
  return {shape[0], shape[1], shape[2]};
}

template <typename T>
ResultInfo welch_into(View<const T> rows, std::span<compute_t<T>> out, const WelchOptions& options,
                      const Execution& execution) {
  return compute_into("psd", rows, out, options, execution);
}

template <typename T>
ResultInfo peaks_into(View<const T> rows, std::span<compute_t<T>> out, const PeaksOptions& options,
                      const Execution& execution) {
  return compute_into("peaks", rows, out, options, execution);
}

template <typename T>
ResultInfo log_mel_into(View<const T> rows, std::span<compute_t<T>> out, const MelOptions& options,
                        const Execution& execution) {
  return compute_into("mel", rows, out, options, execution);
}

#define PAPILIO_INSTANTIATE(T)                                                                     \
  template WelchResult<compute_t<T>> welch(View<const T>, const WelchOptions&, const Execution&);  \
  template PeaksResult<compute_t<T>> peaks(View<const T>, const PeaksOptions&, const Execution&);  \
  template LogMelResult<compute_t<T>> log_mel(View<const T>, const MelOptions&, const Execution&); \
  template ResultInfo welch_into(View<const T>, std::span<compute_t<T>>, const WelchOptions&,      \
                                 const Execution&);                                                \
  template ResultInfo peaks_into(View<const T>, std::span<compute_t<T>>, const PeaksOptions&,      \
                                 const Execution&);                                                \
  template ResultInfo log_mel_into(View<const T>, std::span<compute_t<T>>, const MelOptions&,      \
                                   const Execution&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
PAPILIO_INSTANTIATE(std::int8_t)
PAPILIO_INSTANTIATE(std::uint8_t)
PAPILIO_INSTANTIATE(std::int16_t)
PAPILIO_INSTANTIATE(std::uint16_t)
PAPILIO_INSTANTIATE(std::int32_t)
PAPILIO_INSTANTIATE(std::complex<float>)
PAPILIO_INSTANTIATE(std::complex<double>)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio
