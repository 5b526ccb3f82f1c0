// Appends, one write() a line, so that a kill leaves whole lines but for the last at most.
#include "log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "papilio/error.h"

namespace papilio::app {

LogFile::LogFile(const std::string& path, const std::vector<std::string>& lines) : path_(path) {
  auto file = std::make_unique<base::AtomicFile>(path);
  if (file->direct()) {
    stream_ = std::move(file);
    return;
  }
  for (const std::string& text : lines) file->write(text + "\n");
  file->commit();
  descriptor_ = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ >= 0) return;
  throw UserError("[out] cannot write " + path_ + ": " + std::strerror(errno));
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void LogFile::line(const std::string& text) {
  const std::string whole = text + "\n";
  if (stream_) {
    stream_->write(whole);
    stream_->flush();
    return;
  }
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw UserError("[out] cannot write " + path_ + ": " + std::strerror(errno));
    }
  }
}

std::vector<std::string> whole_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return lines;
  std::ifstream file(path, std::ios::binary);
  for (std::string text; std::getline(file, text) && !file.eof();) lines.push_back(text);
  return lines;
}

}  // namespace papilio::app
