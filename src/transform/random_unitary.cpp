// Normal columns, each freed of the earlier ones and normalised.
#include "transform/random_unitary.h"

#include <cmath>

namespace papilio::transform {
namespace {

/// Takes what lies along the first `count` columns out of column `count`.
void project_out(Matrix& q, std::int64_t count) {
  for (std::int64_t p = 0; p < count; ++p) {
    Complex along = 0.0;
    for (std::int64_t i = 0; i < q.rows; ++i) along += std::conj(q.at(i, p)) * q.at(i, count);
    for (std::int64_t i = 0; i < q.rows; ++i) q.at(i, count) -= along * q.at(i, p);
  }
}

}  // namespace

Matrix random_unitary(std::int64_t radix, Field field, base::Rng& rng) {
  Matrix q(radix, radix);
  for (std::int64_t j = 0; j < radix; ++j) {
    for (std::int64_t i = 0; i < radix; ++i) {
      const double re = rng.normal();
      q.at(i, j) = {re, field == Field::complex ? rng.normal() : 0.0};
    }
    // The second pass removes what rounding left of the first, however short the column became.
    project_out(q, j);
    project_out(q, j);
    double square = 0.0;
    for (std::int64_t i = 0; i < radix; ++i) square += std::norm(q.at(i, j));
    for (std::int64_t i = 0; i < radix; ++i) q.at(i, j) /= std::sqrt(square);
  }
  return q;
}

}  // namespace papilio::transform
