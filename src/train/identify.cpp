// First a matrix, then a network, then the best network.
#include "train/identify.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/rng.h"
#include "papilio/error.h"
#include "train/als.h"
#include "train/gauss_newton.h"
#include "train/hierarchical.h"
#include "train/outer.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Matrix;

constexpr std::int64_t kPairsPerUnknown = 32;
/// A correlation whose network leaves more than this of the outputs is no start: the inputs are
/// not white, or the model does not fit.
constexpr double kWorstStart = 0.5;
constexpr double kSmallestPivot = 1e-10;
/// Enough for Gauss-Newton to take over.
constexpr int kFirstSweeps = 50;
/// Roundings of T, relative, within which a fit is exact.
constexpr double kExact = 16.0;

using Dense = Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[noreturn]] void fail(const std::string& what) { throw UserError("[recover] " + what); }

Eigen::Map<const Dense> view(const Matrix& matrix) {
  return {matrix.values.data(), matrix.rows, matrix.columns};
}

Eigen::Map<Dense> view(Matrix& matrix) {
  return {matrix.values.data(), matrix.rows, matrix.columns};
}

/// Y X^H n pairs / ||X||^2 for pairs as columns.
template <typename T>
Matrix correlate(const Pairs& pairs) {
  using Part = Eigen::Matrix<std::complex<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Part x = view(pairs.x).template cast<std::complex<T>>();
  const Part y = view(pairs.y).template cast<std::complex<T>>();
  const Part product = y.transpose() * x.conjugate();
  Matrix matrix(pairs.x.columns, pairs.x.columns);
  const double power = view(pairs.x).squaredNorm() / static_cast<double>(pairs.x.columns);
  view(matrix) = product.template cast<std::complex<double>>() / power;
  return matrix;
}

Matrix least_squares(const Pairs& pairs) {
  const std::int64_t n = pairs.x.columns;
  if (pairs.samples() < n) {
    fail(std::to_string(pairs.samples()) + " pairs do not determine a matrix of n = " +
         std::to_string(n) + "; give at least n, or white inputs");
  }
  // Pairs are rows: X A^T = Y.
  const Eigen::HouseholderQR<Eigen::MatrixXcd> qr(view(pairs.x));
  const auto pivots = qr.matrixQR().diagonal().cwiseAbs();
  if (pivots.minCoeff() < kSmallestPivot * pivots.maxCoeff()) {
    fail("the inputs do not span all signals of length " + std::to_string(n) +
         ", so that they do not determine a matrix; give other inputs");
  }
  const Eigen::MatrixXcd transposed = qr.solve(view(pairs.y));
  Matrix matrix(n, n);
  view(matrix) = transposed.transpose();
  return matrix;
}

void take_real_part(Matrix& matrix) {
  for (auto& value : matrix.values) value = value.real();
}

void check_model(const Pairs& pairs, const Model& model) {
  if (pairs.x.columns != model.chain.n) {
    fail("the pairs have " + std::to_string(pairs.x.columns) +
         " numbers, but the model is of n = " + std::to_string(model.chain.n) +
         "; give a model of that n");
  }
  if (!model.real()) return;
  for (const Matrix* side : {&pairs.x, &pairs.y}) {
    for (const auto value : side->values) {
      if (value.imag() == 0.0) continue;
      fail("the pairs have imaginary parts, but the model ends with a real part; give real pairs");
    }
  }
}

template <typename T>
class Identification {
 public:
  Identification(const Pairs& pairs, const Model& model, const IdentifyOptions& options)
      : pairs_(pairs),
        model_(model),
        options_(options),
        data_(batches_of<T>(pairs)),
        stack_(model.chain) {}

  Identified run() {
    if (model_.closed_form()) {
      std::string name;
      Parameters<T> values = start(name);
      return polish(std::move(values), name);
    }
    base::Rng seeds(options_.seed);
    Identified best;
    for (int tried = 1; tried <= std::max(1, options_.starts); ++tried) {
      const AlsOptions als_options{options_.dtype, kFirstSweeps, seeds.bits()};
      Chain chain = als(pairs_, model_, als_options).chain;
      Identified found = polish(stack_.parameters(chain), "alternation");
      if (tried == 1 || found.residual < best.residual) best = std::move(found);
      best.starts = tried;
      if (best.residual < kExact * static_cast<double>(std::numeric_limits<T>::epsilon())) break;
    }
    return best;
  }

 private:
  Identified polish(Parameters<T> values, std::string name) const {
    const Fit fit = gauss_newton(stack_, data_, options_.polish_steps, values);
    return {stack_.with(model_.chain, values), relative(fit.loss), fit.steps, 1, std::move(name)};
  }

  Parameters<T> start(std::string& name) const {
    const bool many = pairs_.samples() >= kPairsPerUnknown * unknowns_of_row(model_);
    if (many) {
      Parameters<T> values = start_from(correlate<T>(pairs_));
      name = "correlation";
      if (pairs_.samples() < pairs_.x.columns) return values;
      if (relative(stack_.loss(values, data_)) <= kWorstStart) return values;
    }
    name = "least squares";
    return start_from(least_squares(pairs_));
  }

  Parameters<T> start_from(Matrix matrix) const {
    if (model_.real()) take_real_part(matrix);
    return stack_.parameters(factor_chain(model_, matrix, options_.dtype));
  }

  double relative(double loss) const { return std::sqrt(loss / data_.power); }

  const Pairs& pairs_;
  const Model& model_;
  const IdentifyOptions& options_;
  Batches<T> data_;
  Stack<T> stack_;
};

}  // namespace

std::int64_t unknowns_of_row(const Model& model) {
  std::int64_t unknowns = 1;
  for (const auto& factor : model.chain.factors) {
    const auto* network = std::get_if<transform::Network>(&factor);
    if (network == nullptr) continue;
    for (const int radix : network->spec.layout.radices) unknowns += radix - 1;
  }
  return unknowns;
}

std::int64_t least_pairs(const Model& model) {
  const std::int64_t unknowns = unknowns_of_row(model);
  if (!model.closed_form()) return unknowns;
  return std::min(model.chain.n, kPairsPerUnknown * unknowns);
}

Identified identify(const Pairs& pairs, const Model& model, const IdentifyOptions& options) {
  validate(pairs);
  check_model(pairs, model);
  if (options.dtype == DType::f32) return Identification<float>(pairs, model, options).run();
  return Identification<double>(pairs, model, options).run();
}

}  // namespace papilio::train
