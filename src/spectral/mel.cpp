// Mel features: frame -> (dc, pre-emphasis) -> window -> rfft -> power -> bank -> log -> range ->
// affine.
#include "spectral/mel.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/text.h"
#include "spectral/check.h"
#include "spectral/window.h"

namespace papilio::spectral {
namespace {

constexpr std::string_view kVerb = "mel";
constexpr double kInt16Scale = 32768.0;
/// Longest row that may be advised as one frame.
constexpr std::int64_t kLongestRow = 131072;

/// Samples under one frame before zero-padding: kaldi frames are as long as the window.
std::int64_t frame_length(const MelOptions& o) {
  return o.left_aligned_window ? o.win_length : o.n_fft;
}

/// The window at frame length: centred between zeros, or as it is (kaldi). It carries the factor
/// that brings samples to int16 scale: a power of two, so no bit depends on where it is applied.
std::vector<double> window_table(const MelOptions& o) {
  const std::vector<double> window = make_window(o.window, o.win_length, kVerb);
  std::vector<double> table(static_cast<std::size_t>(frame_length(o)), 0.0);
  const auto before = static_cast<std::ptrdiff_t>((frame_length(o) - o.win_length) / 2);
  std::copy(window.begin(), window.end(), table.begin() + before);
  if (o.kaldi_scale == KaldiScale::int16) {
    for (double& w : table) w *= kInt16Scale;
  }
  return table;
}

ir::PadMode pad_mode_of(const MelOptions& o) {
  if (o.left_aligned_window) return o.snip_edges ? ir::PadMode::none : ir::PadMode::mirror;
  if (!o.center || o.whole_row) return ir::PadMode::none;
  return o.pad_mode == PadMode::reflect ? ir::PadMode::reflect : ir::PadMode::zeros;
}

ir::NodeId add_spectrum(ir::GraphBuilder& builder, const FittedMel& fitted,
                        const LearnedTransform* learned) {
  using ir::OpKind;
  const MelOptions& o = fitted.options;
  ir::NodeId x = builder.input("signal");
  x = builder.add(OpKind::Frame, {x}, ir::FrameAttrs{frame_rule(fitted), pad_mode_of(o)});
  if (o.remove_dc) x = builder.add(OpKind::Detrend, {x}, ir::DetrendAttrs{ir::Trend::constant});
  if (o.preemphasis != 0.0) {
    x = builder.add(OpKind::Preemphasis, {x}, ir::PreemphasisAttrs{o.preemphasis});
  }
  x = builder.add(OpKind::Mul, {x, builder.constant(window_table(o))});
  if (o.n_fft > frame_length(o)) x = builder.add(OpKind::Pad, {x}, ir::PadAttrs{0, o.n_fft});
  x = add_transform(builder, x, learned, kVerb);
  return builder.add(o.power == 1 ? OpKind::Magnitude : OpKind::Power, {x});
}

ir::NodeId add_log(ir::GraphBuilder& builder, ir::NodeId x, const MelOptions& o) {
  using ir::OpKind;
  if (o.log == MelLog::none) return x;
  const ir::LogBase base = o.log == MelLog::ln ? ir::LogBase::e : ir::LogBase::ten;
  x = builder.add(OpKind::Log, {x}, ir::LogAttrs{base, o.log_floor});
  if (o.log != MelLog::db) return x;
  const double reference = 10.0 * std::log10(std::max(o.log_floor, o.ref));
  return builder.add(OpKind::Affine, {x}, ir::AffineAttrs{10.0, 0.0 - reference});
}

ir::RangeMax range_max_of(RangeMaximum maximum) {
  switch (maximum) {
    case RangeMaximum::clip:
      return ir::RangeMax::clip;
    case RangeMaximum::frame:
      return ir::RangeMax::frame;
    case RangeMaximum::fixed:
      return ir::RangeMax::fixed;
  }
  return ir::RangeMax::clip;
}

ir::NodeId add_range(ir::GraphBuilder& builder, ir::NodeId x, const MelOptions& o) {
  if (o.range) {
    const double maximum = o.range_max == RangeMaximum::fixed ? o.range_fixed : 0.0;
    x = builder.add(ir::OpKind::ClampRange, {x},
                    ir::ClampRangeAttrs{*o.range, range_max_of(o.range_max), maximum});
  }
  if (o.output_mul == 1.0 && o.output_add == 0.0) return x;
  return builder.add(ir::OpKind::Affine, {x}, ir::AffineAttrs{o.output_mul, o.output_add});
}

void check_frame(const MelOptions& o, const Check& check) {
  check.length("n_fft", o.n_fft);
  if (o.whole_row) check.power_of_two("n_fft", o.n_fft);
  check.length("win_length", o.win_length);
  check.length("hop_length", o.hop_length);
  if (o.win_length > o.n_fft) {
    check.fail("win_length " + std::to_string(o.win_length) + " is longer than n_fft " +
               std::to_string(o.n_fft) + "; give a shorter --win-length or a longer --n-fft");
  }
  check_window(o.window, o.win_length, kVerb);
  check.that(o.snip_edges || o.left_aligned_window,
             "--no-snip-edges belongs to kaldi's framing; use --center here");
  check.that(!o.center || !o.left_aligned_window,
             "kaldi's framing has no centring; use --no-snip-edges instead of --center");
  check.that(!o.center || !o.whole_row,
             "frames that are whole rows have no centring; leave --center out");
  check.that(o.snip_edges || o.hop_length <= o.win_length,
             "without snip-edges --hop-length must not be longer than --win-length");
}

void check_bank(const MelOptions& o, const Check& check) {
  constexpr std::int64_t kMaxBands = 65536;
  if (o.n_mels < 1 || o.n_mels > kMaxBands) {
    check.fail("n_mels is " + std::to_string(o.n_mels) + "; give --n-mels from 1 to " +
               std::to_string(kMaxBands));
  }
  check.not_negative("fmin", o.fmin);
  check.finite("fmax", o.fmax);
  const double nyquist = o.fs / 2.0;
  const double upper = bank_of(o).upper_hz();
  if (upper > nyquist) {
    check.fail("fmax " + base::to_text(upper) + " Hz is above Nyquist (" + base::to_text(nyquist) +
               " Hz); give a lower --fmax, or 0 for Nyquist");
  }
  if (o.fmin >= upper) {
    check.fail("fmin " + base::to_text(o.fmin) + " Hz is not below fmax " + base::to_text(upper) +
               " Hz; give a lower --fmin or a higher --fmax");
  }
}

void check_output(const MelOptions& o, const Check& check) {
  check.finite("preemphasis", o.preemphasis);
  check.that(std::abs(o.preemphasis) <= 1.0, "preemphasis is " + base::to_text(o.preemphasis) +
                                                 "; give --preemphasis from -1 to 1");
  check.that(o.power == 1 || o.power == 2,
             "power is " + std::to_string(o.power) + "; give --power 1 or 2");
  check.not_negative("log_floor", o.log_floor);
  check.not_negative("ref", o.ref);
  check.finite("range_fixed", o.range_fixed);
  check.finite("output_mul", o.output_mul);
  check.finite("output_add", o.output_add);
  check.that(o.log != MelLog::db || std::max(o.log_floor, o.ref) > 0.0,
             "--log db needs a --ref above 0");
  if (o.range) {
    check.not_negative("range", *o.range);
    check.that(o.log != MelLog::none, "--range is a range of logarithms; give --log too");
  }
  if (o.pad_to) {
    check.finite("pad_to", *o.pad_to);
    const double samples = *o.pad_to * o.fs;
    check.that(samples >= 0.5 && samples <= static_cast<double>(kMaxLength),
               "pad_to is " + base::to_text(*o.pad_to) + " s; give --pad-to from one sample to " +
                   std::to_string(kMaxLength) + " samples");
  }
}

void check_rate(const MelOptions& o, std::string_view profile, const Check& check) {
  check.rate(o.fs);
  if (!o.required_fs || *o.required_fs == o.fs) return;
  const std::string who = profile.empty() ? "this definition" : std::string(profile);
  const std::string needed = base::to_text(*o.required_fs);
  check.fail(who + " needs " + needed + " Hz, the signal has " + base::to_text(o.fs) +
             "; give --resample " + needed);
}

/// The options for a row that is shorter than one frame.
FittedMel fit_short(FittedMel fitted, std::int64_t samples, const Check& check) {
  MelOptions& o = fitted.options;
  const std::int64_t length = frame_length(o);
  switch (o.short_rows) {
    case ShortRows::error:
      break;
    case ShortRows::pad:
      fitted.fixed_samples = length;
      return fitted;
    case ShortRows::shrink:
      check.that(o.window.values.empty(),
                 "a window given by values cannot shrink; give a --window "
                 "by name or --short pad");
      o.win_length = std::min(o.win_length, samples);
      if (!o.left_aligned_window) o.n_fft = samples;
      return fitted;
  }
  check.fail("one frame has " + std::to_string(length) + " samples, but the signal has " +
             std::to_string(samples) +
             "; give a shorter --n-fft and --win-length, --short pad or "
             "--short shrink");
}

/// Rows that are one frame each. Throws unless their length is n_fft.
FittedMel fit_whole_row(const MelOptions& o, std::int64_t samples, const Check& check) {
  if (samples < o.n_fft && o.short_rows == ShortRows::pad) return {o, o.n_fft};
  if (samples != o.n_fft) {
    const std::string length = std::to_string(samples);
    const bool possible = samples == nearest_power_of_two(samples) && samples <= kLongestRow;
    check.fail("this definition takes rows of exactly n_fft = " + std::to_string(o.n_fft) +
               " samples, but the signal has " + length +
               (possible ? "; give --n-fft " + length + " --win-length " + length
                         : "; give rows cut to that length (--duration " +
                               base::to_text(static_cast<double>(o.n_fft) / o.fs) +
                               " uses the first one), or --like librosa for a whole recording"));
  }
  return {o, 0};
}

}  // namespace

BankSpec bank_of(const MelOptions& o) {
  return {o.fs, o.n_fft, o.n_mels, o.fmin, o.fmax, o.mel_scale, o.mel_norm};
}

void check_mel(const MelOptions& options, std::string_view profile) {
  const Check check(kVerb);
  check_rate(options, profile, check);
  check_frame(options, check);
  check_bank(options, check);
  check_output(options, check);
}

FittedMel fit_mel(const MelOptions& options, std::int64_t samples, std::string_view profile) {
  check_mel(options, profile);
  const Check check(kVerb);
  check.that(samples > 0, "the signal has no samples");
  FittedMel fitted{options, 0};
  if (options.pad_to) fitted.fixed_samples = std::llround(*options.pad_to * options.fs);
  const std::int64_t length = fitted.fixed_samples > 0 ? fitted.fixed_samples : samples;
  if (options.whole_row) {
    const FittedMel whole = fit_whole_row(options, length, check);
    return {options, whole.fixed_samples > 0 ? whole.fixed_samples : fitted.fixed_samples};
  }
  const ir::PadMode pad = pad_mode_of(options);
  if (pad == ir::PadMode::none && length < frame_length(options)) {
    return fit_short(fitted, length, check);
  }
  if (pad == ir::PadMode::reflect && length <= options.n_fft / 2) {
    check.fail("reflect padding by n_fft / 2 = " + std::to_string(options.n_fft / 2) +
               " needs a longer signal than " + std::to_string(length) +
               " samples; give a shorter --n-fft, --pad-to or --pad-mode constant");
  }
  if (frame_rule(fitted).frames(samples) < 1) {
    check.fail("a signal of " + std::to_string(length) +
               " samples gives no frame; give a shorter --hop-length or --pad-to");
  }
  return fitted;
}

void check_length(const MelOptions& options, std::int64_t samples, std::string_view profile) {
  fit_mel(options, samples, profile);
}

ir::FrameRule frame_rule(const FittedMel& fitted) {
  const MelOptions& o = fitted.options;
  ir::FrameRule rule;
  rule.length = frame_length(o);
  rule.hop = o.hop_length;
  rule.fixed_samples = fitted.fixed_samples;
  if (o.drop_last) rule.count = ir::FrameCount::drop_last;
  const ir::PadMode pad = pad_mode_of(o);
  if (pad == ir::PadMode::mirror) {
    // Kaldi puts frame f around sample hop f + hop / 2, both halves rounded down.
    rule.count = ir::FrameCount::rounded;
    rule.pad_left = o.win_length / 2 - o.hop_length / 2;
  } else if (pad != ir::PadMode::none) {
    rule.pad_left = o.n_fft / 2;
    rule.pad_right = o.n_fft / 2;
  }
  return rule;
}

std::int64_t dropped_samples(const FittedMel& fitted, std::int64_t samples) {
  const ir::FrameRule rule = frame_rule(fitted);
  const std::int64_t frames = rule.frames(samples);
  std::int64_t end = frames > 0 ? (frames - 1) * rule.hop - rule.pad_left + rule.length : 0;
  // Frames that reach over the end of a cut row read padding there, not the samples behind the cut.
  if (rule.fixed_samples > 0) end = std::min(end, rule.fixed_samples);
  return std::max<std::int64_t>(0, samples - std::max<std::int64_t>(0, end));
}

ir::Graph build_log_mel(const FittedMel& fitted, DType compute, const LearnedTransform* learned) {
  const MelOptions& o = fitted.options;
  check_mel(o);
  ir::GraphBuilder builder(compute);
  ir::NodeId x = add_spectrum(builder, fitted, learned);
  const Filterbank bank = make_filterbank(bank_of(o));
  x = builder.add(ir::OpKind::Filterbank, {x}, ir::FilterbankAttrs{bank.matrix});
  builder.output("mel", add_range(builder, add_log(builder, x, o), o));
  return builder.finish();
}

std::vector<double> mel_frequencies(const MelOptions& options) {
  std::vector<double> edges = edges_hz(bank_of(options));
  return {edges.begin() + 1, edges.end() - 1};
}

std::vector<double> frame_times(const FittedMel& fitted, std::int64_t samples) {
  const ir::FrameRule rule = frame_rule(fitted);
  const double centre = static_cast<double>(rule.length) / 2.0 - static_cast<double>(rule.pad_left);
  std::vector<double> times;
  for (std::int64_t i = 0; i < rule.frames(samples); ++i) {
    times.push_back((static_cast<double>(i * rule.hop) + centre) / fitted.options.fs);
  }
  return times;
}

}  // namespace papilio::spectral
