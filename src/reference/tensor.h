/// Dense row-major tensors in double precision: the only data type of the reference device.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace papilio::reference {

struct Tensor {
  bool complex = false;
  std::vector<std::int64_t> shape;
  std::vector<double> re;
  std::vector<double> im;  ///< empty when real

  /// Product of the shape.
  std::int64_t count() const {
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) product *= extent;
    return product;
  }
  /// Length of the last axis.
  std::int64_t last() const { return shape.back(); }
  /// How many runs along the last axis there are.
  std::int64_t items() const {
    std::int64_t product = 1;
    for (std::size_t axis = 0; axis + 1 < shape.size(); ++axis) product *= shape[axis];
    return product;
  }
  std::complex<double> at(std::int64_t i) const {
    const auto k = static_cast<std::size_t>(i);
    return {re[k], complex ? im[k] : 0.0};
  }
  /// Real tensors keep the real part only.
  void set(std::int64_t i, std::complex<double> value) {
    const auto k = static_cast<std::size_t>(i);
    re[k] = value.real();
    if (complex) im[k] = value.imag();
  }
};

/// A tensor of zeros.
inline Tensor zeros(std::vector<std::int64_t> shape, bool complex) {
  Tensor tensor{complex, std::move(shape), {}, {}};
  const auto count = static_cast<std::size_t>(tensor.count());
  tensor.re.assign(count, 0.0);
  if (complex) tensor.im.assign(count, 0.0);
  return tensor;
}

/// A tensor of zeros like `other`, but with another last axis.
inline Tensor zeros_like(const Tensor& other, std::int64_t last, bool complex) {
  std::vector<std::int64_t> shape = other.shape;
  shape.back() = last;
  return zeros(std::move(shape), complex);
}

}  // namespace papilio::reference
