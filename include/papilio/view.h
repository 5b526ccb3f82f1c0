/// Element types and strided views of a stack of signals: rows x samples, never owned.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "papilio/export.h"

namespace papilio {

/// Element type of data outside the library. `c64`/`c128` are numpy's complex64/complex128;
/// `i24` is packed little-endian, three bytes a sample. Interleaved complex integers are `ci8`,
/// `ci16`.
enum class DType : std::uint8_t { f32, f64, c64, c128, i8, u8, i16, u16, i24, i32 };

/// Bytes of one element.
constexpr std::size_t size_of(DType type) {
  constexpr std::array<std::size_t, 10> bytes{4, 8, 8, 16, 1, 1, 2, 2, 3, 4};
  return bytes[static_cast<std::size_t>(type)];
}

/// Name as in numpy ("float32", "complex64", ...; "int24" for packed 24-bit samples).
PAPILIO_API const char* name_of(DType type);

/// True for `c64` and `c128`.
constexpr bool is_complex(DType type) { return type == DType::c64 || type == DType::c128; }

/// DType of a C++ element type.
template <typename T>
constexpr DType dtype_of() {
  using Element = std::remove_cv_t<T>;
  if constexpr (std::is_same_v<Element, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<Element, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<Element, std::complex<float>>)
    return DType::c64;
  else if constexpr (std::is_same_v<Element, std::complex<double>>)
    return DType::c128;
  else if constexpr (std::is_same_v<Element, std::int8_t>)
    return DType::i8;
  else if constexpr (std::is_same_v<Element, std::uint8_t>)
    return DType::u8;
  else if constexpr (std::is_same_v<Element, std::int16_t>)
    return DType::i16;
  else if constexpr (std::is_same_v<Element, std::uint16_t>)
    return DType::u16;
  else {
    static_assert(std::is_same_v<Element, std::int32_t>, "no DType for this element type");
    return DType::i32;
  }
}

/// What samples of type T are computed in: double for double and complex<double>, else float.
template <typename T>
using compute_t =
    std::conditional_t<dtype_of<T>() == DType::f64 || dtype_of<T>() == DType::c128, double, float>;

/// A stack of signals: `shape` = {rows, samples}, `strides` in elements (may be negative or 0).
/// Every sample is multiplied by `scale` when it is read.
template <typename T>
struct View {
  T* data = nullptr;
  std::array<std::int64_t, 2> shape{0, 0};
  std::array<std::int64_t, 2> strides{0, 1};
  double scale = 1.0;

  View() = default;
  /// Dense rows: row r starts at data + r * samples.
  View(T* first, std::int64_t rows, std::int64_t samples)
      : data(first), shape{rows, samples}, strides{samples, 1} {}
  View(T* first, std::array<std::int64_t, 2> sizes, std::array<std::int64_t, 2> steps,
       double factor = 1.0)
      : data(first), shape(sizes), strides(steps), scale(factor) {}
  /// One row.
  View(std::span<T> row)  // NOLINT: implicit on purpose
      : View(row.data(), 1, static_cast<std::int64_t>(row.size())) {}
  View(const std::vector<std::remove_const_t<T>>& row)  // NOLINT: implicit on purpose
    requires std::is_const_v<T>
      : View(row.data(), 1, static_cast<std::int64_t>(row.size())) {}

  std::int64_t rows() const { return shape[0]; }
  std::int64_t samples() const { return shape[1]; }
};

}  // namespace papilio
