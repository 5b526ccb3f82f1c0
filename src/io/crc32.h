/// CRC-32 of zip members (polynomial 0xEDB88320), eight bytes a step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace papilio::io {

/// Continues `crc` (0 at the start) over more bytes.
inline std::uint32_t crc32(std::uint32_t crc, std::span<const std::byte> bytes) {
  using Table = std::array<std::array<std::uint32_t, 256>, 8>;
  static constexpr Table table = [] {
    Table t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320U : 0U);
      t[0][i] = value;
    }
    for (std::size_t k = 1; k < 8; ++k) {
      for (std::size_t i = 0; i < 256; ++i) {
        t[k][i] = t[k - 1][i] >> 8 ^ t[0][t[k - 1][i] & 0xFF];
      }
    }
    return t;
  }();
  crc = ~crc;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const auto low = static_cast<std::uint32_t>(at[0] | at[1] << 8 | at[2] << 16) |
                     static_cast<std::uint32_t>(at[3]) << 24;
    crc ^= low;
    crc = table[7][crc & 0xFF] ^ table[6][crc >> 8 & 0xFF] ^ table[5][crc >> 16 & 0xFF] ^
          table[4][crc >> 24] ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^
          table[0][at[7]];
  }
  for (; left > 0; --left, ++at) crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xFF];
  return ~crc;
}

}  // namespace papilio::io
