/// Singular values of small square matrices (blocks of a network), and the inverse from them.
#pragma once

#include <vector>

#include "transform/matrix.h"

namespace papilio::transform {

/// A = U diag(s) V^H with unitary V; a column of U that belongs to s = 0 is zero.
struct Svd {
  Matrix u;
  std::vector<double> s;  ///< >= 0, in no order
  Matrix v;

  /// s_max / s_min, the condition number in the 2-norm; infinity for a singular matrix.
  double condition() const;
  /// V diag(1/s) U^H; condition() must be finite.
  Matrix inverse() const;
};

/// One-sided Jacobi (Hestenes 1958; Demmel and Veselic 1992): pairs of columns are rotated until
/// all are orthogonal. Small singular values keep their relative accuracy. O(r^3) a sweep, some six
/// sweeps for r = 32. Entries must be finite.
Svd svd(Matrix a);

}  // namespace papilio::transform
