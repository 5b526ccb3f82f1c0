/// What a person sees on standard error while a verb works, and the warnings behind it.
#pragma once

#include <cstdint>
#include <string>

namespace papilio::app {

/// True where standard error is a terminal and may show a line that is written over.
bool stderr_is_terminal();
/// True where standard output is a terminal and NO_COLOR is not set.
bool stdout_takes_color();

/// `text` without control characters, so that a file's name cannot steer a terminal or break a
/// line.
std::string one_line(const std::string& text);

/// "papilio: warning: ..." on standard error.
void warn(const std::string& text);

/// A bar on the terminal; silent elsewhere. Erased when it ends.
class Progress {
 public:
  /// `total` < 0: unknown.
  Progress(std::string label, std::int64_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::int64_t done);
  /// Another text in front of the bar, shown with the next at().
  void label(const std::string& text) {
    changed_ = changed_ || label_ != text;
    label_ = text;
  }
  /// Whether anybody sees it.
  bool shown() const { return shown_; }

 private:
  std::string label_;
  std::int64_t total_;
  bool shown_;
  int percent_ = -1;
  bool changed_ = false;
};

}  // namespace papilio::app
