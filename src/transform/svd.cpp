// One-sided Jacobi on the columns.
#include "transform/svd.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace papilio::transform {
namespace {

using Complex = std::complex<double>;

constexpr int kMaxSweeps = 60;
constexpr double kOrthogonal = 4.0 * std::numeric_limits<double>::epsilon();

/// Columns p and q become c p - s e^{-i t} q and s e^{i t} p + c q.
void rotate(Matrix& a, std::int64_t p, std::int64_t q, double c, Complex s) {
  for (std::int64_t i = 0; i < a.rows; ++i) {
    const Complex x = a.at(i, p);
    const Complex y = a.at(i, q);
    a.at(i, p) = c * x - std::conj(s) * y;
    a.at(i, q) = s * x + c * y;
  }
}

/// Makes columns p and q orthogonal; false if they are already.
bool orthogonalise(Matrix& a, Matrix& v, std::int64_t p, std::int64_t q) {
  double alpha = 0.0;
  double beta = 0.0;
  Complex gamma = 0.0;  // <p, q>
  for (std::int64_t i = 0; i < a.rows; ++i) {
    alpha += std::norm(a.at(i, p));
    beta += std::norm(a.at(i, q));
    gamma += std::conj(a.at(i, p)) * a.at(i, q);
  }
  const double modulus = std::abs(gamma);
  if (modulus == 0.0 || modulus <= kOrthogonal * std::sqrt(alpha) * std::sqrt(beta)) return false;
  const double zeta = (beta - alpha) / (2.0 * modulus);
  const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
  const double c = 1.0 / std::hypot(1.0, t);
  const Complex s = c * t * (gamma / modulus);
  rotate(a, p, q, c, s);
  rotate(v, p, q, c, s);
  return true;
}

/// The largest modulus becomes a power of two near 1, so that squares neither overflow nor vanish.
int normalise(Matrix& a) {
  double largest = 0.0;
  for (const Complex value : a.values) {
    largest = std::max({largest, std::abs(value.real()), std::abs(value.imag())});
  }
  if (largest == 0.0) return 0;
  const int exponent = std::ilogb(largest);
  for (Complex& value : a.values) {
    value = {std::scalbn(value.real(), -exponent), std::scalbn(value.imag(), -exponent)};
  }
  return exponent;
}

/// The columns of `a` are U times their lengths.
std::vector<double> split_lengths(Matrix& a) {
  std::vector<double> lengths;
  for (std::int64_t j = 0; j < a.columns; ++j) {
    double square = 0.0;
    for (std::int64_t i = 0; i < a.rows; ++i) square += std::norm(a.at(i, j));
    const double length = std::sqrt(square);
    for (std::int64_t i = 0; i < a.rows && length > 0.0; ++i) a.at(i, j) /= length;
    lengths.push_back(length);
  }
  return lengths;
}

}  // namespace

Svd svd(Matrix a) {
  const int exponent = normalise(a);
  Matrix v(a.columns, a.columns);
  for (std::int64_t j = 0; j < a.columns; ++j) v.at(j, j) = 1.0;
  bool moved = true;
  for (int sweep = 0; moved && sweep < kMaxSweeps; ++sweep) {
    moved = false;
    for (std::int64_t p = 0; p < a.columns; ++p) {
      for (std::int64_t q = p + 1; q < a.columns; ++q) moved |= orthogonalise(a, v, p, q);
    }
  }
  Svd result{std::move(a), {}, std::move(v)};
  result.s = split_lengths(result.u);
  for (double& length : result.s) length = std::scalbn(length, exponent);
  return result;
}

double Svd::condition() const {
  const auto [least, most] = std::minmax_element(s.begin(), s.end());
  return *least > 0.0 ? *most / *least : std::numeric_limits<double>::infinity();
}

Matrix Svd::inverse() const {
  Matrix result(v.rows, u.rows);
  for (std::int64_t i = 0; i < v.rows; ++i) {
    for (std::int64_t j = 0; j < u.rows; ++j) {
      Complex sum = 0.0;
      for (std::int64_t k = 0; k < v.columns; ++k) {
        sum += v.at(i, k) * std::conj(u.at(j, k)) / s[static_cast<std::size_t>(k)];
      }
      result.at(i, j) = sum;
    }
  }
  return result;
}

}  // namespace papilio::transform
