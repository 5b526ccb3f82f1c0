// Named profiles: one table for Welch, one for mel; each row is the whole bundle (numerics.md).
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "papilio/definition.h"
#include "papilio/error.h"

namespace papilio {
namespace {

struct WelchProfile {
  const char* name;
  WelchOptions options;
};

struct MelProfile {
  const char* name;
  MelOptions options;
  bool lengths_in_ms = false;  ///< window 25 ms, hop 10 ms, n_fft the next power of two
};

Window named(const char* name) { return {name, {}}; }

/// The rlx definitions differ in their number of half-overlapping segments only.
WelchOptions rlx_welch(std::int64_t segments) {
  return {.window = named("hann:sym"),
          .segments = segments,
          .detrend = Detrend::none,
          .scaling = Scaling::none};
}

const std::vector<WelchProfile>& welch_profiles() {
  static const std::vector<WelchProfile> table = {
      {"scipy", {.short_rows = ShortRows::shrink}},
      {"mne", {.window = named("hamming"), .noverlap = 0}},
      {"rlx:full", rlx_welch(8)},
      {"rlx:fast", rlx_welch(2)},
      {"rlx:ultra", rlx_welch(1)},
  };
  return table;
}

MelOptions whisper() {
  return {.n_mels = 80,
          .n_fft = 400,
          .win_length = 400,
          .hop_length = 160,
          .fmax = 8000.0,
          .pad_mode = PadMode::reflect,
          .drop_last = true,
          .log = MelLog::log10,
          .range = 8.0,
          .output_mul = 0.25,
          .output_add = 1.0,
          .required_fs = 16000.0};
}

MelOptions torchaudio() {
  return {.n_fft = 400,
          .win_length = 400,
          .hop_length = 200,
          .mel_scale = MelScale::htk,
          .mel_norm = MelNorm::none,
          .pad_mode = PadMode::reflect};
}

MelOptions kaldi() {
  return {.n_mels = 23,
          .n_fft = 512,
          .win_length = 400,
          .hop_length = 160,
          .fmin = 20.0,
          .mel_scale = MelScale::kaldi,
          .mel_norm = MelNorm::none,
          .window = named("povey"),
          .center = false,
          .preemphasis = 0.97,
          .remove_dc = true,
          .left_aligned_window = true,
          .log = MelLog::ln,
          .log_floor = std::numeric_limits<float>::epsilon(),
          .kaldi_scale = KaldiScale::int16,
          .layout = Layout::frames_bands};
}

MelOptions rlx_mel() {
  return {.n_mels = 40,
          .n_fft = 1024,
          .win_length = 1024,
          .hop_length = 512,
          .mel_norm = MelNorm::none,
          .center = false,
          .log = MelLog::log10,
          .range = 8.0,
          .range_max = RangeMaximum::frame,
          .output_mul = 0.25,
          .output_add = 1.0,
          .whole_row = true,
          .required_fs = 16000.0};
}

const std::vector<MelProfile>& mel_profiles() {
  static const std::vector<MelProfile> table = {
      {"whisper", whisper()},   {"librosa", {}},    {"torchaudio", torchaudio()},
      {"kaldi", kaldi(), true}, {"rlx", rlx_mel()},
  };
  return table;
}

/// As Kaldi computes its window and shift from milliseconds: rounded down.
void set_kaldi_lengths(MelOptions& options, double fs) {
  const double per_ms = fs * 0.001;
  if (!(per_ms > 0.0) || per_ms * 25.0 > 1e9) {
    throw UserError("[mel] kaldi's 25 ms frames have no length at " + base::to_text(fs) +
                    " Hz; give another --fs");
  }
  options.win_length = static_cast<std::int64_t>(per_ms * 25.0);
  options.hop_length = static_cast<std::int64_t>(per_ms * 10.0);
  options.n_fft = 1;
  while (options.n_fft < options.win_length) options.n_fft *= 2;
}

template <typename Table>
const typename Table::value_type& find(const Table& table, std::string_view verb,
                                       std::string_view name) {
  for (const auto& row : table) {
    if (name == row.name) return row;
  }
  const std::vector<std::string> known = profile_names(verb);
  throw UserError("[" + std::string(verb) + "] unknown profile '" + std::string(name) + "'" +
                  base::did_you_mean(name, known) + "; known: " + base::join(known));
}

template <typename Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

}  // namespace

std::vector<std::string> profile_names(std::string_view verb) {
  if (verb == "psd" || verb == "peaks") return names_of(welch_profiles());
  if (verb == "mel") return names_of(mel_profiles());
  return {};
}

Definition profile(std::string_view verb, std::string_view name, double fs) {
  Definition definition{std::string(verb), std::string(name), {}, {}};
  if (verb == "mel") {
    const MelProfile& row = find(mel_profiles(), verb, name);
    MelOptions options = row.options;
    if (row.lengths_in_ms) set_kaldi_lengths(options, fs);
    options.fs = fs;
    definition.options = options;
  } else if (verb == "psd" || verb == "peaks") {
    WelchOptions options = find(welch_profiles(), verb, name).options;
    options.fs = fs;
    if (verb == "peaks") {
      definition.options = PeaksOptions{.welch = options};
    } else {
      definition.options = options;
    }
  } else {
    throw UserError("[" + std::string(verb) + "] this verb has no profiles; psd, peaks and mel do");
  }
  return definition;
}

}  // namespace papilio
