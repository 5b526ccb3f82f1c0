/// One sample of any element type, read from memory of any alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "papilio/error.h"
#include "papilio/view.h"

namespace papilio::kernels {

/// Packed little-endian 24-bit integer.
struct Int24 {
  std::uint8_t bytes[3];
  /// Sign-extended value.
  constexpr std::int32_t value() const {
    const std::uint32_t bits = static_cast<std::uint32_t>(bytes[0]) << 8 |
                               static_cast<std::uint32_t>(bytes[1]) << 16 |
                               static_cast<std::uint32_t>(bytes[2]) << 24;
    return static_cast<std::int32_t>(bits) >> 8;
  }
};
static_assert(sizeof(Int24) == 3);

/// The sample at `address` as T: exact or rounded once.
template <typename T, typename Source>
inline T read_sample(const std::byte* address) {
  Source sample;
  std::memcpy(&sample, address, sizeof(Source));
  if constexpr (std::is_same_v<Source, Int24>) {
    return static_cast<T>(sample.value());
  } else {
    return static_cast<T>(sample);
  }
}

/// Element type of the parts of a complex type; any other type is its own.
constexpr DType part_of(DType type) {
  if (type == DType::c64) return DType::f32;
  return type == DType::c128 ? DType::f64 : type;
}

/// Calls body.template operator()<Source>() for the C++ type of a real `type`.
template <typename Body>
decltype(auto) with_sample_type(DType type, Body&& body) {
  switch (type) {
    case DType::f32:
      return body.template operator()<float>();
    case DType::f64:
      return body.template operator()<double>();
    case DType::i8:
      return body.template operator()<std::int8_t>();
    case DType::u8:
      return body.template operator()<std::uint8_t>();
    case DType::i16:
      return body.template operator()<std::int16_t>();
    case DType::u16:
      return body.template operator()<std::uint16_t>();
    case DType::i24:
      return body.template operator()<Int24>();
    case DType::i32:
      return body.template operator()<std::int32_t>();
    case DType::c64:
    case DType::c128:
      break;
  }
  throw InternalError("[kernels] complex samples where real ones are loaded");
}

}  // namespace papilio::kernels
