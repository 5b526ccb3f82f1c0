// The zip directory of an .npz, read strictly: only what Papilio writes is accepted.
#include "io/npz.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "io/crc32.h"
#include "io/mapped_file.h"
#include "io/utf.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kLocalBytes = 30;
// Results hold about ten arrays.
constexpr std::uint64_t kMaxMembers = 1000;

// Bounds-checked little-endian reading.
class Fields {
 public:
  Fields(Bytes file, const std::string& name) : file_(file), name_(name) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw UserError("[io] " + name_ + " is no .npz that Papilio wrote (" + why +
                    "); give a result of papilio -o FILE.npz");
  }
  std::uint64_t number(std::uint64_t at, int bytes) const {
    const Bytes part = slice(at, static_cast<std::uint64_t>(bytes));
    std::uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) {
      value = value << 8 | std::to_integer<std::uint64_t>(part[i]);
    }
    return value;
  }
  Bytes slice(std::uint64_t at, std::uint64_t count) const {
    if (at > file_.size() || count > file_.size() - at) fail("it is cut off");
    return file_.subspan(at, count);
  }
  std::uint64_t size() const { return file_.size(); }

 private:
  Bytes file_;
  const std::string& name_;
};

struct Directory {
  std::uint64_t begin;
  std::uint64_t count;
};

Directory find_directory(const Fields& file) {
  if (file.size() < kEndBytes) file.fail("it is too short");
  const std::uint64_t lowest =
      file.size() - std::min<std::uint64_t>(file.size(), 65535 + kEndBytes);
  std::uint64_t at = file.size() - kEndBytes;
  while (file.number(at, 4) != 0x06054B50U) {
    if (at-- == lowest) file.fail("there is no zip directory");
  }
  Directory directory{file.number(at + 16, 4), file.number(at + 10, 2)};
  if (directory.begin == 0xFFFFFFFFU || directory.count == 0xFFFFU) {
    if (at < 20 || file.number(at - 20, 4) != 0x07064B50U) file.fail("zip64 locator missing");
    const std::uint64_t wide = file.number(at - 12, 8);
    if (file.number(wide, 4) != 0x06064B50U) file.fail("zip64 directory missing");
    directory = {file.number(wide + 48, 8), file.number(wide + 32, 8)};
  }
  return directory;
}

// The 64-bit values of a central header's extra field, for those that were all ones.
void read_wide(const Fields& file, std::uint64_t extra, std::uint64_t length,
               std::initializer_list<std::uint64_t*> values) {
  for (std::uint64_t at = extra; at + 4 <= extra + length;) {
    const std::uint64_t id = file.number(at, 2);
    const std::uint64_t size = file.number(at + 2, 2);
    if (id == 1) {
      std::uint64_t from = at + 4;
      for (std::uint64_t* value : values) {
        if (*value != 0xFFFFFFFFU) continue;
        *value = file.number(from, 8);
        from += 8;
      }
      return;
    }
    at += 4 + size;
  }
}

}  // namespace

NpzReader::NpzReader(const std::string& path)
    : path_(path), file_(std::make_unique<MappedFile>(path)), bytes_(file_->bytes()) {
  read_directory();
}

NpzReader::NpzReader(Bytes bytes, std::string name) : path_(std::move(name)), bytes_(bytes) {
  read_directory();
}

NpzReader::~NpzReader() = default;

void NpzReader::read_directory() {
  const Fields file(bytes_, path_);
  const Directory directory = find_directory(file);
  if (directory.count > kMaxMembers) file.fail("it has too many members");
  std::uint64_t at = directory.begin;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (file.number(at, 4) != 0x02014B50U) file.fail("a member's entry is damaged");
    const std::uint64_t method = file.number(at + 10, 2);
    const std::uint64_t crc = file.number(at + 16, 4);
    std::uint64_t packed = file.number(at + 20, 4);
    std::uint64_t size = file.number(at + 24, 4);
    const std::uint64_t name_length = file.number(at + 28, 2);
    const std::uint64_t extra_length = file.number(at + 30, 2);
    const std::uint64_t comment_length = file.number(at + 32, 2);
    std::uint64_t offset = file.number(at + 42, 4);
    const Bytes name = file.slice(at + kCentralBytes, name_length);
    read_wide(file, at + kCentralBytes + name_length, extra_length, {&size, &packed, &offset});
    std::string member(reinterpret_cast<const char*>(name.data()), name.size());
    if (method != 0 || packed != size) file.fail("member " + member + " is compressed");
    if (file.number(offset, 4) != 0x04034B50U) file.fail("member " + member + " is damaged");
    const std::uint64_t skip = file.number(offset + 26, 2) + file.number(offset + 28, 2);
    const Bytes content = file.slice(offset + kLocalBytes + skip, size);
    if (member.ends_with(".npy")) member.resize(member.size() - 4);
    members_.push_back({std::move(member), content, static_cast<std::uint32_t>(crc)});
    at += kCentralBytes + name_length + extra_length + comment_length;
  }
}

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

bool NpzReader::has(std::string_view name) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const Member& member) { return member.name == name; });
}

const NpzReader::Member& NpzReader::member(std::string_view name) const {
  for (const Member& candidate : members_) {
    if (candidate.name == name) return candidate;
  }
  throw UserError("[io] " + path_ + " has no array '" + std::string(name) +
                  "'; give a result of papilio -o FILE.npz");
}

NpyHeader NpzReader::header(std::string_view name) const {
  return parse_npy_header(member(name).bytes, path_ + ":" + std::string(name));
}

std::span<const std::byte> NpzReader::data(std::string_view name) const {
  const NpyHeader head = header(name);
  const Member& found = member(name);
  if (crc32(0, found.bytes) != found.crc) {
    Fields(bytes_, path_).fail("array " + found.name + " fails its checksum");
  }
  return found.bytes.subspan(static_cast<std::size_t>(head.offset),
                             static_cast<std::size_t>(head.count() * head.item_bytes()));
}

std::vector<double> NpzReader::numbers(std::string_view name) const {
  const NpyHeader head = header(name);
  const Bytes bytes = data(name);
  if (head.order == '>' || head.fortran_order) {
    Fields(bytes_, path_).fail("array " + std::string(name) + " is of foreign layout");
  }
  std::vector<double> values;
  const auto convert = [&](auto type) {
    using T = decltype(type);
    values.resize(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) {
      T value;
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
      values[i] = static_cast<double>(value);
    }
  };
  if (head.type == 'f' && head.size == 4) {
    convert(float{});
  } else if (head.type == 'f' && head.size == 8) {
    convert(double{});
  } else if (head.type == 'i' && head.size == 8) {
    convert(std::int64_t{});
  } else if (head.type == 'u' && head.size == 1) {
    convert(std::uint8_t{});
  } else {
    Fields(bytes_, path_).fail("array " + std::string(name) + " holds no real numbers");
  }
  return values;
}

std::vector<std::string> NpzReader::strings(std::string_view name) const {
  const NpyHeader head = header(name);
  const Bytes bytes = data(name);
  if (head.type != 'U' || head.order == '>') {
    Fields(bytes_, path_).fail("array " + std::string(name) + " holds no text");
  }
  const Fields file(bytes, path_);
  std::vector<std::string> texts;
  if (head.size == 0) return texts;
  for (std::int64_t i = 0; i < head.count(); ++i) {
    std::u32string text;
    for (std::int64_t c = 0; c < head.size; ++c) {
      text += static_cast<char32_t>(
          file.number(static_cast<std::uint64_t>(4 * (i * head.size + c)), 4));
    }
    text.erase(std::find(text.begin(), text.end(), U'\0'), text.end());
    texts.push_back(to_utf8(text));
  }
  return texts;
}

base::Json NpzReader::meta() const {
  const std::vector<std::string> texts = strings("meta");
  if (texts.size() != 1) Fields(bytes_, path_).fail("meta is not one text");
  return base::parse_json(texts.front(), path_ + ":meta");
}

}  // namespace papilio::io
