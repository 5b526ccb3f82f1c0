/// Results as people read them on a terminal.
#pragma once

#include <string>
#include <vector>

#include "feature_command.h"

namespace papilio::app {

/// The readable form of a feature: a heading, then per row what matters most.
std::string feature_table(const FeatureCommand& command, const FeatureOutcome& outcome);

/// Columns under each other, two blanks apart; all but the columns in `left` are aligned right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head, std::vector<std::size_t> left = {});
  void add(std::vector<std::string> cells);
  /// Lines that each start with `indent`.
  std::string text(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::size_t> left_;
};

/// Four significant digits, or "-" for NaN.
std::string short_number(double value, int digits = 4);
/// 10 log10 with one decimal.
std::string decibels(double power);
/// "48000 Hz, 2 channels, 1.5 s (72000 samples)".
std::string signal_text(const io::SignalInfo& info, std::int64_t samples);
/// `text`, bold where the terminal takes it.
std::string heading(const std::string& text);

/// Rows that a table shows before it says how many there are.
inline constexpr std::int64_t kTableRows = 8;

}  // namespace papilio::app
