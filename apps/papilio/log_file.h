/// A log that grows: every line is in the file once it is written, whatever ends the program.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"

namespace papilio::app {

class LogFile {
 public:
  /// An existing regular file is replaced by `lines`; devices, pipes and standard output ("-") take
  /// what follows alone. Throws UserError when it cannot be written.
  LogFile(const std::string& path, const std::vector<std::string>& lines);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Adds a line, given without its end. Throws UserError (disk full ...) or ClosedPipe.
  void line(const std::string& text);

 private:
  std::string path_;
  std::unique_ptr<base::AtomicFile> stream_;  // what is no regular file
  int descriptor_ = -1;
};

/// The whole lines of a regular file, without their ends: what a killed program wrote of its last
/// one is left out. None where there is no such file.
std::vector<std::string> whole_lines(const std::string& path);

}  // namespace papilio::app
