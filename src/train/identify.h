/// Structured estimation from input-output pairs: the maximum-likelihood network under white noise.
#pragma once

#include <cstdint>
#include <string>

#include "papilio/view.h"
#include "train/pairs.h"
#include "train/targets.h"
#include "transform/chain.h"

namespace papilio::train {

struct IdentifyOptions {
  DType dtype = DType::f64;  ///< f32 or f64: what everything is computed in
  int polish_steps = 100;    ///< Gauss-Newton steps at most
  std::uint64_t seed = 0;    ///< of random starts, where there is no closed form
  int starts = 8;            ///< of these at most; the best fit is kept
};

struct Identified {
  transform::Chain chain;
  double residual = 0.0;  ///< ||A' X - Y||_F / ||Y||_F over the pairs
  int steps = 0;          ///< Gauss-Newton steps taken from the best start
  int starts = 1;         ///< tried
  std::string start;      ///< the first estimate: "correlation", "least squares" or "alternation"
};

/// Unknowns of a row of the matrix on its tangent space: sum of (radix - 1), and one. A network has
/// n times as many (tangent.h), and a pair gives n equations.
std::int64_t unknowns_of_row(const Model& model);

/// Pairs without which identify() has no first estimate, or no determined one.
std::int64_t least_pairs(const Model& model);

/// Three steps. First a matrix: Y X^H over the inputs' power, which is within the reach of what
/// follows for white inputs and 32 pairs per unknown of a row (log2 n + 1 for radix 2), even for
/// fewer than n pairs; else, and where that fits badly, the least-squares matrix of at least n
/// pairs by Householder's QR. Then factor_chain() of it: the projection takes away the part of the
/// error across the model's tangent space. Last Gauss-Newton on the blocks of all stages together,
/// down to rounding or, for noisy pairs, to the network of least squares, which meets the
/// Cramer-Rao bound (tangent.h) as the pairs grow in number.
///
/// For a chain without closed form, als() from random numbers gives the first network. Gauss-Newton
/// may end in a local minimum then, so that several starts are tried until one fits the pairs up
/// to rounding; the residual tells whether any did.
///
/// Throws UserError for pairs of another n or too few of them, for inputs that do not span all
/// signals, and as factor_chain does.
Identified identify(const Pairs& pairs, const Model& model, const IdentifyOptions& options);

}  // namespace papilio::train
