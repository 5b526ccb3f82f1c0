/// A whole file as read-only bytes, mapped into memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace papilio::io {

/// Throws UserError for what is missing, unreadable, a folder, empty, or no regular file.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

  /// Tells the system that pages read so far may leave this process's memory (they can be read
  /// again), so that reading a long file does not look like holding it.
  void release() const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace papilio::io
