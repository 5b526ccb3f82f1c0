/// What a recovery looks for, and what it is given of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transform/chain.h"
#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::train {

/// The chain to be fitted. Its networks are of block form with blocks of zeros: their permutations
/// are known, their numbers are not. Permutations, diagonals and the real part around them are
/// known.
struct Model {
  transform::Chain chain;
  /// Row mirror[k] of the network's matrix is the conjugate of row k (on the real signals before
  /// it); empty where nothing of the kind is given.
  std::vector<std::int32_t> mirror;
  /// What is given, in words, but for the mirror: rows of different regimes are not comparable.
  std::string regime;

  /// Whether signals are real: there is a real part.
  bool real() const;
  /// Whether one network is all that the chain has.
  bool plain() const;
  /// Whether the matrix determines the matrix of one network (outer.h).
  bool closed_form() const { return plain() || !mirror.empty(); }
};

struct TargetOptions {
  std::string transform;  ///< one of transform_names()
  std::int64_t n = 0;
  std::vector<int> radices = {};  ///< first stage first; empty: the prime radices of n
  /// random-butterfly: of tied or untied twiddles, or of free blocks.
  transform::Form form = transform::Form::twiddle;
  transform::Tying tying = transform::Tying::untied;
  /// What makes dct2, dct4 and conv of networks is given; if not, one network is fitted, which
  /// none of the three is.
  bool outer_structure = true;
  std::uint64_t seed = 0;  ///< of random-butterfly's numbers and conv's kernel
};

struct Target {
  transform::Matrix matrix;
  Model model;
  bool in_model = true;  ///< whether some numbers make the model the matrix
};

/// dft, idft (scaled by 1/n), dct2, dct4 (scipy's, unscaled), hadamard (unscaled, entries 1 and
/// -1), conv (a random kernel of n normal numbers over sqrt(n)), random-butterfly (inits.h).
const std::vector<std::string>& transform_names();

/// Throws UserError for another name (with the nearest one), for an n without small factors, and
/// for what the transform refuses: an n that is no power of two (hadamard), odd n (dct4).
Target make_target(const TargetOptions& options);

/// The model of one network of this layout and permutation, as for a user's own matrix or pairs.
Model plain_model(const transform::Layout& layout, std::vector<std::int32_t> permutation);

}  // namespace papilio::train
