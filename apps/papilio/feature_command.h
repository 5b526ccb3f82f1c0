/// What psd, peaks and mel have in common: from flags to outputs, step by step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/feature.h"
#include "bands.h"
#include "io/signal.h"
#include "like.h"
#include "model_transform.h"
#include "options_common.h"

namespace papilio::app {

/// A parsed command line of a feature verb.
struct FeatureCommand {
  CommonOptions common;
  const Like* like = nullptr;
  std::optional<ModelTransform> model;  ///< what computes the spectra; none: the exact transform
  bool db = false;                      ///< powers are written as 10 log10
  std::vector<Band> bands;              ///< psd and peaks
  /// The definition at a rate, all flags applied; without facts about the input where it is asked
  /// for before there is one.
  std::function<Definition(double fs, const io::SignalInfo* info)> define;
};

/// All that outputs are made of. Powers are linear here, whatever --db says.
struct FeatureOutcome {
  api::FeatureSpec spec;
  api::FeatureResult result;
  io::SignalInfo info;
  BandPowers band_powers;
  std::vector<std::string> warnings;
};

/// Reads the model that --model names, if any.
void load_model_of(FeatureCommand& command, const std::string& verb, const std::string& path);

/// Runs the command and writes what it asks for.
void run_feature_command(const Flags& flags, const FeatureCommand& command);

/// Definition, input facts and execution of a run over `info`.
api::FeatureSpec spec_of(const FeatureCommand& command, const io::SignalInfo& info);

/// Feeds the whole signal to `take`, in chunks of bounded size.
void for_each_chunk(io::SignalReader& reader, bool quiet, const std::string& label,
                    const std::function<void(const io::Block&)>& take);

}  // namespace papilio::app
