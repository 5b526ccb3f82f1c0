/// Alternating least squares: stage after stage is set to its best values, the others held, from
/// random ones. Only permutations and what surrounds the networks are known.
#pragma once

#include <cstdint>

#include "papilio/view.h"
#include "train/pairs.h"
#include "train/targets.h"
#include "transform/chain.h"

namespace papilio::train {

struct AlsOptions {
  DType dtype = DType::f64;  ///< f32 or f64: what everything is computed in
  int sweeps = 500;          ///< through all stages, at most
  std::uint64_t seed = 0;    ///< of the random start
};

struct Als {
  transform::Chain chain;
  int sweeps = 0;  ///< done
};

/// From the matrix. A chain of one network has a closed form: with f_s as in hierarchical.h, l the
/// product of the factors after s and r of those before it, entries (o, i) with equal o_0 .. o_s
/// and i_s .. i_{S-1} see the same number of stage s and no other, so that its best value is
///
///     f_s = sum conj(l r) A[o, i] / (sum |l|^2 sum |r|^2)
///
/// over the digits that are left. A sweep takes O(n^2), since sums over r grow from stage to stage
/// as products of l do. For what is a butterfly network the first sweep is already exact, up to
/// rounding, from almost any start: by then the stages before s are right up to the diagonal
/// freedom, and what l multiplies cancels against it. Other chains are fitted to the n columns of
/// the matrix as pairs.
///
/// It stops when a sweep lowers the sum of squares by less than a thousandth, or at rounding, after
/// two sweeps at least.
Als als(const transform::Matrix& matrix, const Model& model, const AlsOptions& options);

/// The same from a start of one's own, for a model with a closed form and a matrix of its size; the
/// seed does not matter. It never ends worse than it starts but for rounding.
Als als(const transform::Matrix& matrix, const Model& model, transform::Chain start,
        const AlsOptions& options);

/// From pairs: each stage by conjugate gradients on its normal equations. Converges linearly where
/// it does not stick. Those with random starts throw UserError for sizes that are not the model's.
Als als(const Pairs& pairs, const Model& model, const AlsOptions& options);

}  // namespace papilio::train
