/// From a flag's text to its value: overloads of parse_value, which throw UsageError that names the
/// flag, quotes the text and says what fits. `flag` is tagged: "[psd] --nperseg".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "base/text.h"
#include "errors.h"
#include "papilio/definition.h"
#include "spectral/fields.h"

namespace papilio::app {

[[noreturn]] void refuse_value(const std::string& flag, const std::string& text,
                               const std::string& what);

/// A finite number.
void parse_value(const std::string& flag, const std::string& text, double& out);
void parse_value(const std::string& flag, const std::string& text, std::int64_t& out);
void parse_value(const std::string& flag, const std::string& text, int& out);
void parse_value(const std::string& flag, const std::string& text, std::string& out);
/// A scipy name with its parameters, or the path of an .npy or .csv with the weights.
void parse_value(const std::string& flag, const std::string& text, Window& out);

template <typename E>
  requires std::is_enum_v<E>
void parse_value(const std::string& flag, const std::string& text, E& out) {
  const auto choice = spectral::choice_named<E>(text);
  const auto known = spectral::choices<E>();
  if (!choice) {
    refuse_value(flag, text,
                 "is unknown" + base::did_you_mean(text, known) + "; give " + base::join(known));
  }
  out = *choice;
}

template <typename T>
void parse_value(const std::string& flag, const std::string& text, std::optional<T>& out) {
  parse_value(flag, text, out.emplace());
}

/// A power: a number in the output's unit, or a level with the suffix dB.
struct Power {
  double value = 0.0;
  bool level = false;  ///< value is 10 log10 of the power

  double linear() const;
};
Power parse_power(const std::string& flag, const std::string& text);
/// A number or a fraction such as 1/32768.
double parse_factor(const std::string& flag, const std::string& text);
/// Bytes, with an optional suffix K, M, G or T (powers of 1024).
std::int64_t parse_size(const std::string& flag, const std::string& text);

}  // namespace papilio::app
