// Networks from pairs without noise; every first estimate; refusals.
#include "train/identify.h"

#include "train/hierarchical.h"
#include "train/outer.h"
#include "train/support.h"

namespace papilio::train {
namespace {

double error_of(const Identified& found, const Target& target) {
  return relative_distance(chain_matrix(found.chain), target.matrix);
}

TEST(Identify, RecoversButterflies) {
  expect_recovered("pairs", "identify", {8, 16, 32, 64}, 2);
  expect_recovered("pairs", "identify", {128, 256}, 1);
}

TEST(Identify, RecoversFromFewerPairsThanNumbers) {
  if (short_grids()) GTEST_SKIP() << "too long for PAPILIO_SHORT";
  for (const char* name : {"dft", "random-butterfly"}) {
    RecoverOptions options;
    options.transform = name;
    options.n = 512;
    options.from = "pairs";
    options.method = "identify";
    options.pairs = 320;
    options.dtype = DType::f32;
    EXPECT_LE(recover(options).row.relative_error, 1e-6);
  }
}

TEST(Identify, RecoversLongButterflies) {
  if (!full_grids()) GTEST_SKIP() << "set PAPILIO_LONG=1";
  expect_recovered("pairs", "identify", {8, 16, 32, 64, 128, 256, 512}, 10);
  expect_recovered("pairs", "identify", {1024, 2048}, 1);
}

TEST(Identify, IsFarOffWithoutPolish) {
  RecoverOptions options;
  options.transform = "dft";
  options.n = 64;
  options.from = "pairs";
  options.method = "identify";
  options.iterations = 0;
  EXPECT_GT(recover(options).row.relative_error, 0.05);
}

TEST(Identify, RecoversMixedRadices) {
  RecoverOptions options;
  options.transform = "dft";
  options.radices = {3, 4, 5};
  options.n = 60;
  options.from = "pairs";
  options.method = "identify";
  EXPECT_LE(recover(options).row.relative_error, 1e-12);
}

TEST(Identify, StartsByLeastSquaresWhereInputsAreNotWhite) {
  const Target target = make_target({.transform = "random-butterfly", .n = 32});
  Pairs pairs = draw_pairs(target.matrix, 256, false, DType::f64, 5);
  EXPECT_EQ(identify(pairs, target.model, {}).start, "correlation");
  // Each input mostly one vector: a correlation sees little else.
  for (std::int64_t p = 0; p < 256; ++p) {
    for (std::int64_t k = 0; k < 32; ++k) {
      const std::complex<double> strength = 30.0 * pairs.x.at(p, 0);
      pairs.x.at(p, k) += strength;
      pairs.y.at(p, k) = 0.0;
    }
    for (std::int64_t k = 0; k < 32; ++k) {
      for (std::int64_t i = 0; i < 32; ++i) {
        pairs.y.at(p, k) += target.matrix.at(k, i) * pairs.x.at(p, i);
      }
    }
  }
  const Identified found = identify(pairs, target.model, {});
  EXPECT_EQ(found.start, "least squares");
  EXPECT_LT(error_of(found, target), 1e-11);
}

// A product of two networks has no closed form; one of several starts finds it.
TEST(Identify, FindsConvolutionsAsTwoNetworks) {
  for (const std::int64_t n : sizes_here({8, 16})) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const RecoverRow row = row_of("conv", n, "pairs", "identify", seed);
      EXPECT_LE(row.relative_error, 1e-12) << "n " << n << " seed " << seed;
      EXPECT_EQ(row.regime, "product of two networks, their permutations known");
    }
  }
  const Target target = make_target({.transform = "conv", .n = 8});
  const Pairs pairs = draw_pairs(target.matrix, 32, false, DType::f64, 5);
  EXPECT_EQ(identify(pairs, target.model, {.polish_steps = 0, .starts = 2}).starts, 2);
}

TEST(Identify, ReportsWhatTheModelLeaves) {
  const Target target = make_target({.transform = "dct2", .n = 16, .outer_structure = false});
  const Pairs pairs = draw_pairs(target.matrix, 512, false, DType::f64, 5);
  const Identified found = identify(pairs, target.model, {});
  EXPECT_GT(found.residual, 0.01);
  EXPECT_NEAR(found.residual, error_of(found, target), 0.2 * found.residual);
}

TEST(Identify, RefusesUnusablePairs) {
  const Target target = make_target({.transform = "dft", .n = 16});
  const Pairs few = draw_pairs(target.matrix, 12, false, DType::f64, 5);
  expect_refusal([&] { identify(few, target.model, {}); }, {"12 pairs", "n = 16"});
  Pairs flat = draw_pairs(target.matrix, 40, false, DType::f64, 5);
  for (std::int64_t p = 0; p < 40; ++p) flat.x.at(p, 3) = flat.x.at(p, 4);
  expect_refusal([&] { identify(flat, target.model, {}); }, {"do not span"});
  const Target other = make_target({.transform = "dft", .n = 8});
  expect_refusal([&] { identify(few, other.model, {}); }, {"16 numbers", "n = 8"});
  const Target dct = make_target({.transform = "dct2", .n = 16});
  expect_refusal([&] { identify(few, dct.model, {}); }, {"imaginary parts", "real pairs"});
}

}  // namespace
}  // namespace papilio::train
