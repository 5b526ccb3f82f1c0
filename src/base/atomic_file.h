/// Output files that appear whole or not at all: a temporary file in the same folder, fsync,
/// rename. Devices, pipes and standard output are written directly; symbolic links are followed.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace papilio::base {

/// The reader of our output went away (EPIPE). Not an `Error`: the program ends quietly.
class ClosedPipe : public std::exception {
 public:
  const char* what() const noexcept override { return "the reader of the output closed it"; }
};

/// A file under construction. Nothing is visible under `path` before commit(); without it the
/// destructor removes what was written. Buffered; not copyable; one thread at a time.
class AtomicFile {
 public:
  /// Opens the output; "-" is standard output. Throws UserError when it cannot be written.
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes. Throws UserError (disk full ...) or ClosedPipe.
  void write(std::string_view bytes);
  void write(const void* bytes, std::size_t count) {
    write(std::string_view(static_cast<const char*>(bytes), count));
  }
  /// Hands buffered bytes to the system, for endless streams to a pipe.
  void flush();
  /// Makes the result visible under its name (flush, fsync, rename). Nothing may follow.
  void commit();

  /// The path as the caller named it.
  const std::string& path() const { return path_; }
  /// True when the output is a pipe, a device or standard output, so that nothing is renamed.
  bool direct() const { return direct_; }

 private:
  void put(const char* bytes, std::size_t count);
  void open_temporary();
  void discard() noexcept;
  [[noreturn]] void fail(int error) const;

  std::string path_;       // as given, for messages
  std::string target_;     // after following symbolic links
  std::string temporary_;  // empty when direct
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  int descriptor_ = -1;
  int slot_ = -1;  // in the registry of partial files
  bool direct_ = false;
};

/// Throws UserError now if AtomicFile could not write `path` later: missing or unwritable folder,
/// a folder in its place, no permission. Leaves nothing behind.
void ensure_writable(const std::string& path);

/// True when both names lead to the same existing file (an output that would replace its input).
bool same_file(const std::string& a, const std::string& b);

/// Removes what processes that were killed left of `path` under construction: their destructors and
/// handlers never ran. Files of processes that live stay.
void remove_stale_files(const std::string& path);

/// Unlinks every partial file of this process. Async-signal-safe.
void remove_partial_files() noexcept;

}  // namespace papilio::base
