// papilio peaks: the strongest peaks or bins of Welch's spectrum.
#include <algorithm>

#include "errors.h"
#include "feature_command.h"
#include "options_welch.h"
#include "spectral/peaks.h"
#include "spectral/welch.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  papilio peaks speech.wav -k 5 --fmin 50 --fmax 4000\n"
    "  papilio peaks motor.npy --fs 20000 --height -60dB --min-distance 40 --html motor.html\n"
    "  papilio peaks speech.wav --model learned.safetensors -k 3";

// `db` is whether the output is in decibels, once that is known. A bare height is then one too; a
// bare difference is of linear powers, and in decibels it would not mean what it says.
void add_power_edit(Flags& flags, Edits<PeaksOptions>& edits, const bool& db,
                    const std::string& name, const std::string& help,
                    std::optional<double> PeaksOptions::*field) {
  const bool height = field == &PeaksOptions::height;
  const auto read = [&edits, &db, field, height](const std::string& flag, const std::string& text) {
    const Power power = parse_power(flag, text);
    edits.push_back([flag, text, power, &db, field, height](PeaksOptions& options) {
      Power meant = power;
      if (db && !power.level) {
        if (!height) {
          refuse_value(flag, text,
                       "is a difference of linear powers, but the output is in decibels; give a "
                       "level such as -60dB, or leave --db out");
        }
        meant.level = true;
      }
      options.*field = meant.linear();
    });
  };
  flags.on(name, "X[dB]", help, read);
}

void add_peaks_flags(Flags& flags, Edits<PeaksOptions>& edits, const bool& db) {
  flags.group("Peaks");
  flags.edit("-k,--top", "N", "how many (16)", edits, &PeaksOptions::top);
  flags.edit("--mode", choice_list<TopMode>(), "local maxima, or just the strongest bins (peaks)",
             edits, &PeaksOptions::mode);
  add_power_edit(flags, edits, db, "--height", "least power", &PeaksOptions::height);
  add_power_edit(flags, edits, db, "--threshold", "least rise above both neighbours",
                 &PeaksOptions::threshold);
  add_power_edit(flags, edits, db, "--prominence", "least prominence", &PeaksOptions::prominence);
  flags.edit("--min-distance", "HZ", "least distance between peaks", edits,
             &PeaksOptions::min_distance);
}

// What no input can satisfy is a matter of the command line. The range needs the rate, and the
// number of bins whether samples are complex: both later.
void check_early(const Flags& flags, const WelchFlags& welch, FeatureCommand& command) {
  check_welch_flags(flags, welch);
  as_usage([&] {
    Definition definition = command.define(welch.resolution.value_or(1.0), nullptr);
    auto& options = std::get<PeaksOptions>(definition.options);
    forget_input(welch, "peaks", options.welch);
    spectral::check_peaks(options, true);
  });
}

// Nobody asked for more peaks than a short spectrum has bins.
void clamp_default_top(const io::SignalInfo* info, PeaksOptions& options) {
  WelchOptions welch = options.welch;
  if (info != nullptr && welch.short_rows == ShortRows::shrink && !welch.segments) {
    welch.nperseg = std::min(welch.nperseg, info->samples);
  }
  const bool complex = info == nullptr || is_complex(info->dtype);
  options.top = std::clamp<std::int64_t>(spectral::bins_of(welch, complex), 1, options.top);
}

}  // namespace

int run_peaks(const std::vector<std::string>& arguments) {
  Flags flags("peaks",
              "The strongest peaks of every row's spectrum: [rows, k, 4] of bin, power, "
              "frequency_hz, peak_power.",
              kExample);
  WelchFlags welch;
  Edits<PeaksOptions> edits;
  FeatureCommand command;
  add_peaks_flags(flags, edits, command.db);
  add_welch_flags(flags, welch);
  add_band_flag(flags, command.bands);
  add_common_flags(flags, command.common);
  flags.parse(arguments);
  command.like = &welch.like;
  command.db = welch.db || welch.like.db;
  command.define = [&](double fs, const io::SignalInfo* info) {
    Definition definition = definition_of(welch.like, "peaks", fs);
    auto& options = std::get<PeaksOptions>(definition.options);
    apply(welch, "peaks", command.common.nonfinite, options.welch);
    apply_model(flags, welch, command.model, options.welch);
    check_rlx(definition, options.welch);
    for (const auto& edit : edits) edit(options);
    if (!flags.given("--top") && !welch.like.file) clamp_default_top(info, options);
    note_modifications(definition);
    return definition;
  };
  load_model_of(command, "peaks", welch.model);
  check_early(flags, welch, command);
  run_feature_command(flags, command);
  return kOk;
}

}  // namespace papilio::app
