// Test files written byte by byte, and readers emptied into doubles.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <bit>
#include <complex>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "io/convert.h"
#include "io/npy.h"
#include "io/signal.h"
#include "papilio/error.h"

namespace papilio::io {

/// A folder that disappears with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "papilio-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return *this / name;
  }
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline std::string slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// `value` as `bytes` bytes, little-endian unless `big`.
inline std::string number(std::uint64_t value, int bytes, bool big = false) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * (big ? bytes - 1 - i : i)) & 0xFF);
  }
  return text;
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline std::string reversed(std::string bytes, std::size_t width) {
  for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
  return bytes;
}

inline std::string npy(const std::string& header, const std::string& data) {
  return std::string("\x93NUMPY\x01\x00", 8) + number(header.size(), 2) + header + data;
}

inline std::string npy_of(const std::string& descr, bool fortran, const std::string& shape,
                          const std::string& data) {
  return npy("{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                 ", 'shape': " + shape + ", }\n",
             data);
}

/// format 1: integers, 3: floats. The header's sizes are right.
inline std::string wav(int format, int channels, int rate, int bits, const std::string& data) {
  const int frame = channels * bits / 8;
  const std::string fmt = number(format, 2) + number(channels, 2) + number(rate, 4) +
                          number(static_cast<std::uint64_t>(rate) * frame, 4) + number(frame, 2) +
                          number(bits, 2);
  const std::string body =
      "WAVEfmt " + number(fmt.size(), 4) + fmt + "data" + number(data.size(), 4) + data;
  return "RIFF" + number(body.size(), 4) + body;
}

/// Every sample times its scale, row after row; complex samples as two numbers.
inline std::vector<std::vector<double>> drain(SignalReader& reader,
                                              const std::vector<std::int64_t>& chunks = {1000}) {
  std::vector<std::vector<double>> rows(static_cast<std::size_t>(reader.info().rows));
  Block block;
  for (std::size_t turn = 0;; ++turn) {
    const std::int64_t got = reader.read(chunks[turn % chunks.size()], block);
    if (got == 0) return rows;
    EXPECT_EQ(block.view.rank, 2);
    EXPECT_EQ(block.view.shape[0], reader.info().rows);
    EXPECT_EQ(block.view.shape[1], got);
    EXPECT_EQ(block.view.dtype, reader.info().dtype);
    EXPECT_EQ(block.view.scale, reader.info().scale);
    with_type(block.view.dtype, [&](auto type) {
      for (std::int64_t row = 0; row < reader.info().rows; ++row) {
        for (std::int64_t i = 0; i < got; ++i) {
          const auto value = widen(element<decltype(type)>(block.view, row, i));
          rows[row].push_back(value.real() * block.view.scale);
          if (is_complex(block.view.dtype)) rows[row].push_back(value.imag() * block.view.scale);
        }
      }
    });
  }
}

/// The message of the UserError that `body` throws, or "" and a failure.
template <typename Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const UserError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no UserError";
  return "";
}

/// The message holds every one of these parts.
inline void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' not in: " << message;
  }
}

}  // namespace papilio::io
