// The singular value decomposition of blocks: factors, known values, inverses, accuracy.
#include "transform/svd.h"

#include <algorithm>

#include "transform/random_unitary.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

Matrix random_square(std::int64_t n) {
  Matrix a(n, n);
  a.values = noise(n * n, static_cast<std::uint64_t>(n));
  return a;
}

Matrix diagonal_of(const std::vector<double>& values) {
  Matrix a(static_cast<std::int64_t>(values.size()), static_cast<std::int64_t>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    a.at(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i)) = values[i];
  }
  return a;
}

TEST(Svd, FactorsMultiplyToTheMatrixAndAreUnitary) {
  for (const std::int64_t n : {1, 2, 3, 5, 16, 32}) {
    const Matrix a = random_square(n);
    const Svd f = svd(a);
    const Matrix product = multiplied(multiplied(f.u, diagonal_of(f.s)), adjoint(f.v));
    EXPECT_LT(distance(product, a), 1e-14) << n;
    EXPECT_LT(distance(multiplied(adjoint(f.u), f.u), identity(n)), 1e-14) << n;
    EXPECT_LT(distance(multiplied(adjoint(f.v), f.v), identity(n)), 1e-14) << n;
  }
}

TEST(Svd, FindsThePlantedValues) {
  base::Rng rng(3);
  const std::vector<double> planted = {1e-5, 0.25, 1.0, 8.0};
  const Matrix u = random_unitary(4, Field::complex, rng);
  const Matrix v = random_unitary(4, Field::complex, rng);
  Svd f = svd(multiplied(multiplied(u, diagonal_of(planted)), adjoint(v)));
  std::sort(f.s.begin(), f.s.end());
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(f.s[i], planted[i], 1e-14) << i;
  EXPECT_NEAR(f.condition() / 8e5, 1.0, 1e-9);
}

TEST(Svd, InverseUndoesTheMatrix) {
  for (const std::int64_t n : {2, 7, 32}) {
    const Matrix a = random_square(n);
    const Svd f = svd(a);
    EXPECT_LT(distance(multiplied(f.inverse(), a), identity(n)), 1e-15 * 10 * f.condition()) << n;
  }
}

TEST(Svd, ASingularMatrixHasAnInfiniteOrHugeCondition) {
  EXPECT_EQ(svd(Matrix(3, 3)).condition(), std::numeric_limits<double>::infinity());
  Matrix rank_one(2, 2);
  rank_one.values = {1.0, Complex(0.0, 1.0), 1.0, Complex(0.0, 1.0)};
  EXPECT_GT(svd(rank_one).condition(), 1e15);
}

TEST(Svd, ExtremeScalesNeitherOverflowNorVanish) {
  for (const double scale : {1e-300, 1e300}) {
    const Matrix a = scaled(scale, dft_by_definition(4));
    EXPECT_NEAR(svd(a).condition(), 1.0, 1e-14) << scale;
    EXPECT_LT(distance(multiplied(svd(a).inverse(), a), identity(4)), 1e-14) << scale;
  }
}

}  // namespace
}  // namespace papilio::transform
