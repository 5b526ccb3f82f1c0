// Alternating least squares from random numbers.
#include "train/als.h"

#include "train/hierarchical.h"
#include "train/outer.h"
#include "train/support.h"

namespace papilio::train {
namespace {

TEST(Als, RecoversButterfliesFromTheMatrix) {
  expect_recovered("matrix", "als", {8, 16, 64, 256}, 3);
}

TEST(Als, RecoversLongButterfliesFromTheMatrix) {
  if (!full_grids()) GTEST_SKIP() << "set PAPILIO_LONG=1";
  expect_recovered("matrix", "als", {8, 16, 32, 64, 128, 256, 512, 1024, 2048}, 10);
}

TEST(Als, RecoversFromPairs) {
  for (const char* name : {"dft", "random-butterfly"}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      EXPECT_LE(row_of(name, 32, "pairs", "als", seed).relative_error, 1e-12) << name;
    }
  }
}

TEST(Als, StartsAtRandom) {
  for (const char* from : {"matrix", "pairs"}) {
    RecoverOptions options;
    options.transform = "dft";
    options.n = 64;
    options.from = from;
    options.method = "als";
    options.iterations = 0;
    EXPECT_NEAR(recover(options).row.relative_error, std::sqrt(2.0), 0.1);
  }
}

// The header's claim: the first sweep is exact already. A second one only sees that it is.
TEST(Als, NeedsOneSweepForAButterfly) {
  const Target target = make_target({.transform = "random-butterfly", .n = 64});
  const Als found = als(target.matrix, target.model, {.sweeps = 1, .seed = 3});
  EXPECT_EQ(found.sweeps, 1);
  EXPECT_LT(relative_distance(chain_matrix(found.chain), target.matrix), 1e-13);
}

// Sweeps approach a stationary point; the closed form, which splits top down, may end worse.
TEST(Als, FitsTheDctWithoutItsStructureAsWellAsHierarchical) {
  for (const std::int64_t n : {16, 64}) {
    RecoverOptions options;
    options.transform = "dct2";
    options.n = n;
    options.outer_structure = false;
    const double closed = recover(options).row.relative_error;
    options.method = "als";
    const RecoverRow row = recover(options).row;
    EXPECT_LT(row.relative_error, 1.1 * closed);
    EXPECT_GT(row.relative_error, 0.01);
    EXPECT_FALSE(row.recovered);
  }
}

TEST(Als, NamesTheRegimeOfADctFromPairs) {
  const RecoverRow row = row_of("dct2", 8, "pairs", "als", 1);
  EXPECT_EQ(row.regime, "permutations, diagonal and real part given");
  EXPECT_LE(row.relative_error, 1e-12);
}

// A product of two networks: some starts find it, others end in local minima.
TEST(Als, FindsSomeConvolutionsAsTwoNetworks) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    if (row_of("conv", 8, "matrix", "als", seed).relative_error < 1e-6) ++found;
  }
  EXPECT_GE(found, 2);
}

TEST(Als, RefusesOtherSizes) {
  const Target target = make_target({.transform = "dft", .n = 8});
  expect_refusal([&] { als(transform::Matrix(4, 4), target.model, {}); }, {"n = 4", "n = 8"});
  expect_refusal([&] { als(transform::Matrix(4, 8), target.model, {}); }, {"n = 4", "n = 8"});
  expect_refusal([&] { als(transform::Matrix(8, 8), target.model, {}); }, {"zero"});
  const Pairs pairs = draw_pairs(transform::Matrix(4, 4), 8, false, DType::f64, 1);
  expect_refusal([&] { als(pairs, target.model, {}); }, {"zero"});
}

}  // namespace
}  // namespace papilio::train
