// Taking off the real part, the diagonal and the permutation around a network.
#include "train/outer.h"

#include <cmath>
#include <string>
#include <utility>

#include "papilio/error.h"
#include "train/hierarchical.h"
#include "transform/apply.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Complex;
using transform::Matrix;
using transform::Network;

[[noreturn]] void fail(const std::string& what) { throw UserError("[recover] " + what); }

/// What surrounds the network of a chain of the DCT's kind.
struct Outer {
  const std::vector<std::int32_t>& source;
  const std::vector<Complex>& diagonal;
};

Outer outer_of(const Model& model) {
  const auto& factors = model.chain.factors;
  if (factors.size() == 4 && model.real() && !model.mirror.empty()) {
    const auto* permutation = std::get_if<transform::Permutation>(&factors[0]);
    const auto* diagonal = std::get_if<transform::Diagonal>(&factors[2]);
    if (permutation != nullptr && diagonal != nullptr) {
      return {permutation->source, diagonal->values};
    }
  }
  fail(
      "a closed form is known for one network, alone or as (permutation, network, diagonal, real "
      "part) with mirrored rows, not for this chain; use the method als");
}

void check_real(const Matrix& matrix, std::int64_t n) {
  if (matrix.rows != n || matrix.columns != n) {
    fail("the matrix is " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) +
         ", but the model is of n = " + std::to_string(n) + "; give a matrix of that size");
  }
  for (const Complex value : matrix.values) {
    if (value.imag() != 0.0) {
      fail("the matrix has imaginary parts, but the model ends with a real part; give a real one");
    }
  }
}

/// V of the header from the real matrix C.
Matrix undo_real_part(const Matrix& c, const std::vector<Complex>& diagonal,
                      const std::vector<std::int32_t>& mirror) {
  Matrix v(c.rows, c.columns);
  for (std::int64_t k = 0; k < c.rows; ++k) {
    const std::int64_t other = mirror[static_cast<std::size_t>(k)];
    const Complex d = diagonal[static_cast<std::size_t>(k)];
    const Complex e = diagonal[static_cast<std::size_t>(other)];
    const double determinant = other == k ? d.real() : (d * e).imag();
    if (std::abs(determinant) < 1e-6 * std::abs(d * (other == k ? 1.0 : e))) {
      fail("rows " + std::to_string(k) + " and " + std::to_string(other) +
           " do not determine a row of the network; give another diagonal");
    }
    for (std::int64_t t = 0; t < c.columns; ++t) {
      const double a = c.at(k, t).real();
      const double b = c.at(other, t).real();
      if (other == k) {
        v.at(k, t) = a / determinant;
      } else {
        v.at(k, t) =
            Complex(e.imag() * a + d.imag() * b, d.real() * b - e.real() * a) / determinant;
      }
    }
  }
  return v;
}

Matrix undo_permutation(const Matrix& v, const std::vector<std::int32_t>& source) {
  Matrix f(v.rows, v.columns);
  for (std::int64_t k = 0; k < v.rows; ++k) {
    for (std::int64_t i = 0; i < v.columns; ++i) {
      f.at(k, i) = v.at(k, source[static_cast<std::size_t>(i)]);
    }
  }
  return f;
}

}  // namespace

Matrix inner_matrix(const Model& model, const Matrix& matrix) {
  if (model.plain()) return matrix;
  const Outer outer = outer_of(model);
  check_real(matrix, model.chain.n);
  return undo_permutation(undo_real_part(matrix, outer.diagonal, model.mirror), outer.source);
}

Network& first_network(Chain& chain) {
  for (transform::Factor& factor : chain.factors) {
    if (auto* network = std::get_if<Network>(&factor)) return *network;
  }
  fail("the chain has no network to be found; give one");
}

Chain factor_chain(const Model& model, const Matrix& matrix, DType dtype) {
  Chain chain = model.chain;
  Network& network = first_network(chain);
  const Matrix inner = inner_matrix(model, matrix);
  network = hierarchical(inner, network.spec.layout, network.permutation, dtype).network;
  return chain;
}

Matrix chain_matrix(const Chain& chain) {
  if (chain.factors.size() == 1 && std::holds_alternative<Network>(chain.factors[0])) {
    return dense(std::get<Network>(chain.factors[0]));
  }
  return transform::dense(chain);
}

}  // namespace papilio::train
