// Noise, and the distance of results to their reference.
#include "rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/memory.h"
#include "papilio/error.h"

namespace papilio::bench {

base::Buffer<float> noise_rows(std::int64_t rows, std::int64_t length, std::int64_t out_length) {
  const double need = 4.0 * static_cast<double>(rows) * static_cast<double>(length + out_length);
  const auto free = static_cast<double>(base::available_memory());
  if (free > 0.0 && need > 0.8 * free) {
    throw UserError("[bench] " + std::to_string(rows) + " rows of " + std::to_string(length) +
                    " numbers and their results need " +
                    base::size_text(static_cast<std::int64_t>(std::min(need, 9e18))) +
                    ", free is " + base::size_text(static_cast<std::int64_t>(free)) +
                    "; give a smaller --batch");
  }
  base::Buffer<float> in(static_cast<std::size_t>(rows * length));
  const std::int64_t distinct = std::min(rows, kDistinctRows) * length;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < distinct; ++i) {
    state = state * 1664525U + 1013904223U;
    in.data()[i] = static_cast<float>(state >> 8) / 8388608.0F - 1.0F;
  }
  for (std::int64_t i = distinct; i < rows * length; ++i) in.data()[i] = in.data()[i - distinct];
  return in;
}

std::vector<double> distinct_rows(const base::Buffer<float>& in, std::int64_t rows,
                                  std::int64_t length) {
  const std::int64_t count = std::min(rows, kDistinctRows) * length;
  return {in.data(), in.data() + count};
}

void spoil(base::Buffer<float>& out) {
  std::fill_n(out.data(), out.size(), std::numeric_limits<float>::quiet_NaN());
}

double worst_relative_error(const base::Buffer<float>& out, const std::vector<double>& reference,
                            std::int64_t rows, std::int64_t length) {
  double worst = 0.0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* y = out.data() + row * length;
    const double* x = reference.data() + (row % kDistinctRows) * length;
    double difference = 0.0;
    double size = 0.0;
    for (std::int64_t i = 0; i < length; ++i) {
      const double d = static_cast<double>(y[i]) - x[i];
      difference += d * d;
      size += x[i] * x[i];
    }
    const double error = std::sqrt(difference / size);
    if (std::isnan(error)) return error;
    worst = std::max(worst, error);
  }
  return worst;
}

}  // namespace papilio::bench
