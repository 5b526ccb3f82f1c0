// .npy and .npz output: zip members stored as they are, fixed time stamps, so that the same result
// gives the same bytes. zip64 fields appear only where 32 bits do not suffice.
#include <algorithm>
#include <bit>

#include "io/crc32.h"
#include "io/npy.h"
#include "io/result.h"
#include "io/utf.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

constexpr std::uint64_t kMax32 = 0xFFFFFFFFU;

std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string numeric_descr(Element element) {
  const std::string order = std::endian::native == std::endian::little ? "<" : ">";
  switch (element) {
    case Element::f32:
      return order + "f4";
    case Element::f64:
      return order + "f8";
    case Element::c64:
      return order + "c8";
    case Element::c128:
      return order + "c16";
    case Element::i64:
      return order + "i8";
    case Element::u8:
      return "|u1";
    case Element::text:
      break;
  }
  throw InternalError("[out] text has no numeric type");
}

// An array as the two parts of an .npy file: header (with the data, for text), then bytes.
struct Encoded {
  std::string head;
  std::span<const std::byte> body;

  std::uint64_t size() const { return head.size() + body.size(); }
};

Encoded encode_texts(const std::vector<std::string>& texts, std::span<const std::int64_t> shape) {
  std::vector<std::u32string> wide;
  std::size_t longest = 1;
  for (const std::string& text : texts) {
    wide.push_back(to_utf32(text));
    longest = std::max(longest, wide.back().size());
  }
  std::string head = make_npy_header("<U" + std::to_string(longest), shape);
  head.reserve(head.size() + 4 * longest * wide.size());
  for (std::u32string& text : wide) {
    text.resize(longest);
    for (const char32_t c : text) {
      for (int shift = 0; shift < 32; shift += 8) head += static_cast<char>(c >> shift & 0xFF);
    }
  }
  return {std::move(head), {}};
}

Encoded encode(const NamedArray& array) {
  if (array.element == Element::text) {
    if (static_cast<std::int64_t>(array.texts.size()) != array.count()) {
      throw InternalError("[out] " + array.name + ": shape and texts disagree");
    }
    return encode_texts(array.texts, array.shape);
  }
  return {make_npy_header(numeric_descr(array.element), array.shape), array.bytes};
}

class ZipWriter {
 public:
  explicit ZipWriter(const Sink& sink) : sink_(sink) {}

  void add(const std::string& name, const Encoded& content) {
    const std::uint32_t crc = crc32(crc32(0, as_bytes(content.head)), content.body);
    const Member member{name, crc, content.size(), at_};
    emit(local_header(member));
    emit(content.head);
    emit(as_text(content.body));
    members_.push_back(member);
  }

  void finish() {
    const std::uint64_t begin = at_;
    for (const Member& member : members_) emit(central_header(member));
    const std::uint64_t size = at_ - begin;
    const std::uint64_t count = members_.size();
    if (begin >= kMax32 || size >= kMax32 || count >= 0xFFFF) {
      const std::uint64_t record = at_;
      Fields wide;
      wide.u32(0x06064B50).u64(44).u16(45).u16(45).u32(0).u32(0);
      wide.u64(count).u64(count).u64(size).u64(begin);
      wide.u32(0x07064B50).u32(0).u64(record).u32(1);
      emit(wide.text);
    }
    Fields end;
    end.u32(0x06054B50).u16(0).u16(0).u16(std::min<std::uint64_t>(count, 0xFFFF));
    end.u16(std::min<std::uint64_t>(count, 0xFFFF)).u32(std::min(size, kMax32));
    end.u32(std::min(begin, kMax32)).u16(0);
    emit(end.text);
  }

 private:
  struct Member {
    std::string name;
    std::uint32_t crc;
    std::uint64_t size;
    std::uint64_t offset;
  };

  // Little-endian numbers, one after the other.
  struct Fields {
    std::string text;
    Fields& put(std::uint64_t value, int bytes) {
      for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
      return *this;
    }
    Fields& u16(std::uint64_t value) { return put(value, 2); }
    Fields& u32(std::uint64_t value) { return put(value, 4); }
    Fields& u64(std::uint64_t value) { return put(value, 8); }
  };

  // Version needed, flags, stored, 1980-01-01 00:00, crc, sizes, length of the name.
  static void common(Fields& fields, const Member& member, bool wide) {
    fields.u16(wide ? 45 : 20).u16(0).u16(0).u16(0).u16(0x21).u32(member.crc);
    const std::uint64_t size = std::min(member.size, kMax32);
    fields.u32(size).u32(size).u16(member.name.size());
  }

  static std::string local_header(const Member& member) {
    const bool wide = member.size >= kMax32;
    Fields fields;
    fields.u32(0x04034B50);
    common(fields, member, wide);
    fields.u16(wide ? 20 : 0);
    fields.text += member.name;
    if (wide) fields.u16(1).u16(16).u64(member.size).u64(member.size);
    return fields.text;
  }

  static std::string central_header(const Member& member) {
    const bool wide_size = member.size >= kMax32;
    const bool wide_offset = member.offset >= kMax32;
    const int extra = (wide_size ? 16 : 0) + (wide_offset ? 8 : 0);
    Fields fields;
    fields.u32(0x02014B50).u16(extra > 0 ? 45 : 20);
    common(fields, member, extra > 0);
    fields.u16(extra > 0 ? extra + 4 : 0).u16(0).u16(0).u16(0).u32(0);
    fields.u32(std::min(member.offset, kMax32));
    fields.text += member.name;
    if (extra > 0) fields.u16(1).u16(extra);
    if (wide_size) fields.u64(member.size).u64(member.size);
    if (wide_offset) fields.u64(member.offset);
    return fields.text;
  }

  void emit(std::string_view bytes) {
    sink_(bytes);
    at_ += bytes.size();
  }

  const Sink& sink_;
  std::uint64_t at_ = 0;
  std::vector<Member> members_;
};

}  // namespace

void write_npz(const Result& result, const Sink& sink) {
  ZipWriter zip(sink);
  for (const NamedArray& array : result.arrays) zip.add(array.name + ".npy", encode(array));
  zip.add("meta.npy", encode_texts({base::dump(result.meta)}, {}));
  zip.finish();
}

void write_npy(const Result& result, const Sink& sink) {
  const NamedArray* data = result.find("data");
  if (data == nullptr) throw InternalError("[out] a result without data");
  const Encoded encoded = encode(*data);
  sink(encoded.head);
  sink(as_text(encoded.body));
}

}  // namespace papilio::io
