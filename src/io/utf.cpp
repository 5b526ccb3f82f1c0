// Strict UTF-8 decoding (no overlong forms, no surrogates) and encoding.
#include "io/utf.h"

#include <array>
#include <cstddef>

namespace papilio::io {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_code_point(char32_t c) { return c < 0xD800 || (c > 0xDFFF && c < 0x110000); }

// Bytes of a sequence by its first byte; 0 for a byte that starts none.
int sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

}  // namespace

std::u32string to_utf32(std::string_view text) {
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  constexpr std::array<unsigned, 5> mask{0, 0x7F, 0x1F, 0x0F, 0x07};
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const int length = sequence_length(first);
    bool good = length > 0 && at + static_cast<std::size_t>(length) <= text.size();
    char32_t c = good ? first & mask[length] : 0;
    for (int i = 1; good && i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      good = (next & 0xC0) == 0x80;
      c = c << 6 | (next & 0x3F);
    }
    good = good && c >= smallest[length] && is_code_point(c);
    out += good ? c : kReplacement;
    at += good ? static_cast<std::size_t>(length) : 1;
  }
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text) {
    if (!is_code_point(c)) c = kReplacement;
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr std::array<unsigned, 4> lead{0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(lead[tail] | c >> (6 * tail));
    for (int i = tail - 1; i >= 0; --i) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
  }
  return out;
}

}  // namespace papilio::io
