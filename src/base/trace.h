/// What the program says of its own work, on stderr, when PAPILIO_TRACE asks for it.
#pragma once

#include <string_view>

namespace papilio::base {

/// True when the comma-separated list PAPILIO_TRACE holds `topic`.
bool traced(std::string_view topic);

}  // namespace papilio::base
