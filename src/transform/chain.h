/// Products of simple factors around networks: how transforms that are no butterfly network
/// themselves (DCT, convolution) are made of them.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::transform {

/// y[i] = x[source[i]].
struct Permutation {
  std::vector<std::int32_t> source;  ///< [n], each of 0 .. n-1 once
};

/// y[i] = values[i] x[i].
struct Diagonal {
  std::vector<Complex> values;  ///< [n]
};

/// y[i] = Re x[i].
struct RealPart {};

using Factor = std::variant<Permutation, Network, Diagonal, RealPart>;

/// Factors in order of application, each from n numbers to n numbers; or one real-input network,
/// which stands alone, since its result has another length.
struct Chain {
  std::int64_t n = 0;
  std::vector<Factor> factors;

  /// Whether it is a real-input network.
  bool real_input() const;
  /// Length of a result: n, or n/2 + 1 bins for real input.
  std::int64_t outputs() const { return real_input() ? n / 2 + 1 : n; }
};

/// Throws UserError, naming the factor, for one that is not of n numbers or not valid by itself.
void validate(const Chain& chain);

/// All factors of `chain` on x [n]. Throws UserError for an invalid chain or an x of another
/// length.
std::vector<Complex> apply_chain(const Chain& chain, std::span<const Complex> x);

/// The outputs x n matrix that the chain is for real signals: a chain with a real part is linear
/// over the reals only. O(n^2 log n).
Matrix dense(const Chain& chain);

}  // namespace papilio::transform
