// papilio mel: mel filterbank features as one of the known systems computes them.
#include <algorithm>
#include <bit>

#include "errors.h"
#include "feature_command.h"
#include "spectral/mel.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  papilio mel speech.wav --like whisper --resample 16000 -o speech.npz\n"
    "  papilio mel speech.wav --like librosa --n-mels 64 --log db --html speech.html\n"
    "  papilio mel speech.wav --like librosa --model learned.safetensors";

struct MelFlags {
  Edits<MelOptions> edits;
  Like like;
  std::string model;  // path; "": the exact transform
};

void set(Edits<MelOptions>& edits, bool MelOptions::*field, bool value) {
  edits.push_back([field, value](MelOptions& options) { options.*field = value; });
}

// --name and --no-name.
void add_switch(Flags& flags, Edits<MelOptions>& edits, const std::string& name,
                const std::string& help, const std::string& opposite, bool MelOptions::*field) {
  flags.flag("--" + name, help, [&edits, field] { set(edits, field, true); });
  flags.flag("--no-" + name, opposite, [&edits, field] { set(edits, field, false); });
}

void parse_range_maximum(Edits<MelOptions>& edits, const std::string& flag,
                         const std::string& text) {
  RangeMaximum maximum{};
  double fixed = 0.0;
  if (text.starts_with("fixed:")) {
    maximum = RangeMaximum::fixed;
    parse_value(flag, text.substr(6), fixed);
  } else if (text == "fixed") {
    refuse_value(flag, text, "needs its value; give fixed:V");
  } else {
    parse_value(flag, text, maximum);
  }
  edits.push_back([maximum, fixed](MelOptions& options) {
    options.range_max = maximum;
    options.range_fixed = fixed;
  });
}

void add_frame_flags(Flags& flags, Edits<MelOptions>& edits) {
  flags.edit("--n-mels", "N", "bands", edits, &MelOptions::n_mels);
  flags.edit("--n-fft,--nfft", "N", "transform length", edits, &MelOptions::n_fft);
  flags.edit("--win-length", "N", "samples of the window", edits, &MelOptions::win_length);
  flags.edit("--hop-length", "N", "samples from frame to frame", edits, &MelOptions::hop_length);
  flags.edit("--window", "NAME|FILE", "hann, povey, ... or weights in .npy, .csv", edits,
             &MelOptions::window);
  add_switch(flags, edits, "center",
             "frame i is centred on sample i hop: n_fft/2 padded at the ends",
             "frame i begins at sample i hop, nothing is padded", &MelOptions::center);
  flags.edit("--pad-mode", choice_list<PadMode>(), "how --center pads", edits,
             &MelOptions::pad_mode);
  add_switch(flags, edits, "snip-edges", "kaldi: only frames that fit",
             "kaldi: frames at the ends too, mirrored", &MelOptions::snip_edges);
  flags.edit("--preemphasis", "X", "x[t] - X x[t-1]", edits, &MelOptions::preemphasis);
  flags.edit("--kaldi-scale", choice_list<KaldiScale>(),
             "int16: multiply by 32768 first; unit: as it is", edits, &MelOptions::kaldi_scale);
  flags.edit("--pad-to", "S", "cut or zero-fill every row to so many seconds", edits,
             &MelOptions::pad_to);
  flags.edit("--short", choice_list<ShortRows>(), "rows shorter than a frame", edits,
             &MelOptions::short_rows);
}

void add_band_flags(Flags& flags, Edits<MelOptions>& edits) {
  flags.edit("--fmin", "HZ", "lower edge of the first band", edits, &MelOptions::fmin);
  flags.edit("--fmax", "HZ", "upper edge of the last band; <= 0: from Nyquist", edits,
             &MelOptions::fmax);
  flags.edit("--mel-scale", choice_list<MelScale>(), "where the bands lie", edits,
             &MelOptions::mel_scale);
  flags.edit("--mel-norm", choice_list<MelNorm>(), "area of a band", edits, &MelOptions::mel_norm);
  flags.edit("--power", "1|2", "magnitudes or powers", edits, &MelOptions::power);
  flags.edit("--log", choice_list<MelLog>(), "logarithm of the bands", edits, &MelOptions::log);
  flags.edit("--ref", "X", "0 dB of --log db", edits, &MelOptions::ref);
  flags.on("--range", "X|none", "keep so much below the maximum, or everything",
           [&edits](const std::string& flag, const std::string& text) {
             std::optional<double> range;
             if (text != "none") parse_value(flag, text, range);
             edits.push_back([range](MelOptions& options) { options.range = range; });
           });
  flags.on("--range-max", "clip|frame|fixed:V", "the maximum that --range counts from",
           [&edits](const std::string& flag, const std::string& text) {
             parse_range_maximum(edits, flag, text);
           });
  flags.edit("--layout", choice_list<Layout>(), "order of the last two axes", edits,
             &MelOptions::layout);
}

// Lengths and ranges that a profile's own code derives from another setting. `n_fft`: whether the
// transform length was set, by a flag or a model.
void derive(const Flags& flags, const std::string& profile, bool n_fft, MelOptions& o) {
  const bool win = flags.given("--win-length");
  const bool follows = profile == "librosa" || profile == "torchaudio" || profile == "rlx";
  if (n_fft && !win && (follows || o.win_length > o.n_fft)) o.win_length = o.n_fft;
  if (n_fft && !flags.given("--hop-length") && (profile == "torchaudio" || profile == "rlx")) {
    o.hop_length = std::max<std::int64_t>(1, o.n_fft / 2);
  }
  if (profile == "kaldi" && win && !n_fft && o.win_length > 0) {
    o.n_fft = static_cast<std::int64_t>(
        std::bit_ceil(static_cast<std::uint64_t>(std::min(o.win_length, std::int64_t{1} << 31))));
  }
  // librosa.power_to_db: top_db 80.
  if (profile == "librosa" && o.log == MelLog::db && !flags.given("--range")) o.range = 80.0;
}

void check_early(const Flags& flags, const MelFlags& mel, const CommonOptions& common) {
  if (!mel.like.given()) {
    throw UsageError("[mel] give --like PROFILE, or a definition's file; profiles: " +
                     base::join(profile_names("mel")) + " (papilio profiles tells more)");
  }
  if (common.nonfinite == Nonfinite::skip) {
    throw UsageError(
        "[mel] --nonfinite skip leaves out Welch segments, and mel has none; give flag or error");
  }
  for (const char* name : {"--n-mels", "--n-fft", "--win-length", "--hop-length"}) {
    if (!flags.given(name)) continue;
    MelOptions options{.n_mels = 1, .n_fft = 1, .win_length = 1, .hop_length = 1};
    for (const auto& edit : mel.edits) edit(options);
    if (std::min({options.n_mels, options.n_fft, options.win_length, options.hop_length}) < 1) {
      throw UsageError("[mel] --n-mels, --n-fft, --win-length and --hop-length must be 1 or more");
    }
  }
  for (const std::string name : {"center", "snip-edges"}) {
    if (flags.given("--" + name) && flags.given("--no-" + name)) {
      throw UsageError("[mel] --" + name + " and --no-" + name + " contradict; give one of them");
    }
  }
}

// Flags that the definition has no use for.
void check_used(const Flags& flags, const MelOptions& o) {
  const auto refuse = [&](const char* name, bool used, const std::string& why) {
    if (flags.given(name) && !used) {
      throw UsageError(std::string("[mel] ") + name + " has no effect here: " + why);
    }
  };
  refuse("--kaldi-scale", o.left_aligned_window,
         "it is the scale of kaldi's samples; use --scale 32768, or --like kaldi");
  refuse("--ref", o.log == MelLog::db, "it is the 0 dB of --log db; give that too");
  refuse("--range-max", o.range.has_value(), "it is the maximum of --range; give that too");
  refuse("--pad-mode", o.center && !o.whole_row && !o.left_aligned_window,
         "it is how --center pads, and these frames are not centred; leave it out");
}

// What is wrong at every rate is a matter of the command line. A band's edges need the real one.
void check_values(const Flags& flags, const FeatureCommand& command) {
  std::string refusal;
  for (const double rate : {16000.0, 100.0, 1000.0, 8000.0, 48000.0, 192000.0}) {
    Definition definition = command.define(rate, nullptr);
    auto& o = std::get<MelOptions>(definition.options);
    check_used(flags, o);
    if (o.fmax > 0.0 && o.fmin >= o.fmax) {
      throw UsageError("[mel] fmin " + base::to_text(o.fmin) + " Hz is not below fmax " +
                       base::to_text(o.fmax) + " Hz; give a lower --fmin or a higher --fmax");
    }
    if (o.fmin > 0.0) o.fmin = 0.0;
    o.fmax = 0.0;
    o.fs = o.required_fs.value_or(rate);
    if (o.pad_to && *o.pad_to > 0.0) o.pad_to.reset();
    try {
      spectral::check_mel(o, definition.profile);
      return;
    } catch (const UserError& error) {
      refusal = error.what();
    }
  }
  throw UsageError(refusal);
}

}  // namespace

int run_mel(const std::vector<std::string>& arguments) {
  Flags flags("mel", "Mel filterbank features: [rows, bands, frames]; --like says whose.",
              kExample);
  MelFlags mel;
  FeatureCommand command;
  flags.group("Definition (the defaults are the profile's)");
  add_like_flag(flags, mel.like, base::join(profile_names("mel")));
  add_model_flag(flags, mel.model);
  add_frame_flags(flags, mel.edits);
  add_band_flags(flags, mel.edits);
  add_common_flags(flags, command.common);
  flags.parse(arguments);
  check_early(flags, mel, command.common);
  command.like = &mel.like;
  command.define = [&](double fs, const io::SignalInfo*) {
    Definition definition = definition_of(mel.like, "mel", fs);
    auto& options = std::get<MelOptions>(definition.options);
    for (const auto& edit : mel.edits) edit(options);
    const bool length = flags.given("--n-fft");
    const bool fixed = length || mel.like.file.has_value();
    if (command.model) options.n_fft = length_for("mel", *command.model, fixed, options.n_fft);
    derive(flags, definition.profile, length || (command.model && !fixed), options);
    if (command.common.nonfinite) options.nonfinite = *command.common.nonfinite;
    note_modifications(definition);
    return definition;
  };
  load_model_of(command, "mel", mel.model);
  check_values(flags, command);
  run_feature_command(flags, command);
  return kOk;
}

}  // namespace papilio::app
