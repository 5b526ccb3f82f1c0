/// Where a network's numbers come from before any training: exact, random or perturbed. The same
/// seed gives the same numbers. All throw UserError for an invalid spec.
#pragma once

#include <cstdint>

#include "transform/network.h"

namespace papilio::transform {

/// The network of this spec that computes the DFT, or, with direction inverse, the inverse DFT,
/// scaled by its norm: of the twiddle form w_j = exp(-+2 pi i j k / (r m)), of the block form DFT_r
/// diag(w). With real input, the first n/2 + 1 bins. Throws UserError for real parameters.
Network exact_dft(const NetworkSpec& spec);

/// The Hadamard matrix in natural order (Sylvester 1867): H_1 = [1], H_2n = [[H_n, H_n], [H_n,
/// -H_n]], scaled as exact_dft is. All twiddles are 1 and the permutation is the identity; other
/// radices than 2, powers of two, need the block form, whose blocks are H_r. Throws UserError for
/// other radices and for real input.
Network hadamard(const NetworkSpec& spec);

/// Random parameters of the size that exact ones have, so that a block is sqrt(r) times a unitary
/// matrix: twiddles of modulus 1 and uniform phase (tied ones drawn once), blocks sqrt(r) times a
/// Haar-random unitary (real: orthogonal) matrix. The permutation is the digit reversal;
/// recombination twiddles are of uniform phase too.
Network random_network(const NetworkSpec& spec, std::uint64_t seed);

/// A random network that is invertible, well conditioned and not unitary: a target that recovery
/// must find without luck from orthogonality. Twiddles of uniform phase and log-uniform modulus in
/// [0.8, 1.25]; blocks sqrt(r) U diag(d) V^H with Haar-random U and V and d log-uniform in [0.8,
/// 1.25]. Each block without a gate has a condition number of at most 1.5625.
Network random_butterfly(const NetworkSpec& spec, std::uint64_t seed);

/// A network whose numbers are off by about sigma: each twiddle (tied ones together), each entry of
/// a complex block and each recombination twiddle is turned by an angle of sigma radians (normal,
/// standard deviation); each entry of a real block is multiplied by 1 + sigma times a normal
/// number, which is as large to first order. Gates, permutation and scale stay. Throws UserError
/// unless sigma is finite and not negative.
Network perturbed(Network network, double sigma, std::uint64_t seed);

}  // namespace papilio::transform
