// Indentation and numbers.
#include "codegen/text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace papilio::codegen {

void Text::line(std::string_view text) {
  if (!text.empty()) text_.append(static_cast<std::size_t>(2 * depth_), ' ').append(text);
  text_.push_back('\n');
}

void Text::open(std::string_view text) {
  line(text);
  ++depth_;
}

void Text::close(std::string_view text) {
  --depth_;
  line(text);
}

void Text::lines(const Text& other) {
  std::string_view rest = other.text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    line(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
}

std::string exact(double value) {
  if (std::isinf(value)) return value > 0 ? "infinite<double>()" : "-infinite<double>()";
  if (std::isnan(value)) return "not_a_number<double>()";
  std::array<char, 48> digits{};
  std::snprintf(digits.data(), digits.size(), "%a", value);
  return digits.data();
}

std::string literal(double value) { return "R(" + exact(value) + ")"; }

std::string affine(const std::string& x, double mul, double add) {
  const std::string scaled = mul == 1.0 ? x : x + " * " + literal(mul);
  return add == 0.0 ? scaled : scaled + " + " + literal(add);
}

}  // namespace papilio::codegen
