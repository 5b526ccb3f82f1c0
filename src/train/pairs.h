/// Input-output pairs of an unknown transform, from seeds that are disjoint by construction.
#pragma once

#include <cstdint>
#include <string>

#include "papilio/view.h"
#include "transform/matrix.h"

namespace papilio::train {

/// Row p holds the input x_p and the output y_p = A x_p, perhaps with noise.
struct Pairs {
  transform::Matrix x;  ///< [samples, n]
  transform::Matrix y;  ///< [samples, n]

  std::int64_t samples() const { return x.rows; }
};

/// What the random numbers of one recovery are for; each purpose has seeds of its own.
enum class Purpose : std::uint8_t { target, inputs, noise, start };

/// 4 seed + purpose: no two (seed, purpose) share one. Throws UserError for seeds above 2^62 - 1.
std::uint64_t seed_of(std::uint64_t seed, Purpose purpose);

/// Inputs of unit covariance: normal numbers, complex circular or real, rounded to dtype (f32 or
/// f64), and what `matrix` makes of them, rounded too.
Pairs draw_pairs(const transform::Matrix& matrix, std::int64_t samples, bool real, DType dtype,
                 std::uint64_t seed);

/// The columns of a matrix: what it makes of unit vectors.
Pairs columns_of(const transform::Matrix& matrix);

/// E |noise|^2 of one output at this signal-to-noise ratio, for inputs of unit covariance, whose
/// outputs have the mean power ||A||_F^2 / n.
double noise_variance(const transform::Matrix& matrix, double decibels);

/// Adds normal noise of this variance to every output: circular, or real for real pairs.
void add_noise(Pairs& pairs, double variance, bool real, std::uint64_t seed);

/// Throws UserError for numbers so large or small that what a fit squares and multiplies leaves the
/// range of dtype; `name` is what holds them, for `verb`.
void check_range(const transform::Matrix& matrix, DType dtype, const std::string& name,
                 const std::string& verb = "recover");

/// Pairs that a method is given, and others that judge what it finds.
struct Halves {
  Pairs given;
  Pairs held;
};

/// Holds the last tenth of the pairs out, at least one. Throws UserError where fewer than `least`
/// are left, or what is held out has outputs of zeros only.
Halves hold_out(const Pairs& pairs, std::int64_t least);

/// Throws UserError unless there is a pair, x and y are of one shape, every number is finite, and
/// some input and some output is not zero.
void validate(const Pairs& pairs);

}  // namespace papilio::train
