/// A feature as a page to look at.
#pragma once

#include <string>

#include "feature_command.h"

namespace papilio::app {

/// The page's HTML. Reads the signal a second time.
std::string feature_page(const FeatureCommand& command, const FeatureOutcome& outcome,
                         io::SignalReader& reader);

}  // namespace papilio::app
