/// The closed-form factorisation of a matrix into butterfly stages by best rank-one approximations
/// of local blocks (Zheng, Riccietti, Gribonval, "Efficient identification of butterfly sparse
/// matrix factorizations", 2021, algorithm 1; Le, Zheng, Riccietti, Gribonval, "Fast learning of
/// fast transforms, with guarantees", 2022), here for any radices.
///
/// Write positions by their digits, i = sum_s d_s m_s, and let o be the digits of a row and i those
/// of a column behind the permutation. Stage s replaces digit s only, so that one path leads from i
/// to o and each entry is a product of one number per stage:
///
///     A[o, i] = prod_s f_s(o_0 .. o_s, i_s .. i_{S-1}).
///
/// For any split t the factors s >= t do not depend on i_0 .. i_{t-1}, nor the factors s < t on
/// o_t .. o_{S-1}. Hence for each of the n choices of (o_0 .. o_{t-1}, i_t .. i_{S-1}) the block of
/// the n/m_t rows and m_t columns that are left has rank one, whatever the radices are, and its two
/// vectors are entries of the product of the stages from t on and of those before t. Both are block
/// diagonal with butterfly matrices as blocks, to which the same applies: any binary tree over the
/// stages works. The balanced one costs n^2 + 2 n^1.5 + ..., O(n^2), and lets rounding grow with
/// its depth log2 S only. The vectors are unique up to a factor for each block, which is the
/// diagonal freedom between stages t-1 and t.
#pragma once

#include <cstdint>
#include <span>

#include "papilio/view.h"
#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::train {

struct Factorisation {
  transform::Network network;   ///< of block form, order dit, scale 1
  double relative_error = 0.0;  ///< of its matrix, in the Frobenius norm
  std::int64_t operations = 0;  ///< complex multiply-adds of the rank-one approximations
};

/// The network of this layout and permutation nearest to `matrix` split by split: exact up to
/// rounding for what is such a network, else an approximation that is not the best one in general.
/// It computes in dtype, f32 or f64, to which the matrix is rounded first.
///
/// A network of order dif is the transpose of one of order dit: transpose the matrix. Throws
/// UserError for a matrix that is not n x n, not finite or zero, for a permutation of another
/// length, and for other dtypes.
Factorisation hierarchical(const transform::Matrix& matrix, const transform::Layout& layout,
                           std::span<const std::int32_t> permutation, DType dtype);

/// ||a - b||_F / ||b||_F. Throws UserError if the shapes differ or b is zero.
double relative_distance(const transform::Matrix& a, const transform::Matrix& b);

}  // namespace papilio::train
