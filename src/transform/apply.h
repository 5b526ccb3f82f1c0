/// What a network computes, in double precision, plainly: the meaning that kernels are tested
/// against. One signal takes O(n sum of radices) operations: n log n for bounded radices.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transform/blocks.h"
#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::transform {

/// Which matrix is read out of a network with the matrix A: A, A^T, A^H, conj(A) or A^-1. Of the
/// exact DFT the transpose is the DFT itself, adjoint and conjugate are n times the inverse; of a
/// radix-2 network of unit-modulus twiddles without gates the adjoint is n times the inverse. In
/// general all differ.
enum class Reading : std::uint8_t { forward, transpose, adjoint, conjugate, inverse };

/// The reading of `network` times x. With a complex input x and the result have n numbers; with
/// real input A is n/2+1 x n: forward and conjugate take n numbers, the others n/2+1.
///
/// A reads complex x by linearity also where the input is real. Its inverse exists over the reals
/// only: it takes bins to n real samples, ignoring what no real signal has (as irfft ignores the
/// imaginary parts of DC and Nyquist).
///
/// Throws UserError for an invalid network, an x of another length, and for an inverse where a
/// block is singular or its condition number exceeds kMaxCondition (naming stage and block).
std::vector<Complex> apply_network(const Network& network, std::span<const Complex> x,
                                   Reading reading = Reading::forward);

/// The matrix of a reading: n x n; n/2+1 x n, or its transpose's shape, for real input. O(n^2 log
/// n). Throws UserError as apply_network does, and for the inverse of real input, which has no
/// complex matrix.
Matrix dense(const Network& network, Reading reading = Reading::forward);

}  // namespace papilio::transform
