// papilio psd: Welch's power spectral density.
#include "errors.h"
#include "feature_command.h"
#include "options_welch.h"
#include "spectral/welch.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  papilio psd speech.wav\n"
    "  papilio psd eeg.npy --fs 256 --units uV --like mne --band alpha=8:13 -o eeg.npz";

// What no input can satisfy is a matter of the command line. The range needs the rate: later.
void check_early(const Flags& flags, const WelchFlags& welch, FeatureCommand& command) {
  check_welch_flags(flags, welch);
  if (welch.resolution) return;
  Definition definition = command.define(1.0);
  auto& options = std::get<WelchOptions>(definition.options);
  options.fmin.reset();
  options.fmax.reset();
  try {
    spectral::check_welch(options);
  } catch (const UserError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

int run_psd(const std::vector<std::string>& arguments) {
  Flags flags("psd", "Welch's power spectral density of every row: [rows, bins].", kExample);
  WelchFlags welch;
  FeatureCommand command;
  add_welch_flags(flags, welch);
  flags
      .on("--band", "NAME=LO:HI", "power of LO <= f < HI, absolute and of the total (repeatable)",
          [&command](const std::string& flag, const std::string& text) {
            command.bands.push_back(parse_band(flag, text));
          })
      ->take_all();
  add_common_flags(flags, command.common, true);
  flags.parse(arguments);
  command.like = &welch.like;
  command.db = welch.db || welch.like.db;
  command.define = [&](double fs) {
    Definition definition = definition_of(welch.like, "psd", fs);
    apply(welch, command.common.nonfinite, std::get<WelchOptions>(definition.options));
    note_modifications(definition);
    return definition;
  };
  check_early(flags, welch, command);
  run_feature_command(flags, command);
  return kOk;
}

}  // namespace papilio::app
