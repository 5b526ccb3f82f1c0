// Welch: frame -> detrend -> window -> zero pad -> transform -> power -> average -> scale -> slice.
#include "spectral/welch.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/text.h"
#include "spectral/check.h"
#include "spectral/window.h"

namespace papilio::spectral {
namespace {

/// What a bin's mean squared magnitude is multiplied by, before one-sided doubling.
double scale_of(const WelchOptions& options, const WindowSums& sums) {
  switch (options.scaling) {
    case Scaling::density:
      return 1.0 / (options.fs * sums.sum_of_squares);
    case Scaling::spectrum:
      return 1.0 / (sums.sum * sums.sum);
    case Scaling::none:
      return 1.0;
  }
  return 1.0;
}

std::vector<double> scale_table(const WelchOptions& options, bool complex_input,
                                const WindowSums& sums) {
  const std::int64_t n = n_fft_of(options);
  const double scale = scale_of(options, sums);
  std::vector<double> table(static_cast<std::size_t>(bins_of(options, complex_input)), scale);
  if (complex_input) return table;
  for (std::size_t k = 1; k < table.size(); ++k) {
    const bool nyquist = 2 * static_cast<std::int64_t>(k) == n;
    if (!nyquist) table[k] = 2.0 * scale;
  }
  return table;
}

/// Segments' windowed, scaled powers: everything but the average.
struct Chain {
  ir::NodeId power;
  ir::NodeId scale;
};

Chain add_powers(ir::GraphBuilder& builder, const FittedWelch& fitted, bool complex_input,
                 std::string_view verb, const LearnedTransform* learned) {
  using ir::OpKind;
  const WelchOptions& o = fitted.options;
  const std::int64_t n = n_fft_of(o);
  const std::vector<double> window = make_window(o.window, o.nperseg, verb);
  ir::NodeId x = builder.input("signal", complex_input);
  x = builder.add(OpKind::Frame, {x}, ir::FrameAttrs{segment_rule(fitted), ir::PadMode::none});
  if (o.detrend != Detrend::none) {
    const bool line = o.detrend == Detrend::linear;
    x = builder.add(OpKind::Detrend, {x},
                    ir::DetrendAttrs{line ? ir::Trend::linear : ir::Trend::constant});
  }
  x = builder.add(OpKind::Mul, {x, builder.constant(window)});
  if (n > o.nperseg) x = builder.add(OpKind::Pad, {x}, ir::PadAttrs{0, n});
  x = add_transform(builder, x, learned, verb);
  x = builder.add(OpKind::Power, {x});
  return {x, builder.constant(scale_table(o, complex_input, sums_of(window)))};
}

ir::OpKind average_op(Average average) {
  switch (average) {
    case Average::mean:
      return ir::OpKind::MeanFrames;
    case Average::median:
      return ir::OpKind::MedianFrames;
    case Average::max:
      return ir::OpKind::MaxFrames;
  }
  return ir::OpKind::MeanFrames;
}

ir::NodeId add_slice(ir::GraphBuilder& builder, ir::NodeId x, const WelchOptions& options,
                     bool complex_input, std::string_view verb) {
  const KeptBins kept = kept_bins(options, complex_input, verb);
  if (kept.size() == bins_of(options, complex_input)) return x;
  const auto part = [&](BinRange range) {
    return builder.add(ir::OpKind::Slice, {x}, ir::SliceAttrs{range.begin, range.end});
  };
  const ir::NodeId first = part(kept.first);
  if (kept.second.size() == 0) return first;
  return builder.add(ir::OpKind::Concat, {first, part(kept.second)});
}

void check_window_sums(const WelchOptions& options, const Check& check, std::string_view verb) {
  check_window(options.window, options.nperseg, verb);
  if (options.window.values.empty()) {
    // Only windows of one or two points (their edges) can be all zeros.
    if (options.nperseg > 8 || options.scaling == Scaling::none) return;
  }
  const WindowSums sums = sums_of(make_window(options.window, options.nperseg, verb));
  if (options.scaling == Scaling::density) {
    check.that(sums.sum_of_squares > 0.0 && std::isfinite(sums.sum_of_squares),
               "the window is zero everywhere (or its squares overflow); give another --window or "
               "--scaling none");
  } else if (options.scaling == Scaling::spectrum) {
    check.that(sums.sum != 0.0 && std::isfinite(sums.sum * sums.sum),
               "the window's sum is 0 (or overflows), so --scaling spectrum has no meaning; give "
               "another --window or --scaling");
  }
}

[[noreturn]] void refuse_empty_range(const WelchOptions& options, bool complex_input,
                                     const Check& check) {
  const double low = options.fmin.value_or(-options.fs);
  const double high = options.fmax.value_or(options.fs);
  const double lowest = complex_input ? -options.fs / 2.0 : 0.0;
  check.that(high >= lowest, "fmax " + base::to_text(high) + " Hz is below the lowest bin (" +
                                 base::to_text(lowest) + " Hz); give a higher --fmax");
  check.fail("no bin lies from " + base::to_text(std::max(low, lowest)) + " to " +
             base::to_text(std::min(high, options.fs / 2.0)) + " Hz: bins are " +
             base::to_text(options.fs / static_cast<double>(n_fft_of(options))) +
             " Hz apart; give a wider --fmin/--fmax or a longer --n-fft");
}

void check_range(const WelchOptions& options, const Check& check) {
  if (options.fmin) check.finite("fmin", *options.fmin);
  if (options.fmax) check.finite("fmax", *options.fmax);
  if (options.fmin && options.fmax && *options.fmin > *options.fmax) {
    check.fail("fmin " + base::to_text(*options.fmin) + " Hz is above fmax " +
               base::to_text(*options.fmax) + " Hz; swap --fmin and --fmax");
  }
  const double nyquist = options.fs / 2.0;
  if (options.fmin && *options.fmin > nyquist) {
    check.fail("fmin " + base::to_text(*options.fmin) + " Hz is above Nyquist (" +
               base::to_text(nyquist) + " Hz); give a lower --fmin");
  }
}

std::string samples_text(std::int64_t samples) {
  return std::to_string(samples) + (samples == 1 ? " sample" : " samples");
}

FittedWelch fit_segments(const WelchOptions& options, std::int64_t samples, const Check& check) {
  const std::int64_t needed = options.nperseg + (*options.segments - 1) * hop_of(options);
  if (samples < needed && options.short_rows != ShortRows::pad) {
    check.fail(std::to_string(*options.segments) +
               (*options.segments == 1 ? " segment of " : " segments of ") +
               std::to_string(options.nperseg) + (*options.segments == 1 ? " needs " : " need ") +
               samples_text(needed) + ", but the signal has " + std::to_string(samples) +
               "; give a shorter --nperseg or --short pad");
  }
  return {options, needed};
}

}  // namespace

std::int64_t noverlap_of(const WelchOptions& options) {
  return options.noverlap.value_or(options.nperseg / 2);
}

std::int64_t n_fft_of(const WelchOptions& options) {
  return options.n_fft.value_or(options.nperseg);
}

std::int64_t hop_of(const WelchOptions& options) { return options.nperseg - noverlap_of(options); }

std::int64_t bins_of(const WelchOptions& options, bool complex_input) {
  const std::int64_t n = n_fft_of(options);
  return complex_input ? n : n / 2 + 1;
}

void check_welch(const WelchOptions& options, std::string_view verb) {
  const Check check(verb);
  check.rate(options.fs);
  check.length("nperseg", options.nperseg);
  const std::int64_t noverlap = noverlap_of(options);
  if (noverlap < 0 || noverlap >= options.nperseg) {
    check.fail("noverlap " + std::to_string(noverlap) + " must be from 0 to nperseg - 1 = " +
               std::to_string(options.nperseg - 1) + "; give another --noverlap or --nperseg");
  }
  if (options.n_fft) {
    check.length("n_fft", *options.n_fft);
    check.that(*options.n_fft >= options.nperseg,
               "n_fft " + std::to_string(*options.n_fft) + " is shorter than nperseg " +
                   std::to_string(options.nperseg) +
                   "; give a longer --n-fft or a shorter --nperseg");
  }
  if (options.segments && (*options.segments < 1 || *options.segments > kMaxLength)) {
    check.fail(
        "segments is " + std::to_string(*options.segments) +
        "; it is a field of definitions, no flag: set options.segments to null for all, or " +
        "to a number from 1 to " + std::to_string(kMaxLength));
  }
  check_range(options, check);
  check_window_sums(options, check, verb);
}

double bin_hz(const WelchOptions& options, bool complex_input, std::int64_t bin) {
  const std::int64_t n = n_fft_of(options);
  const bool negative = complex_input && 2 * bin >= n && bin > 0;
  return static_cast<double>(negative ? bin - n : bin) * options.fs / static_cast<double>(n);
}

KeptBins kept_bins(const WelchOptions& options, bool complex_input, std::string_view verb) {
  const std::int64_t bins = bins_of(options, complex_input);
  if (!options.fmin && !options.fmax) return {{0, bins}, {}};
  const double low = options.fmin.value_or(-options.fs);
  const double high = options.fmax.value_or(options.fs);
  KeptBins kept;
  for (std::int64_t k = 0; k < bins; ++k) {
    const double hz = bin_hz(options, complex_input, k);
    if (hz < low || hz > high) continue;
    const bool first = kept.first.size() == 0 || kept.first.end == k;
    BinRange& range = first ? kept.first : kept.second;
    if (range.size() == 0) range.begin = k;
    range.end = k + 1;
  }
  if (kept.size() == 0) refuse_empty_range(options, complex_input, Check(verb));
  return kept;
}

std::vector<double> frequencies(const WelchOptions& options, bool complex_input,
                                std::string_view verb) {
  const KeptBins kept = kept_bins(options, complex_input, verb);
  std::vector<double> hz;
  for (const BinRange range : {kept.first, kept.second}) {
    for (std::int64_t k = range.begin; k < range.end; ++k) {
      hz.push_back(bin_hz(options, complex_input, k));
    }
  }
  return hz;
}

FittedWelch fit_welch(const WelchOptions& options, std::int64_t samples, std::string_view verb) {
  check_welch(options, verb);
  const Check check(verb);
  check.that(samples > 0, "the signal has no samples");
  if (options.segments) return fit_segments(options, samples, check);
  if (samples >= options.nperseg) return {options, 0};
  switch (options.short_rows) {
    case ShortRows::error:
      break;
    case ShortRows::pad:
      return {options, options.nperseg};
    case ShortRows::shrink: {
      WelchOptions shrunk = options;
      shrunk.nperseg = samples;
      check.that(options.window.values.empty(),
                 "the window array has " + std::to_string(options.window.values.size()) +
                     " values, but the signal has " + samples_text(samples) +
                     "; a named --window can shrink");
      check_welch(shrunk, verb);
      return {shrunk, 0};
    }
  }
  check.fail("nperseg " + std::to_string(options.nperseg) + " is longer than the signal (" +
             samples_text(samples) + "); give a shorter --nperseg, --short pad or --short shrink");
}

void check_length(const WelchOptions& options, std::int64_t samples, std::string_view verb) {
  fit_welch(options, samples, verb);
}

ir::FrameRule segment_rule(const FittedWelch& fitted) {
  ir::FrameRule rule;
  rule.length = fitted.options.nperseg;
  rule.hop = hop_of(fitted.options);
  rule.fixed_samples = fitted.fixed_samples;
  return rule;
}

std::int64_t dropped_samples(const FittedWelch& fitted, std::int64_t samples) {
  const ir::FrameRule rule = segment_rule(fitted);
  const std::int64_t frames = rule.frames(samples);
  const std::int64_t used = frames > 0 ? (frames - 1) * rule.hop + rule.length : 0;
  return samples > used ? samples - used : 0;
}

ir::NodeId add_welch(ir::GraphBuilder& builder, const FittedWelch& fitted, bool complex_input,
                     std::string_view verb, const LearnedTransform* learned) {
  const Chain chain = add_powers(builder, fitted, complex_input, verb, learned);
  const ir::NodeId mean = builder.add(average_op(fitted.options.average), {chain.power});
  return builder.add(ir::OpKind::Mul, {mean, chain.scale});
}

ir::Graph build_welch(const FittedWelch& fitted, bool complex_input, DType compute,
                      std::string_view verb, const LearnedTransform* learned) {
  check_welch(fitted.options, verb);
  ir::GraphBuilder builder(compute);
  const ir::NodeId psd = add_welch(builder, fitted, complex_input, verb, learned);
  builder.output("psd", add_slice(builder, psd, fitted.options, complex_input, verb));
  return builder.finish();
}

ir::Graph build_segment_powers(const FittedWelch& fitted, bool complex_input, DType compute,
                               std::string_view verb, const LearnedTransform* learned) {
  check_welch(fitted.options, verb);
  ir::GraphBuilder builder(compute);
  const Chain chain = add_powers(builder, fitted, complex_input, verb, learned);
  const ir::NodeId scaled = builder.add(ir::OpKind::Mul, {chain.power, chain.scale});
  builder.output("segments", add_slice(builder, scaled, fitted.options, complex_input, verb));
  return builder.finish();
}

}  // namespace papilio::spectral
