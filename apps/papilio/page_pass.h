/// The second look at a signal, for its page: the PSD, its peaks and a spectrogram in one pass of
/// bounded memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "feature_command.h"
#include "report/page.h"

namespace papilio::app {

struct PageSpectra {
  api::FeatureResult psd;
  api::FeatureResult peaks;
  std::vector<report::Heatmap> spectrograms;  ///< one per shown row, in dB; none for mel
};

/// What the command did not compute itself is computed here. Moves the reader.
PageSpectra page_pass(const FeatureCommand& command, const FeatureOutcome& outcome,
                      io::SignalReader& reader);

}  // namespace papilio::app
