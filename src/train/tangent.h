/// How many numbers a butterfly network really has, and how well noise lets them be known.
#pragma once

#include <cstdint>

#include "transform/layout.h"

namespace papilio::train {

/// The complex dimension of the matrices that networks of this layout, with free blocks, reach
/// near one without zeros: n (sum of radices - stages + 1).
///
/// Stage s has n r_s numbers. An entry of the matrix is a product of one number per stage
/// (hierarchical.h), so that the Jacobian in the logarithms of the numbers is the same 0-1 matrix
/// for all such networks and has one rank; what it does not see are the n numbers of a diagonal
/// matrix between any two of the S stages, n (S - 1) in all. For radix 2: n (log2 n + 1).
std::int64_t tangent_dimension(const transform::Layout& layout);

/// The Cramer-Rao bound on E ||A' - A||_F^2 of unbiased estimates from pairs y = A x + noise, x of
/// unit covariance: noise variance times dimension over pairs. The Fisher matrix of A's entries is
/// (sum of conj(x) x^T) / variance ~ pairs / variance times the identity, and an estimate that
/// knows the model errs along its tangent space only. Complex circular noise of this E |noise|^2
/// with the complex dimension, or real noise with the real dimension.
double cramer_rao(double noise_variance, std::int64_t dimension, std::int64_t pairs);

}  // namespace papilio::train
