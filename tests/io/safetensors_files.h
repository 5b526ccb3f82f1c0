// What the tests of .safetensors share: files from a header and data, and the types of the format.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "io/files.h"

namespace papilio::io {

/// In the order of TensorType, with the bytes of eight elements.
inline constexpr std::pair<const char*, int> kTypesAndBytesOfEight[] = {
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64}};

/// The length, the header and so many zeros.
inline std::string safetensors_of(const std::string& header, std::size_t data_bytes) {
  return number(header.size(), 8) + header + std::string(data_bytes, '\0');
}

/// `"name":{...}` of a header.
inline std::string entry_of(const std::string& name, const std::string& dtype,
                            const std::string& shape, const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

}  // namespace papilio::io
