// What the fuzz targets share: a refusal (UserError) is a right answer, anything else is a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "papilio/error.h"

namespace papilio::io {

inline std::span<const std::byte> fuzz_bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
inline std::string_view fuzz_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

template <typename Body>
int expect_answer(Body&& body) {
  try {
    body();
  } catch (const UserError&) {
    return 0;
  }
  return 0;
}

}  // namespace papilio::io
