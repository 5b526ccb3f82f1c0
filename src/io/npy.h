/// NumPy .npy files: a strict header parser and a memory-mapped reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/open.h"
#include "io/signal.h"

namespace papilio::io {

/// The header of an .npy file as it stands there.
struct NpyHeader {
  /// '<', '>', '|' or '='.
  char order = '<';
  /// Kind letter: f i u c b U S O V M m.
  char type = 'f';
  /// Bytes of one element ('U': characters, four bytes each).
  std::int64_t size = 4;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  /// Where the data start.
  std::int64_t offset = 0;

  std::int64_t item_bytes() const { return type == 'U' ? 4 * size : size; }
  /// Elements; checked not to overflow by parse_npy_header.
  std::int64_t count() const;
};

/// Parses and checks against the bytes at hand: shape, overflow, truncation. Never executes
/// anything (no pickles). Throws UserError whose message starts with `[io] <name>`.
NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name);

/// Header bytes (magic to newline) of a C-ordered array; `descr` as in "<f4".
std::string make_npy_header(const std::string& descr, std::span<const std::int64_t> shape);

/// Reader of a mapped file.
ReaderPtr open_npy(const std::string& path, const OpenOptions& options);
/// Reader of bytes that outlive it.
ReaderPtr open_npy(std::span<const std::byte> bytes, const std::string& name,
                   const OpenOptions& options);

}  // namespace papilio::io
