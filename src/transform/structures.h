/// Exact chains for transforms that are not one butterfly network: DCT-II, DCT-IV and circular
/// convolution. Their specs choose layout, form, order and tying; they must be complex, forward and
/// of norm backward, else UserError.
#pragma once

#include <span>

#include "transform/chain.h"
#include "transform/network.h"

namespace papilio::transform {

/// y[k] = 2 sum_t x[t] cos(pi k (2t+1) / 2n), as scipy.fft.dct(x, 2). Makhoul (1980): a permutation
/// (even samples ascending, then odd ones descending), the DFT, the diagonal 2 exp(-i pi k / 2n),
/// the real part. Any n of small factors.
Chain dct2(const NetworkSpec& spec);

/// y[k] = 2 sum_t x[t] cos(pi (2k+1)(2t+1) / 4n), as scipy.fft.dct(x, 4).
///
/// With h = n/2, v[t] = x[2t] and v[h+t] = -x[n-1-2t] for t < h, it is the real part of 2 exp(-i pi
/// (2k+1) / 4n) V[k], where V[k] = sum_t v[t] exp(-2 pi i t (k + 1/2) / n) is a DFT at half-odd
/// frequencies: a network of the twiddles w_j = exp(-2 pi i j (k + 1/2) / (r m)), whose first stage
/// has the minus sign too (w_j changes its sign from j = r/2 on).
///
/// That is what the twiddle form holds. The block form conjugates what odd bins are computed from,
/// which changes no real part and makes blocks of a first stage of radix 2 of rank one, [[1, i],
/// [1, i]].
///
/// Throws UserError for an odd first radix (the minus sign would cut through blocks), and for order
/// dif (V is not symmetric).
Chain dct4(const NetworkSpec& spec);

/// y[t] = sum_s kernel[s] x[(t - s) mod n]: the DFT, the DFT of the kernel as a diagonal, the
/// inverse DFT. A kernel of another length than n is a UserError.
Chain circular_convolution(const NetworkSpec& spec, std::span<const Complex> kernel);

}  // namespace papilio::transform
