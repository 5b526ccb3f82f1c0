/// Untrusted text into a page: repaired UTF-8, clipped, escaped; bytes as base64; templates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace papilio::report {

/// `text` as valid UTF-8 of at most `characters_max` characters. Broken bytes and control
/// characters (line feed and tab excepted) become U+FFFD; a cut is marked by an ellipsis.
std::string clean(std::string_view text, std::size_t characters_max);

/// Escaped for element content and for attributes in double or single quotes.
std::string escape(std::string_view text);

/// JSON made safe inside a script element: no "<", ">" or "&" remains.
std::string escape_json(std::string_view json);

/// Standard base64 with padding.
std::string base64(std::span<const std::uint8_t> bytes);

/// The bytes of lower-case hexadecimal digits, as base64.
std::string base64_of_hex(std::string_view digits);

/// `text` with each `{{name}}` replaced once by its value; values are not searched again. Throws
/// InternalError for a name without a value.
std::string fill(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace papilio::report
