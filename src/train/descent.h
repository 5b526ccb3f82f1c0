/// Recovery by the gradient alone: from random blocks, with what the model knows (permutations, and
/// what stands around the networks) and nothing else.
#pragma once

#include <cstdint>
#include <string>

#include "papilio/view.h"
#include "train/pairs.h"
#include "train/targets.h"
#include "transform/chain.h"

namespace papilio::train {

struct DescentOptions {
  DType dtype = DType::f64;     ///< f32 or f64: what the loss is computed in
  int steps = -1;               ///< at most; -1: kAdamSteps or kLbfgsSteps
  double goal = 1e-6;           ///< relative error at which it stops
  std::uint64_t seed = 0;       ///< of the random start, and of the rows of each step
  std::string device = "auto";  ///< of loss and gradient; steps are the host's
};

inline constexpr int kAdamSteps = 10000;
inline constexpr int kLbfgsSteps = 2000;

/// Columns of a matrix are the pairs up to this n; above it they are kRandomRows random inputs,
/// many times more than the unknowns need.
inline constexpr std::int64_t kMostColumnsAdam = 128;
inline constexpr std::int64_t kMostColumnsLbfgs = 512;
inline constexpr std::int64_t kRandomRows = 512;

struct Descent {
  transform::Chain chain;
  int steps = 0;  ///< done
};

/// The pairs that a descent sees of a matrix, as above; exact ones.
Pairs rows_of(const transform::Matrix& matrix, bool real, std::int64_t most_columns,
              std::uint64_t seed);

/// Lowers |A' x - y|^2 / |y|^2, the squared relative error over the pairs, by Adam (Kingma and Ba
/// 2015) at a rate of 0.03 that falls along a cosine: on all pairs a step up to 2^14 values, else
/// on 32 of them, drawn anew for each step.
Descent descend_adam(const Pairs& pairs, const Model& model, const DescentOptions& options);

/// The same by L-BFGS (lbfgs.h) on all pairs, until the goal, the budget, or a point from which no
/// step goes down. Both throw UserError for sizes that are not the model's.
Descent descend_lbfgs(const Pairs& pairs, const Model& model, const DescentOptions& options);

}  // namespace papilio::train
