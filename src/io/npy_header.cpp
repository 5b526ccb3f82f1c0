// The .npy header: magic, version, length, and a Python dictionary literal, parsed strictly.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <limits>

#include "io/npy.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

// Real headers are below 10 kB (numpy's own limit for untrusted files).
constexpr std::size_t kMaxHeader = 65536;
constexpr std::size_t kMaxAxes = 64;

// The beginning of a word as messages quote it: a control character, NUL above all, would cut them.
std::string shown(const std::string& word) {
  std::string text = word.substr(0, 20);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return text;
}

// A cursor over the dictionary literal. Every failure names the file.
class Literal {
 public:
  Literal(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw UserError("[io] " + name_ + ": damaged .npy header (" + why + "); write it again with " +
                    "numpy.save");
  }
  bool take(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail(std::string("expected '") + wanted + "'");
  }
  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("expected a quoted word");
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string_view::npos) fail("a quote is not closed");
    std::string word(text_.substr(at_, end - at_));
    if (word.find('\\') != std::string::npos) fail("a backslash in a word");
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      skip_blanks();
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    fail("fortran_order is neither True nor False");
  }
  std::int64_t integer() {
    skip_blanks();
    std::int64_t value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("shape holds something that is no integer of 64 bits");
    at_ += static_cast<std::size_t>(end - first);
    take('L');  // written by Python 2
    return value;
  }
  void end() {
    skip_blanks();
    if (at_ != text_.size()) fail("text after the dictionary");
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && std::strchr(" \t\n\r", text_[at_]) && text_[at_] != '\0') ++at_;
  }
  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

std::vector<std::int64_t> parse_shape(Literal& literal) {
  std::vector<std::int64_t> shape;
  literal.expect('(');
  while (!literal.take(')')) {
    shape.push_back(literal.integer());
    if (shape.back() < 0) literal.fail("a negative extent");
    if (shape.size() > kMaxAxes) literal.fail("more than 64 axes");
    if (!literal.take(',') && literal.peek() != ')') literal.fail("expected ',' in the shape");
  }
  return shape;
}

void parse_descr(Literal& literal, const std::string& name, NpyHeader& header) {
  if (literal.peek() == '[') {
    throw UserError("[io] " + name + " is a structured array (named fields); save one field as a " +
                    "plain array: numpy.save(file, x['field'])");
  }
  const std::string descr = literal.quoted();
  std::size_t at = 0;
  header.order = '=';
  if (!descr.empty() && std::strchr("<>|=", descr[0])) header.order = descr[at++];
  if (at >= descr.size()) literal.fail("descr is empty");
  header.type = descr[at++];
  if (header.type == 'O') {
    throw UserError("[io] " + name + " holds pickled Python objects, which Papilio never loads; " +
                    "save a numeric array (x.astype('float64'))");
  }
  header.size = 0;
  const char* end = descr.data() + descr.size();
  const auto parsed = std::from_chars(descr.data() + at, end, header.size);
  const bool dated = header.type == 'M' || header.type == 'm';  // 'M8[ns]'
  if (parsed.ec != std::errc() || (parsed.ptr != end && !dated) || header.size < 0 ||
      header.size > (1 << 28) || !std::isalpha(static_cast<unsigned char>(header.type))) {
    literal.fail("descr '" + shown(descr) + "' is no numpy type");
  }
}

struct Preamble {
  std::size_t begin;
  std::size_t length;
};

Preamble parse_preamble(std::span<const std::byte> file, const std::string& name) {
  constexpr std::array<unsigned char, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(file[i]); };
  if (file.size() < 10 || std::memcmp(file.data(), magic.data(), magic.size()) != 0) {
    throw UserError("[io] " + name + " is not an .npy file (its first bytes are wrong); write it " +
                    "with numpy.save");
  }
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) {
    throw UserError("[io] " + name + ": .npy version " + std::to_string(version) +
                    " is unknown (1, 2 and 3 are read); write it again with numpy.save");
  }
  const Literal literal("", name);
  if (version > 1 && file.size() < 12) literal.fail("cut off");
  const Preamble preamble =
      version == 1 ? Preamble{10, byte(8) | byte(9) << 8}
                   : Preamble{12, byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24};
  if (preamble.length > kMaxHeader) literal.fail("longer than 65536 bytes");
  if (preamble.length > file.size() - preamble.begin) literal.fail("longer than the file");
  return preamble;
}

// Bytes of the array; overflow is an error of the header, too few bytes a truncated file.
void check_extent(std::span<const std::byte> file, const std::string& name,
                  const NpyHeader& header) {
  std::int64_t bytes = std::max<std::int64_t>(header.item_bytes(), 1);
  bool overflow = false;
  for (const std::int64_t extent : header.shape) {
    // Zero extents do not excuse the others: {2^62, 2^62, 0} is as absurd as without the 0.
    overflow |= __builtin_mul_overflow(bytes, std::max<std::int64_t>(extent, 1), &bytes);
  }
  if (overflow) Literal("", name).fail("the shape is too large for any file");
  const std::int64_t needed = header.count() * header.item_bytes();
  const std::int64_t present = static_cast<std::int64_t>(file.size()) - header.offset;
  if (present < needed) {
    throw UserError("[io] " + name + " is truncated: its header says " + std::to_string(needed) +
                    " bytes of data, it holds " + std::to_string(present) +
                    "; copy or write it again");
  }
}

}  // namespace

std::int64_t NpyHeader::count() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product *= extent;
  return product;
}

NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name) {
  const Preamble preamble = parse_preamble(file, name);
  Literal literal({reinterpret_cast<const char*>(file.data()) + preamble.begin, preamble.length},
                  name);
  NpyHeader header;
  bool has_descr = false;
  bool has_order = false;
  bool has_shape = false;
  literal.expect('{');
  while (!literal.take('}')) {
    const std::string key = literal.quoted();
    literal.expect(':');
    bool* seen = key == "descr"           ? &has_descr
                 : key == "fortran_order" ? &has_order
                 : key == "shape"         ? &has_shape
                                          : nullptr;
    if (seen == nullptr) literal.fail("unknown key '" + shown(key) + "'");
    if (*seen) literal.fail("key '" + key + "' twice");
    *seen = true;
    if (seen == &has_descr) parse_descr(literal, name, header);
    if (seen == &has_order) header.fortran_order = literal.boolean();
    if (seen == &has_shape) header.shape = parse_shape(literal);
    if (!literal.take(',') && literal.peek() != '}') literal.fail("expected ',' or '}'");
  }
  literal.end();
  if (!has_descr || !has_order || !has_shape) {
    literal.fail("descr, fortran_order and shape must all be there");
  }
  header.offset = static_cast<std::int64_t>(preamble.begin + preamble.length);
  check_extent(file, name, header);
  return header;
}

std::string make_npy_header(const std::string& descr, std::span<const std::int64_t> shape) {
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : shape) text += std::to_string(extent) + ", ";
  // A tuple of one keeps its comma, longer ones do not need it.
  if (shape.size() > 1) text.resize(text.size() - 2);
  if (shape.size() == 1) text.resize(text.size() - 1);
  text += "), }";
  const std::size_t used = 10 + text.size() + 1;
  text.append((64 - used % 64) % 64, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

}  // namespace papilio::io
