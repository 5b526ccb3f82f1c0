/// Exact transforms as chains, and what a training starts from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "train/loss.h"
#include "transform/chain.h"

namespace papilio::train {

/// dft, idft (over n), hadamard, dct2, dct4.
const std::vector<std::string>& trainable_names();

/// The exact chain of that name; `spec` chooses layout, form, order and tying. Throws UserError for
/// an unknown name (with the nearest one) and for what the transform refuses.
transform::Chain exact_transform(std::string_view name, transform::NetworkSpec spec);

/// The exact chain that undoes exact_transform(name, spec), for an encoder's decoder. Throws
/// UserError for names other than dft, idft and hadamard: of a real part there is no inverse.
transform::Chain exact_inverse(std::string_view name, transform::NetworkSpec spec);

struct Start {
  enum class Kind : std::uint8_t { random, perturbed, exact };
  Kind kind = Kind::random;
  double sigma = 0.0;           ///< perturbed: radians
  std::string text = "random";  ///< as it was given
};

/// "random", "exact" or "perturbed:SIGMA". Throws UserError for anything else.
Start parse_start(std::string_view text);

/// The chain with the numbers that a training starts from: those of its networks are replaced, what
/// stands around them stays.
transform::Chain started(transform::Chain exact, const Start& start, std::uint64_t seed);

/// The chain with a gate for every block of its networks, all of the value `gate` from 0 to 1.
transform::Chain gated(transform::Chain chain, double gate);

/// A random network for an unknown matrix that makes outputs of mean power `power.target` of inputs
/// of power.input: so scaled that its own outputs have that power.
transform::Chain random_start(transform::NetworkSpec spec, const Power& power, std::uint64_t seed);

}  // namespace papilio::train
