/// Closed-form factorisation of a matrix into a model: what surrounds the network is taken off
/// first.
///
/// The DCT's chain is C = Re(D F Q), with a known permutation Q and diagonal D. C alone does not
/// determine the complex F: each row of D F can have any imaginary part. What does determine it is
/// that F makes conjugate-symmetric spectra of real signals, row mirror(k) = conj(row k). Then rows
/// k and k' = mirror(k) of C are two real equations for the real and the imaginary part of row k of
/// V = F Q, with d = D_k and e = D_k',
///
///     [ Re d  -Im d ] [ Re V_k ]   [ C_k  ]
///     [ Re e   Im e ] [ Im V_k ] = [ C_k' ]
///
/// of determinant Im(d e). For the DCT-II, d = 2 exp(-i pi k / 2n) and e = 2 exp(-i pi (n-k) / 2n),
/// the determinant is -4 for every k: V_k = (C_k - i C_{n-k}) exp(i pi k / 2n) / 2, no error grows.
/// The DCT-IV, mirrored k to n-1-k, has the same. A row that is its own mirror is real: V_k = C_k /
/// Re d. F = V Q^-1 then goes to hierarchical().
#pragma once

#include "papilio/view.h"
#include "train/targets.h"
#include "transform/chain.h"

namespace papilio::train {

/// The matrix of the model's one network: F of the header from C, or the matrix itself where
/// nothing surrounds the network. Throws UserError for a model without closed form (of two
/// networks), for another size, for a matrix with imaginary parts where there is a real part, and
/// for rows that the mirror leaves singular.
transform::Matrix inner_matrix(const Model& model, const transform::Matrix& matrix);

/// The first network of a chain, which has one.
transform::Network& first_network(transform::Chain& chain);

/// The model's chain with the numbers that hierarchical() finds for `matrix`. Throws UserError as
/// inner_matrix and hierarchical do.
transform::Chain factor_chain(const Model& model, const transform::Matrix& matrix, DType dtype);

/// The matrix that a chain is: as transform::dense, faster for chains of one network.
transform::Matrix chain_matrix(const transform::Chain& chain);

}  // namespace papilio::train
