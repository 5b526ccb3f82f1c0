/// Element types and strided views of a stack of signals: rows x samples, never owned.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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
const char* name_of(DType type);

/// True for `c64` and `c128`.
constexpr bool is_complex(DType type) { return type == DType::c64 || type == DType::c128; }

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
