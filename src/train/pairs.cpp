// Random pairs, and what makes pairs usable.
#include "train/pairs.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <string>

#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"

namespace papilio::train {
namespace {

using transform::Matrix;
using RowMajor =
    Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[noreturn]] void fail(const std::string& what) { throw UserError("[recover] " + what); }

void round_to(DType dtype, Matrix& matrix) {
  if (dtype != DType::f32) return;
  for (auto& value : matrix.values) value = std::complex<double>(std::complex<float>(value));
}

std::complex<double> draw(base::Rng& rng, double variance, bool real) {
  if (real) return std::sqrt(variance) * rng.normal();
  const double re = rng.normal();
  return std::sqrt(variance / 2.0) * std::complex<double>(re, rng.normal());
}

void check_finite(const Matrix& matrix, const std::string& name) {
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    const auto value = matrix.values[i];
    if (std::isfinite(value.real()) && std::isfinite(value.imag())) continue;
    fail(name + " of pair " + std::to_string(static_cast<std::int64_t>(i) / matrix.columns) +
         " holds a number that is not finite; leave that pair out");
  }
}

std::string shape_text(const Matrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
}

}  // namespace

std::uint64_t seed_of(std::uint64_t seed, Purpose purpose) {
  if (seed >> 62 != 0) {
    fail("the seed " + std::to_string(seed) + " is above 2^62 - 1; give a smaller one");
  }
  return 4 * seed + static_cast<std::uint64_t>(purpose);
}

Pairs draw_pairs(const Matrix& matrix, std::int64_t samples, bool real, DType dtype,
                 std::uint64_t seed) {
  if (samples < 1) fail("there are no pairs; give at least one");
  Pairs pairs{Matrix(samples, matrix.columns), Matrix(samples, matrix.rows)};
  base::Rng rng(seed);
  for (auto& value : pairs.x.values) value = draw(rng, 1.0, real);
  round_to(dtype, pairs.x);
  const Eigen::Map<const RowMajor> a(matrix.values.data(), matrix.rows, matrix.columns);
  const Eigen::Map<const RowMajor> x(pairs.x.values.data(), samples, matrix.columns);
  Eigen::Map<RowMajor> y(pairs.y.values.data(), samples, matrix.rows);
  y.noalias() = x * a.transpose();
  round_to(dtype, pairs.y);
  return pairs;
}

Pairs columns_of(const Matrix& matrix) {
  Pairs pairs{Matrix(matrix.columns, matrix.columns), Matrix(matrix.columns, matrix.rows)};
  for (std::int64_t i = 0; i < matrix.columns; ++i) {
    pairs.x.at(i, i) = 1.0;
    for (std::int64_t k = 0; k < matrix.rows; ++k) pairs.y.at(i, k) = matrix.at(k, i);
  }
  return pairs;
}

double noise_variance(const Matrix& matrix, double decibels) {
  if (!std::isfinite(decibels)) fail("the signal-to-noise ratio is not finite; give decibels");
  double power = 0.0;
  for (const auto value : matrix.values) power += std::norm(value);
  return power / static_cast<double>(matrix.rows) * std::pow(10.0, -decibels / 10.0);
}

void add_noise(Pairs& pairs, double variance, bool real, std::uint64_t seed) {
  base::Rng rng(seed);
  for (auto& value : pairs.y.values) value += draw(rng, variance, real);
}

void check_range(const Matrix& matrix, DType dtype, const std::string& name,
                 const std::string& verb) {
  // Fits multiply two inputs and two outputs, and sum many of these products.
  const double most = dtype == DType::f32 ? 1e8 : 1e60;
  double peak = 0.0;
  for (const auto value : matrix.values) {
    peak = std::max({peak, std::abs(value.real()), std::abs(value.imag())});
  }
  if (peak == 0.0 || !std::isfinite(peak) || (peak <= most && peak >= 1.0 / most)) return;
  const bool wider = dtype == DType::f32 && peak <= 1e60 && peak >= 1e-60;
  throw UserError("[" + verb + "] the largest number of " + name + " is " + base::to_text(peak) +
                  ", and in " + name_of(dtype) + " it must be from " + base::to_text(1.0 / most) +
                  " to " + base::to_text(most) + "; scale the data" +
                  (wider ? ", or give --dtype f64" : ""));
}

Halves hold_out(const Pairs& pairs, std::int64_t least) {
  const auto held_of = [](std::int64_t samples) { return std::max<std::int64_t>(1, samples / 10); };
  const std::int64_t samples = pairs.samples();
  const std::int64_t given = samples - held_of(samples);
  if (given < least) {
    std::int64_t enough = samples;
    while (enough - held_of(enough) < least) ++enough;
    fail(std::to_string(samples) +
         " pairs do not determine a network of n = " + std::to_string(pairs.x.columns) + ": " +
         std::to_string(held_of(samples)) + " of them are held out to judge it by, and " +
         std::to_string(least) + " others are needed; give at least " + std::to_string(enough));
  }
  const auto rows = [](const Matrix& from, std::int64_t first, std::int64_t last) {
    Matrix part(last - first, from.columns);
    const auto begin = from.values.begin();
    std::copy(begin + first * from.columns, begin + last * from.columns, part.values.begin());
    return part;
  };
  Halves halves{{rows(pairs.x, 0, given), rows(pairs.y, 0, given)},
                {rows(pairs.x, given, samples), rows(pairs.y, given, samples)}};
  const auto zero = [](std::complex<double> value) { return value == 0.0; };
  if (std::all_of(halves.held.y.values.begin(), halves.held.y.values.end(), zero)) {
    fail("the outputs of the last " + std::to_string(samples - given) +
         " pairs, which are held out, are all zero; give other pairs last");
  }
  return halves;
}

void validate(const Pairs& pairs) {
  if (pairs.x.rows != pairs.y.rows || pairs.x.columns != pairs.y.columns) {
    fail("the inputs are " + shape_text(pairs.x) + " and the outputs " + shape_text(pairs.y) +
         "; give one row of n numbers each per pair");
  }
  if (pairs.samples() < 1) fail("there are no pairs; give at least one");
  check_finite(pairs.x, "the input");
  check_finite(pairs.y, "the output");
  const auto zero = [](std::complex<double> value) { return value == 0.0; };
  if (std::all_of(pairs.x.values.begin(), pairs.x.values.end(), zero)) {
    fail("every input is zero, so that no output tells anything; give other pairs");
  }
  if (std::all_of(pairs.y.values.begin(), pairs.y.values.end(), zero)) {
    fail("every output is zero, so that there is nothing to recover; give other pairs");
  }
}

}  // namespace papilio::train
