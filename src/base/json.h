/// JSON with keys in the order of insertion and shortest exact numbers (nlohmann-json inside).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace papilio::base {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinity: null for those.
Json number_or_null(double value);

/// Appends the shortest text that reads back as the same number, or "null". Whole numbers keep
/// ".0", so that a reader sees a floating-point value.
void append_number(std::string& text, double value);
void append_number(std::string& text, float value);

/// Appends a quoted JSON string; invalid UTF-8 becomes U+FFFD.
void append_string(std::string& text, std::string_view value);

/// One line when indent < 0, else that many blanks a level. Same value, same bytes.
std::string dump(const Json& value, int indent = -1);

/// Parses; `what` names the text in the UserError of malformed JSON.
Json parse_json(std::string_view text, const std::string& what);

}  // namespace papilio::base
