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
    "  papilio psd eeg.npy --fs 256 --units uV --like mne --band alpha=8:13 -o eeg.npz\n"
    "  papilio psd speech.wav --model learned.safetensors";

// What no input can satisfy is a matter of the command line. The range needs the rate: later.
void check_early(const Flags& flags, const WelchFlags& welch, FeatureCommand& command) {
  check_welch_flags(flags, welch);
  as_usage([&] {
    Definition definition = command.define(welch.resolution.value_or(1.0), nullptr);
    auto& options = std::get<WelchOptions>(definition.options);
    forget_input(welch, "psd", options);
    spectral::check_welch(options);
  });
}

}  // namespace

int run_psd(const std::vector<std::string>& arguments) {
  Flags flags("psd", "Welch's power spectral density of every row: [rows, bins].", kExample);
  WelchFlags welch;
  FeatureCommand command;
  add_welch_flags(flags, welch);
  add_band_flag(flags, command.bands);
  add_common_flags(flags, command.common);
  flags.parse(arguments);
  command.like = &welch.like;
  command.db = welch.db || welch.like.db;
  command.define = [&](double fs, const io::SignalInfo*) {
    Definition definition = definition_of(welch.like, "psd", fs);
    auto& options = std::get<WelchOptions>(definition.options);
    apply(welch, "psd", command.common.nonfinite, options);
    apply_model(flags, welch, command.model, options);
    check_rlx(definition, options);
    note_modifications(definition);
    return definition;
  };
  load_model_of(command, "psd", welch.model);
  check_early(flags, welch, command);
  run_feature_command(flags, command);
  return kOk;
}

}  // namespace papilio::app
