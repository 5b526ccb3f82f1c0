/// Input rows of a bench and errors of its results.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.h"

namespace papilio::bench {

/// Rows r and r + kDistinctRows are equal: a prime, so that no tile repeats the one before it, yet
/// every row can be checked against few reference rows.
inline constexpr std::int64_t kDistinctRows = 61;

/// [rows, length] of noise between -1 and 1, the same every time. Throws UserError where memory for
/// it, and for `out_length` floats a row of results, is lacking.
base::Buffer<float> noise_rows(std::int64_t rows, std::int64_t length, std::int64_t out_length);

/// The distinct rows among `rows`, in double.
std::vector<double> distinct_rows(const base::Buffer<float>& in, std::int64_t rows,
                                  std::int64_t length);

/// NaN everywhere.
void spoil(base::Buffer<float>& out);

/// ||y - x|| / ||x|| of the worst row; `reference` holds the distinct rows.
double worst_relative_error(const base::Buffer<float>& out, const std::vector<double>& reference,
                            std::int64_t rows, std::int64_t length);

}  // namespace papilio::bench
