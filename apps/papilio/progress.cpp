// The progress bar and warnings.
#include "progress.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace papilio::app {
namespace {

constexpr int kCells = 30;
constexpr std::size_t kLabelBytes = 40;

}  // namespace

bool stderr_is_terminal() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

bool stdout_takes_color() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (forbidden == nullptr || *forbidden == '\0') && isatty(STDOUT_FILENO) == 1 &&
         terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::string one_line(const std::string& text) {
  std::string line = text;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

void warn(const std::string& text) {
  std::fprintf(stderr, "papilio: warning: %s\n", one_line(text).c_str());
}

Progress::Progress(std::string label, std::int64_t total, bool quiet)
    : label_(one_line(label)), total_(total), shown_(!quiet && total > 0 && stderr_is_terminal()) {
  if (label_.size() > kLabelBytes) label_ = "..." + label_.substr(label_.size() - kLabelBytes);
}

Progress::~Progress() {
  if (shown_ && percent_ >= 0) std::fputs("\r\033[K", stderr);
}

void Progress::at(std::int64_t done) {
  if (!shown_) return;
  const int percent =
      static_cast<int>(100.0 * static_cast<double>(done) / static_cast<double>(total_));
  if (percent == percent_ && !changed_) return;
  percent_ = percent;
  changed_ = false;
  const std::string bar(static_cast<std::size_t>(percent * kCells / 100), '#');
  std::fprintf(stderr, "\r%s [%-*s] %3d %%\033[K", label_.c_str(), kCells, bar.c_str(), percent);
  std::fflush(stderr);
}

}  // namespace papilio::app
