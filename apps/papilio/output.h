/// Texts and JSON Lines to standard output or files, whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "io/result.h"

namespace papilio::app {

/// "-" is standard output.
void write_text(const std::string& path, std::string_view text);

/// The result as one line of JSON on standard output.
void write_json_line(const io::Result& result);

}  // namespace papilio::app
