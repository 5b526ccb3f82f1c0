// JSON output with shortest exact numbers, and parsing with our errors.
#include "base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "papilio/error.h"

namespace papilio::base {
namespace {

template <typename T>
void append_float(std::string& text, T value) {
  if (!std::isfinite(value)) {
    text += "null";
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const std::string_view shortest(digits.data(), static_cast<std::size_t>(end - digits.data()));
  text += shortest;
  if (shortest.find_first_of(".e") == std::string_view::npos) text += ".0";
}

void append_break(std::string& text, int indent, int depth) {
  if (indent < 0) return;
  text += '\n';
  text.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(depth), ' ');
}

void append(std::string& text, const Json& value, int indent, int depth) {
  if (value.is_string()) {
    append_string(text, value.get_ref<const std::string&>());
  } else if (value.is_number_float()) {
    append_number(text, value.get<double>());
  } else if (!value.is_structured() || value.empty()) {
    text += value.dump();
  } else {
    const bool object = value.is_object();
    text += object ? '{' : '[';
    bool first = true;
    for (const auto& item : value.items()) {
      if (!first) text += indent < 0 ? ", " : ",";
      first = false;
      append_break(text, indent, depth + 1);
      if (object) {
        append_string(text, item.key());
        text += ": ";
      }
      append(text, item.value(), indent, depth + 1);
    }
    append_break(text, indent, depth);
    text += object ? '}' : ']';
  }
}

}  // namespace

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

void append_number(std::string& text, double value) { append_float(text, value); }
void append_number(std::string& text, float value) { append_float(text, value); }

void append_string(std::string& text, std::string_view value) {
  text += Json(std::string(value)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump(const Json& value, int indent) {
  std::string text;
  append(text, value, indent, 0);
  return text;
}

namespace {

// "line 3, column 14" of a position in a text.
std::string place_in(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  const std::size_t last_break = before.rfind('\n');
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column =
      last_break == std::string_view::npos ? before.size() + 1 : before.size() - last_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

Json parse_json(std::string_view text, const std::string& what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t at = error.byte > 0 ? error.byte - 1 : 0;
    const bool ended = at >= text.size();
    throw UserError("[json] " + what + " is not valid JSON: " +
                    (ended ? "it ends too early, in " : "it goes wrong in ") + place_in(text, at) +
                    "; correct it there, or write it again");
  } catch (const Json::exception&) {
    throw UserError("[json] " + what + " is not valid JSON: a number is too large; correct it");
  }
}

}  // namespace papilio::base
