/// .safetensors files: named tensors and a map of strings, read from a mapped file and written
/// whole or not at all. What the tensors mean is not known here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/result.h"

namespace papilio::io {

/// Element types of the format, all of which are checked and copied. Values are handed out of
/// f32, f64, i8, u8, i32 and i64 alone.
enum class TensorType : std::uint8_t {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64
};

/// As the format writes it ("F32").
const char* name_of(TensorType type);
/// Of one element.
int bits_of(TensorType type);
/// The type of that name, or none.
std::optional<TensorType> tensor_type(std::string_view name);

/// Bytes of a tensor; none if an extent is negative, they overflow or end inside a byte. Extents of
/// zero do not excuse the others: {2^62, 2^62, 0} is as absurd as without the 0.
std::optional<std::int64_t> tensor_bytes(TensorType type, std::span<const std::int64_t> shape);

template <typename T>
constexpr TensorType tensor_type_of() {
  if constexpr (std::is_same_v<T, float>) return TensorType::f32;
  if constexpr (std::is_same_v<T, double>) return TensorType::f64;
  if constexpr (std::is_same_v<T, std::int8_t>) return TensorType::i8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return TensorType::u8;
  if constexpr (std::is_same_v<T, std::int32_t>) return TensorType::i32;
  if constexpr (std::is_same_v<T, std::int64_t>) return TensorType::i64;
}

/// One tensor: row-major, little-endian. Bytes are borrowed from the caller or kept alive by
/// `owner`, and in a file they need not be aligned to their type.
struct NamedTensor {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

/// What a file holds.
struct Safetensors {
  /// For messages.
  std::string path;
  std::map<std::string, std::string> metadata;
  /// In the order of their names after reading; writing takes any order.
  std::vector<NamedTensor> tensors;

  /// nullptr when absent.
  const NamedTensor* find(std::string_view name) const;
  /// Throws UserError when absent.
  const NamedTensor& at(std::string_view name) const;
  /// A copy of the values of a tensor. Throws UserError when it is absent or of another type.
  template <typename T>
  std::vector<T> values(std::string_view name) const;
  /// The values of an F32 or F64 tensor.
  std::vector<double> reals(std::string_view name) const;

 private:
  const NamedTensor& typed(std::string_view name, TensorType type) const;
};

/// Copies elements of `size` bytes between the machine's order and the file's.
void copy_little_endian(std::span<const std::byte> from, void* to, std::size_t size);

template <typename T>
std::vector<T> Safetensors::values(std::string_view name) const {
  const NamedTensor& tensor = typed(name, tensor_type_of<T>());
  std::vector<T> copy(tensor.bytes.size() / sizeof(T));
  copy_little_endian(tensor.bytes, copy.data(), sizeof(T));
  return copy;
}

/// A tensor that owns a copy of `values`; writing refuses a shape that does not hold as many.
template <typename T>
NamedTensor make_tensor(std::string name, std::vector<std::int64_t> shape,
                        std::span<const T> values) {
  auto copy = std::make_shared<std::vector<std::byte>>(values.size_bytes());
  copy_little_endian(std::as_bytes(values), copy->data(), sizeof(T));
  return {std::move(name), tensor_type_of<T>(), std::move(shape), *copy, copy};
}

/// Maps a file and checks all of its header against its size. Throws UserError.
Safetensors read_safetensors(const std::string& path);
/// The same of bytes that outlive the result; `name` is for messages.
Safetensors parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

/// Writes the one file that these contents have: header in the order of names, data by falling
/// element size and then by name, so that each tensor is aligned to its elements. Throws UserError
/// before the first byte for what no file can hold.
void write_safetensors(const Safetensors& contents, const std::string& path);
void write_safetensors(const Safetensors& contents, const Sink& sink);

/// A text of a file as people may see it: control characters, which a terminal obeys, as '?'.
std::string printable(std::string_view text);
/// A name as messages quote it: a printable beginning of it.
std::string quoted_name(std::string_view name);

}  // namespace papilio::io
