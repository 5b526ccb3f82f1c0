/// Samples of a block as numbers, for the few places of io that compute with them.
#pragma once

#include <complex>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/tensor.h"
#include "papilio/error.h"

namespace papilio::io {

/// Calls body(T{}) with the C++ type of `dtype`.
template <typename Body>
void with_type(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::f32:
      return body(float{});
    case DType::f64:
      return body(double{});
    case DType::c64:
      return body(std::complex<float>{});
    case DType::c128:
      return body(std::complex<double>{});
    case DType::i8:
      return body(std::int8_t{});
    case DType::u8:
      return body(std::uint8_t{});
    case DType::i16:
      return body(std::int16_t{});
    case DType::u16:
      return body(std::uint16_t{});
    case DType::i32:
      return body(std::int32_t{});
    case DType::i24:
      break;
  }
  throw InternalError("[io] packed int24 does not come out of these readers");
}

/// Type that computed samples of `dtype` are delivered in: f64 stays f64, complex stays complex,
/// everything else becomes f32.
constexpr DType computed_type(DType dtype) {
  if (dtype == DType::f64 || dtype == DType::c64 || dtype == DType::c128) return dtype;
  return DType::f32;
}

/// Calls body(T{}) for a computed_type.
template <typename Body>
void with_computed_type(DType dtype, Body&& body) {
  if (dtype == DType::f64) return body(double{});
  if (dtype == DType::c64) return body(std::complex<float>{});
  if (dtype == DType::c128) return body(std::complex<double>{});
  body(float{});
}

/// A number as complex<double>, whatever it was; the imaginary part of real numbers is 0.
template <typename T>
std::complex<double> widen(T value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return {static_cast<double>(value), 0.0};
  } else {
    return {static_cast<double>(value.real()), static_cast<double>(value.imag())};
  }
}

/// Element [row, sample] of a view of T.
template <typename T>
T element(const base::TensorView& view, std::int64_t row, std::int64_t sample) {
  T value;
  std::memcpy(&value,
              static_cast<const std::byte*>(view.data) + row * view.byte_strides[0] +
                  sample * view.byte_strides[1],
              sizeof(T));
  return value;
}

}  // namespace papilio::io
