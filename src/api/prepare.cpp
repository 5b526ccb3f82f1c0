// The three capabilities behind one interface.
#include "api/prepare.h"

#include <algorithm>

#include "api/memory.h"
#include "papilio/error.h"
#include "spectral/filterbank.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/welch.h"

namespace papilio::api {
namespace {

/// What a fit depends on besides options and length.
struct Conditions {
  bool complex = false;
  DType compute = DType::f32;
  const Execution& execution;
  const spectral::LearnedTransform* learned;
};

Fitted fit_one(const Definition& d, const WelchOptions& options, std::int64_t samples,
               const Conditions& c) {
  const auto fitted = spectral::fit_welch(options, samples, d.verb);
  const std::int64_t n = spectral::n_fft_of(fitted.options);
  check_transform(n, c.compute, c.execution, tag_of(d));
  Fitted result;
  result.definition = d;
  result.definition.options = fitted.options;
  result.graph = spectral::build_welch(fitted, c.complex, c.compute, d.verb, c.learned);
  result.rule = spectral::segment_rule(fitted);
  result.keeps_frames = options.average == Average::median;
  result.transform = n;
  return result;
}

Fitted fit_one(const Definition& d, const PeaksOptions& options, std::int64_t samples,
               const Conditions& c) {
  const auto fitted = spectral::fit_peaks(options, samples, c.complex, d.verb);
  const std::int64_t n = spectral::n_fft_of(fitted.options.welch);
  check_transform(n, c.compute, c.execution, tag_of(d));
  Fitted result;
  result.definition = d;
  result.definition.options = fitted.options;
  result.graph = spectral::build_peaks(fitted, c.complex, c.compute, false, d.verb, c.learned);
  result.rule = spectral::segment_rule(fitted.welch());
  result.keeps_frames = options.welch.average == Average::median;
  result.transform = n;
  return result;
}

Fitted fit_one(const Definition& d, const MelOptions& options, std::int64_t samples,
               const Conditions& c) {
  if (c.complex) throw UserError("[mel] the input is complex; mel features need real samples");
  if (options.nonfinite == Nonfinite::skip) {
    throw UserError("[mel] --nonfinite skip leaves out Welch segments; mel has none: use flag");
  }
  const auto fitted = spectral::fit_mel(options, samples, d.profile);
  check_transform(fitted.options.n_fft, c.compute, c.execution, tag_of(d));
  Fitted result;
  result.definition = d;
  result.definition.options = fitted.options;
  result.graph = spectral::build_log_mel(fitted, c.compute, c.learned);
  result.rule = spectral::frame_rule(fitted);
  result.per_frame = true;
  result.keeps_frames = true;
  result.transform = fitted.options.n_fft;
  return result;
}

Fitted fit_one(const Definition&, const FftOptions&, std::int64_t, const Conditions&) {
  throw InternalError("[fft] a transform is no feature of frames");
}

const WelchOptions& welch_of(const Definition& definition) {
  const auto* peaks = std::get_if<PeaksOptions>(&definition.options);
  return peaks != nullptr ? peaks->welch : std::get<WelchOptions>(definition.options);
}

void describe_mel(const Fitted& fitted, std::int64_t samples, FeatureResult& result) {
  const auto& options = std::get<MelOptions>(fitted.definition.options);
  const spectral::FittedMel mel{options, fitted.rule.fixed_samples};
  result.mel_frequencies = spectral::mel_frequencies(options);
  result.times = spectral::frame_times(mel, samples);
  result.dropped = spectral::dropped_samples(mel, samples);
  const auto bank = spectral::make_filterbank(spectral::bank_of(options));
  if (const std::string warning = spectral::warning_of(bank); !warning.empty()) {
    result.warnings.push_back(warning);
  }
}

void describe_welch(const Fitted& fitted, std::int64_t samples, bool complex,
                    FeatureResult& result) {
  const spectral::FittedWelch welch{welch_of(fitted.definition), fitted.rule.fixed_samples};
  result.dropped = spectral::dropped_samples(welch, samples);
  if (std::holds_alternative<PeaksOptions>(fitted.definition.options)) {
    WelchOptions all = welch.options;
    all.fmin.reset();
    all.fmax.reset();
    result.frequencies = spectral::frequencies(all, complex, fitted.definition.verb);
    return;
  }
  result.frequencies = spectral::frequencies(welch.options, complex, fitted.definition.verb);
}

}  // namespace

std::int64_t samples_to_fit(const Definition& definition) {
  if (const auto* mel = std::get_if<MelOptions>(&definition.options)) {
    return mel->whole_row ? -1 : mel->n_fft + mel->win_length + 1;
  }
  const WelchOptions& options = welch_of(definition);
  return options.segments ? -1 : options.nperseg;
}

Fitted fit(const Definition& definition, std::int64_t samples, bool complex, DType compute,
           const Execution& execution, const spectral::LearnedTransform* learned) {
  if (definition.model && learned == nullptr) {
    throw InternalError(tag_of(definition) + " the definition's model is not there");
  }
  const Conditions conditions{complex, compute, execution, learned};
  return std::visit(
      [&](const auto& options) { return fit_one(definition, options, samples, conditions); },
      definition.options);
}

std::vector<std::int64_t> shape_of(const Fitted& fitted, std::int64_t rows, std::int64_t samples,
                                   bool complex) {
  if (const auto* mel = std::get_if<MelOptions>(&fitted.definition.options)) {
    const std::int64_t frames = fitted.rule.frames(samples);
    if (mel->layout == Layout::bands_frames) return {rows, mel->n_mels, frames};
    return {rows, frames, mel->n_mels};
  }
  if (const auto* peaks = std::get_if<PeaksOptions>(&fitted.definition.options)) {
    return {rows, peaks->top, 4};
  }
  const auto bins =
      spectral::kept_bins(welch_of(fitted.definition), complex, fitted.definition.verb);
  return {rows, bins.size()};
}

void describe(const Fitted& fitted, std::int64_t samples, bool complex, FeatureResult& result) {
  result.definition = fitted.definition;
  result.samples = samples;
  result.frames = fitted.rule.frames(samples);
  result.shape = shape_of(fitted, result.shape.front(), samples, complex);
  if (fitted.per_frame) {
    describe_mel(fitted, samples, result);
  } else {
    describe_welch(fitted, samples, complex, result);
  }
}

Nonfinite nonfinite_of(const Definition& definition) {
  if (const auto* mel = std::get_if<MelOptions>(&definition.options)) return mel->nonfinite;
  return welch_of(definition).nonfinite;
}

std::string tag_of(const Definition& definition) { return "[" + definition.verb + "]"; }

void check_definition(const Definition& definition, bool complex) {
  if (const auto* mel = std::get_if<MelOptions>(&definition.options)) {
    if (complex) throw UserError("[mel] the input is complex; mel features need real samples");
    spectral::check_mel(*mel, definition.profile);
  } else if (const auto* peaks = std::get_if<PeaksOptions>(&definition.options)) {
    spectral::check_peaks(*peaks, complex, definition.verb);
  } else {
    spectral::check_welch(welch_of(definition), definition.verb);
  }
}

}  // namespace papilio::api
