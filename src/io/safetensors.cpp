// Element types of .safetensors, lookup of tensors and copies of their values.
#include "io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "io/utf.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

// Code points of a name that a message quotes.
constexpr std::size_t kShownNames = 40;

struct TypeRow {
  TensorType type;
  const char* name;
  int bits;
};
constexpr std::array<TypeRow, 22> kTypes{{{TensorType::boolean, "BOOL", 8},
                                          {TensorType::f4, "F4", 4},
                                          {TensorType::f6_e2m3, "F6_E2M3", 6},
                                          {TensorType::f6_e3m2, "F6_E3M2", 6},
                                          {TensorType::u8, "U8", 8},
                                          {TensorType::i8, "I8", 8},
                                          {TensorType::f8_e5m2, "F8_E5M2", 8},
                                          {TensorType::f8_e4m3, "F8_E4M3", 8},
                                          {TensorType::f8_e8m0, "F8_E8M0", 8},
                                          {TensorType::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
                                          {TensorType::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
                                          {TensorType::i16, "I16", 16},
                                          {TensorType::u16, "U16", 16},
                                          {TensorType::f16, "F16", 16},
                                          {TensorType::bf16, "BF16", 16},
                                          {TensorType::i32, "I32", 32},
                                          {TensorType::u32, "U32", 32},
                                          {TensorType::f32, "F32", 32},
                                          {TensorType::c64, "C64", 64},
                                          {TensorType::f64, "F64", 64},
                                          {TensorType::i64, "I64", 64},
                                          {TensorType::u64, "U64", 64}}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (static_cast<std::size_t>(kTypes[i].type) != i) return false;
  }
  return true;
}
static_assert(in_order(), "rows are found by the number of their type");

const TypeRow& row_of(TensorType type) { return kTypes[static_cast<std::size_t>(type)]; }

[[noreturn]] void refuse_type(const std::string& path, const NamedTensor& tensor,
                              const std::string& wanted, const std::string& advice) {
  throw UserError("[safetensors] " + path + ": tensor " + quoted_name(tensor.name) + " holds " +
                  name_of(tensor.type) + ", and " + wanted + " is needed; save it as " + advice);
}

// What numpy calls the types that are handed out.
const char* numpy_name(TensorType type) {
  if (type == TensorType::f32) return "float32";
  if (type == TensorType::f64) return "float64";
  if (type == TensorType::i8) return "int8";
  if (type == TensorType::u8) return "uint8";
  return type == TensorType::i32 ? "int32" : "int64";
}

}  // namespace

const char* name_of(TensorType type) { return row_of(type).name; }
int bits_of(TensorType type) { return row_of(type).bits; }

std::optional<TensorType> tensor_type(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (name == row.name) return row.type;
  }
  return std::nullopt;
}

std::optional<std::int64_t> tensor_bytes(TensorType type, std::span<const std::int64_t> shape) {
  std::int64_t bits = bits_of(type);
  bool impossible = false;
  bool hollow = false;
  for (const std::int64_t extent : shape) {
    impossible |=
        extent < 0 || __builtin_mul_overflow(bits, std::max<std::int64_t>(extent, 1), &bits);
    hollow |= extent == 0;
  }
  if (impossible) return std::nullopt;
  if (hollow) return 0;
  if (bits % 8 != 0) return std::nullopt;
  return bits / 8;
}

std::string printable(std::string_view text) {
  std::u32string points = to_utf32(text);
  const auto control = [](char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); };
  std::replace_if(points.begin(), points.end(), control, U'?');
  return to_utf8(points);
}

std::string quoted_name(std::string_view name) {
  // Four bytes a code point at most; a cut character lies behind the last one that is shown.
  const std::u32string points = to_utf32(name.substr(0, 4 * (kShownNames + 1)));
  const std::string shown = printable(to_utf8(points.substr(0, kShownNames)));
  return "'" + shown + (points.size() > kShownNames ? "...'" : "'");
}

const NamedTensor* Safetensors::find(std::string_view name) const {
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

const NamedTensor& Safetensors::at(std::string_view name) const {
  if (const NamedTensor* tensor = find(name)) return *tensor;
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  const std::string near = base::nearest(name, names);
  throw UserError("[safetensors] " + path + " has no tensor " + quoted_name(name) +
                  (near.empty() ? "" : " (it has " + quoted_name(near) + ")") +
                  "; give a file that has it");
}

const NamedTensor& Safetensors::typed(std::string_view name, TensorType type) const {
  const NamedTensor& tensor = at(name);
  if (tensor.type != type) refuse_type(path, tensor, name_of(type), numpy_name(type));
  const std::optional<std::int64_t> bytes = tensor_bytes(tensor.type, tensor.shape);
  if (!bytes || static_cast<std::uint64_t>(*bytes) != tensor.bytes.size()) {
    // Neither read nor written like this: only made so.
    throw InternalError("[safetensors] " + path + ": tensor " + quoted_name(name) +
                        " has bytes that do not fit its shape");
  }
  return tensor;
}

std::vector<double> Safetensors::reals(std::string_view name) const {
  const NamedTensor& tensor = at(name);
  if (tensor.type == TensorType::f64) return values<double>(name);
  if (tensor.type != TensorType::f32) {
    refuse_type(path, tensor, "F32 or F64", "float32 or float64");
  }
  const std::vector<float> narrow = values<float>(name);
  return {narrow.begin(), narrow.end()};
}

void copy_little_endian(std::span<const std::byte> from, void* to, std::size_t size) {
  // An empty vector may have no address at all, which memcpy does not take.
  if (from.empty()) return;
  std::memcpy(to, from.data(), from.size());
  if constexpr (std::endian::native == std::endian::big) {
    auto* at = static_cast<std::byte*>(to);
    for (std::size_t i = 0; i + size <= from.size(); i += size) {
      std::reverse(at + i, at + i + size);
    }
  }
}

}  // namespace papilio::io
