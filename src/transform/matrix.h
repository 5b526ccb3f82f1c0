/// Small dense complex matrices: blocks, and what networks stand for in tests and recovery.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace papilio::transform {

/// Row-major rows x columns.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<std::complex<double>> values;

  Matrix() = default;
  /// Zeros.
  Matrix(std::int64_t row_count, std::int64_t column_count)
      : rows(row_count),
        columns(column_count),
        values(static_cast<std::size_t>(row_count * column_count)) {}

  std::complex<double>& at(std::int64_t row, std::int64_t column) {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
  const std::complex<double>& at(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
};

}  // namespace papilio::transform
