// Columns and numbers of the readable tables.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "progress.h"
#include "tables.h"

namespace papilio::app {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 take no place.
std::size_t width_of(const std::string& cell) {
  return static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

TextTable::TextTable(std::vector<std::string> head, std::vector<std::size_t> left)
    : left_(std::move(left)) {
  add(std::move(head));
}

void TextTable::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = one_line(cell);
  lines_.push_back(std::move(cells));
}

std::string TextTable::text(const std::string& indent) const {
  std::vector<std::size_t> widths(lines_.front().size(), 0);
  for (const auto& line : lines_) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines_) {
    std::string out = indent;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string fill(widths[i] - width_of(line[i]), ' ');
      const bool left = std::find(left_.begin(), left_.end(), i) != left_.end();
      if (i > 0) out += "  ";
      out += left ? line[i] + fill : fill + line[i];
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  }
  return text;
}

std::string short_number(double value, int digits) {
  if (std::isnan(value)) return "-";
  char text[48];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string decibels(double power) {
  if (std::isnan(power)) return "-";
  char text[48];
  std::snprintf(text, sizeof text, "%.1f", 10.0 * std::log10(power));
  return text;
}

std::string signal_text(const io::SignalInfo& info, std::int64_t samples) {
  std::string text;
  if (info.fs) {
    text = base::to_text(*info.fs) + " Hz, ";
    if (info.resampled_from) {
      text = base::to_text(*info.fs) + " Hz (from " + base::to_text(*info.resampled_from) + "), ";
    }
  }
  text += std::to_string(info.rows) + (info.rows == 1 ? " row" : " rows") + " of " +
          std::to_string(samples) + " samples";
  if (info.fs) text += " (" + short_number(static_cast<double>(samples) / *info.fs) + " s)";
  return text;
}

std::string heading(const std::string& text) {
  const std::string line = one_line(text);
  return stdout_takes_color() ? "\033[1m" + line + "\033[0m\n" : line + "\n";
}

}  // namespace papilio::app
