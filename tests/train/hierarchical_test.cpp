// The closed form is exact for butterfly networks, approximates others, and takes O(n^2).
#include "train/hierarchical.h"

#include "base/rng.h"
#include "train/support.h"
#include "transform/apply.h"
#include "transform/inits.h"
#include "transform/svd.h"

namespace papilio::train {
namespace {

using transform::Matrix;

transform::NetworkSpec block_spec(const std::string& radices) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  spec.form = transform::Form::block;
  return spec;
}

Factorisation factor(const Matrix& matrix, const std::string& radices, DType dtype = DType::f64) {
  const transform::Layout layout = transform::parse_layout(radices);
  return hierarchical(matrix, layout, transform::digit_reversal(layout), dtype);
}

Matrix noise(std::int64_t rows, std::int64_t columns) {
  base::Rng rng(3);
  Matrix matrix(rows, columns);
  for (auto& value : matrix.values) {
    const double re = rng.normal();
    value = {re, rng.normal()};
  }
  return matrix;
}

TEST(Hierarchical, RecoversButterflies) {
  expect_recovered("matrix", "hierarchical", {8, 16, 64, 256}, 3);
}

TEST(Hierarchical, RecoversLongButterflies) {
  if (!full_grids()) GTEST_SKIP() << "set PAPILIO_LONG=1";
  expect_recovered("matrix", "hierarchical", {8, 16, 32, 64, 128, 256, 512, 1024, 2048}, 10);
}

TEST(Hierarchical, RecoversMixedRadicesWhoseLocalBlocksHaveRankOneToo) {
  for (const char* radices : {"16,5,5", "3,4", "5,2,3", "16,16", "2,3,4,5", "32,2", "7"}) {
    const transform::NetworkSpec spec = block_spec(radices);
    const Matrix random = dense(transform::random_butterfly(spec, 1));
    EXPECT_LT(factor(random, radices).relative_error, 1e-14) << radices;
    EXPECT_LT(factor(random, radices, DType::f32).relative_error, 1e-6) << radices;
    EXPECT_LT(factor(dense(transform::exact_dft(spec)), radices).relative_error, 1e-14) << radices;
  }
}

TEST(Hierarchical, FindsRealNetworksOfRealMatrices) {
  const Matrix matrix = dense(transform::hadamard(block_spec("2,2,2,2")));
  const transform::Layout layout = transform::default_layout(16);
  std::vector<std::int32_t> identity(16);
  for (int i = 0; i < 16; ++i) identity[static_cast<std::size_t>(i)] = i;
  const Factorisation found = hierarchical(matrix, layout, identity, DType::f64);
  EXPECT_LT(found.relative_error, 1e-14);
  for (const auto& stage : found.network.stages) {
    for (const auto value : stage.parameters) EXPECT_EQ(value.imag(), 0.0);
  }
}

TEST(Hierarchical, NeedsTheRightPermutation) {
  const transform::Layout layout = transform::default_layout(64);
  const Matrix dft = dense(transform::exact_dft(block_spec("2,2,2,2,2,2")));
  std::vector<std::int32_t> identity(64);
  for (int i = 0; i < 64; ++i) identity[static_cast<std::size_t>(i)] = i;
  EXPECT_GT(hierarchical(dft, layout, identity, DType::f64).relative_error, 0.1);
}

// With two stages the approximation is the best one: every block's error is what its larger
// singular values leave.
TEST(Hierarchical, OfTwoStagesIsTheBestApproximation) {
  const Matrix matrix = noise(4, 4);
  const transform::Layout layout = transform::parse_layout("2,2");
  const std::vector<std::int32_t> permutation = {0, 1, 2, 3};
  double left = 0.0;
  double power = 0.0;
  for (std::int64_t u = 0; u < 2; ++u) {
    for (std::int64_t v = 0; v < 2; ++v) {
      Matrix block(2, 2);
      for (std::int64_t i = 0; i < 2; ++i) {
        for (std::int64_t j = 0; j < 2; ++j) block.at(i, j) = matrix.at(u + 2 * i, 2 * v + j);
      }
      const std::vector<double> s = transform::svd(block).s;
      left += std::pow(std::min(s[0], s[1]), 2);
      power += s[0] * s[0] + s[1] * s[1];
    }
  }
  EXPECT_NEAR(hierarchical(matrix, layout, permutation, DType::f64).relative_error,
              std::sqrt(left / power), 1e-9);
}

TEST(Hierarchical, ReportsTheErrorOfWhatIsNoButterfly) {
  RecoverOptions options;
  options.transform = "dct2";
  options.n = 64;
  options.outer_structure = false;
  const RecoverRow row = recover(options).row;
  EXPECT_GT(row.relative_error, 0.01);
  EXPECT_LT(row.relative_error, 1.0);
  EXPECT_FALSE(row.recovered);
  EXPECT_EQ(row.regime, "permutation known");
}

TEST(Hierarchical, LeavesZeroBlocksZero) {
  Matrix matrix(4, 4);
  matrix.at(0, 0) = 1.0;
  EXPECT_EQ(factor(matrix, "2,2").relative_error, 0.0);
}

TEST(Hierarchical, TakesOrderNSquared) {
  if (short_grids()) GTEST_SKIP() << "too long for PAPILIO_SHORT";
  const auto operations = [](std::int64_t n) {
    const transform::Layout layout = transform::default_layout(n);
    transform::NetworkSpec spec;
    spec.layout = layout;
    const Matrix dft = dense(transform::exact_dft(spec));
    const std::int64_t count = factor(dft, radices_text(layout)).operations;
    return static_cast<double>(count) / static_cast<double>(n * n);
  };
  // Two iterations of two products with the n^2 numbers of the first split; later splits add
  // n^1.5 and less.
  EXPECT_LT(operations(1024), 6.0);
  EXPECT_LT(operations(1024), operations(64));
}

TEST(Hierarchical, RefusesWhatItCannotFactor) {
  expect_refusal([] { factor(noise(4, 6), "2,2"); }, {"4 x 6", "2,2", "radices of the matrix"});
  expect_refusal([] { factor(noise(6, 6), "2,2"); }, {"6 x 6"});
  expect_refusal([] { factor(Matrix(4, 4), "2,2"); }, {"zero"});
  Matrix infinite = noise(4, 4);
  infinite.at(2, 1) = HUGE_VAL;
  expect_refusal([&] { factor(infinite, "2,2"); }, {"not finite"});
  expect_refusal([] { factor(noise(4, 4), "2,2", DType::i16); }, {"int16", "f32", "f64"});
  const transform::Layout layout = transform::parse_layout("2,2");
  const std::vector<std::int32_t> twice = {0, 1, 1, 3};
  expect_refusal([&] { hierarchical(noise(4, 4), layout, twice, DType::f64); }, {"permutation"});
  expect_refusal([] { relative_distance(noise(2, 2), noise(2, 3)); }, {"one shape"});
  expect_refusal([] { relative_distance(noise(2, 2), Matrix(2, 2)); }, {"zero"});
}

}  // namespace
}  // namespace papilio::train
