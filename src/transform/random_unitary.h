/// Random unitary matrices, for random blocks.
#pragma once

#include "base/rng.h"
#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::transform {

/// Haar-random, r x r: the Gram-Schmidt basis of normal columns (Mezzadri 2007: its R has a
/// positive diagonal, which makes the distribution invariant). Orthogonal for the real field.
Matrix random_unitary(std::int64_t radix, Field field, base::Rng& rng);

}  // namespace papilio::transform
