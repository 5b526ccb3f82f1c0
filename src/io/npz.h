/// Reads back the .npz files that Papilio writes (members stored, not compressed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "io/npy.h"

namespace papilio::io {

class MappedFile;

/// The members of an .npz. Throws UserError for anything that is no such file.
class NpzReader {
 public:
  explicit NpzReader(const std::string& path);
  /// The same on bytes in memory that outlive the reader; `name` is for messages.
  NpzReader(std::span<const std::byte> bytes, std::string name);
  ~NpzReader();

  /// Array names, without ".npy".
  std::vector<std::string> names() const;
  bool has(std::string_view name) const;
  /// Header of a member, and its bytes (little-endian or as the header says), whose checksum is
  /// proved here and not when the file is opened: `--like` reads `meta` of large results only.
  NpyHeader header(std::string_view name) const;
  std::span<const std::byte> data(std::string_view name) const;
  /// A numeric member as doubles (real dtypes only).
  std::vector<double> numbers(std::string_view name) const;
  /// A text member (numpy <U), one string per element.
  std::vector<std::string> strings(std::string_view name) const;
  /// The record in `meta`.
  base::Json meta() const;

 private:
  struct Member {
    std::string name;
    std::span<const std::byte> bytes;
    std::uint32_t crc;
  };
  void read_directory();
  const Member& member(std::string_view name) const;

  std::string path_;
  std::unique_ptr<MappedFile> file_;
  std::span<const std::byte> bytes_;
  std::vector<Member> members_;
};

}  // namespace papilio::io
