/// One recovery: a known transform is hidden behind its matrix or pairs, found by one method, and
/// compared. Rows of different regimes are never mixed: each says what its method was given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "papilio/view.h"
#include "train/pairs.h"
#include "train/targets.h"

namespace papilio::train {

struct RecoverOptions {
  std::string transform;  ///< one of transform_names()
  std::int64_t n = 0;
  std::string from = "matrix";          ///< "matrix", "pairs" or "noisy:DB"
  std::string method = "hierarchical";  ///< one of method_names()
  std::uint64_t seed = 0;               ///< of target, inputs, noise and start, kept apart
  DType dtype = DType::f64;             ///< f32 or f64
  std::vector<int> radices = {};        ///< empty: the prime radices of n
  transform::Form form = transform::Form::twiddle;  ///< of random-butterfly's target
  transform::Tying tying = transform::Tying::untied;
  bool outer_structure = true;  ///< as TargetOptions has it
  std::int64_t pairs = 0;       ///< 0: default_pairs(n)
  int iterations = -1;          ///< sweeps or steps at most; -1: the method's own
  double goal = 0.0;            ///< relative error that counts as recovered; 0: see goal_of
  std::string device = "auto";  ///< of adam and lbfgs: where loss and gradient are computed
};

struct RecoverRow {
  std::string transform;
  std::int64_t n = 0;
  std::string from;
  std::string method;
  std::uint64_t seed = 0;
  double relative_error = 0.0;      ///< Frobenius, of error_of
  std::string error_of = "matrix";  ///< the true one, or "held-out pairs"
  double seconds = 0.0;             ///< of the method, its data being there
  std::string regime;
  bool recovered = false;     ///< relative_error <= goal_of
  std::int64_t pairs = 0;     ///< 0 from the matrix
  std::int64_t held_out = 0;  ///< of the pairs; the method did not see them
  int polish_sweeps = 0;  ///< of als, where the closed form missed the goal: the best found is kept
  double bound = 0.0;     ///< noisy pairs of one network: relative_error^2 at the Cramer-Rao bound
};

/// hierarchical, identify, als, adam, lbfgs.
const std::vector<std::string>& method_names();

/// options.goal, or 1e-6 in f32 and for adam and lbfgs, which stop there, and 1e-12 for the other
/// methods in f64.
double goal_of(const RecoverOptions& options);

/// Throws UserError for a device that the method does not compute on.
void check_device(const RecoverOptions& options);

/// Enough pairs for every first estimate of identify(): 4 n up to 512.
std::int64_t default_pairs(std::int64_t n);

/// A recovered model, with its row.
struct Recovery {
  RecoverRow row;
  transform::Chain chain;
};

/// Throws UserError for unknown names (with the nearest one), other precisions, and what the target
/// or the method refuses: hierarchical takes the matrix, identify takes pairs, the others take
/// either.
Recovery recover(const RecoverOptions& options);

/// The same for a matrix of one's own, against which the error is; `options` gives the method, its
/// numbers and how the row is called (transform, seed).
Recovery recover(const transform::Matrix& matrix, const Model& model,
                 const RecoverOptions& options);

/// For pairs of one's own, whose matrix nobody knows: the last tenth of them, at least one, is held
/// out, and relative_error is ||A' X - Y||_F / ||Y||_F over it. Throws UserError for fewer others
/// than determine the model: least_pairs() for identify, unknowns_of_row() for the other methods.
///
/// All throw UserError rather than return an error that is not finite.
Recovery recover(const Pairs& pairs, const Model& model, const RecoverOptions& options);

}  // namespace papilio::train
