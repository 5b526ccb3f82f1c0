// Rows, seeds, targets and every refusal of a request.
#include "train/recover.h"

#include <set>

#include "train/hierarchical.h"
#include "train/outer.h"
#include "train/pairs.h"
#include "train/support.h"

namespace papilio::train {
namespace {

TEST(Recover, FillsItsRow) {
  const RecoverRow row = row_of("dft", 16, "noisy:30", "identify", 5);
  EXPECT_EQ(row.transform, "dft");
  EXPECT_EQ(row.n, 16);
  EXPECT_EQ(row.from, "noisy:30");
  EXPECT_EQ(row.method, "identify");
  EXPECT_EQ(row.seed, 5u);
  EXPECT_EQ(row.pairs, 64);
  EXPECT_GT(row.seconds, 0.0);
  EXPECT_FALSE(row.recovered);
  EXPECT_EQ(row_of("dft", 16, "matrix", "hierarchical").pairs, 0);
}

TEST(Recover, TakesOnesOwnMatrixAndPairs) {
  const Target target = make_target({.transform = "dft", .n = 16});
  RecoverOptions options;
  options.transform = "mine";
  const Recovery factored = recover(target.matrix, target.model, options);
  EXPECT_EQ(factored.row.transform, "mine");
  EXPECT_EQ(factored.row.n, 16);
  EXPECT_TRUE(factored.row.recovered);
  options.method = "identify";
  const Pairs pairs = draw_pairs(target.matrix, 70, false, DType::f64, 1);
  const RecoverRow row = recover(pairs, target.model, options).row;
  EXPECT_EQ(row.from, "pairs");
  EXPECT_EQ(row.pairs, 70);
  EXPECT_TRUE(row.recovered);
  options.iterations = 0;
  const Pairs noisy = [&] {
    Pairs copy = pairs;
    add_noise(copy, noise_variance(target.matrix, 20.0), false, 2);
    return copy;
  }();
  EXPECT_NEAR(recover(noisy, target.model, options).row.relative_error, 0.1, 0.05);
}

TEST(Recover, JudgesOnesOwnPairsByThoseHeldOut) {
  const Target target = make_target({.transform = "random-butterfly", .n = 16});
  for (const char* method : {"identify", "als", "adam", "lbfgs"}) {
    RecoverOptions options;
    options.method = method;
    const Pairs pairs = draw_pairs(target.matrix, 80, false, DType::f64, 1);
    const Recovery found = recover(pairs, target.model, options);
    EXPECT_EQ(found.row.error_of, "held-out pairs");
    EXPECT_EQ(found.row.pairs, 80);
    EXPECT_EQ(found.row.held_out, 8);
    // What is held out is nothing that the fit can follow.
    Pairs other = pairs;
    for (std::int64_t i = 0; i < 16; ++i) other.y.at(79, i) *= -1.0;
    const Recovery judged = recover(other, target.model, options);
    EXPECT_GT(judged.row.relative_error, 0.1) << method;
    EXPECT_FALSE(judged.row.recovered);
    EXPECT_EQ(chain_matrix(judged.chain).values, chain_matrix(found.chain).values);
  }
}

TEST(Recover, RefusesPairsThatDoNotDetermineTheNetwork) {
  const Target target = make_target({.transform = "dft", .n = 16});
  const auto refused = [&](const std::string& method, std::int64_t samples,
                           std::initializer_list<std::string> parts) {
    RecoverOptions options;
    options.method = method;
    const Pairs pairs = draw_pairs(target.matrix, samples, false, DType::f64, 1);
    expect_refusal([&] { recover(pairs, target.model, options); }, parts);
  };
  for (const char* method : {"als", "adam", "lbfgs"}) {
    refused(method, 1, {"1 pairs do not determine", "n = 16", "at least 6"});
    refused(method, 5, {"5 others are needed", "at least 6"});
  }
  refused("identify", 16, {"16 others are needed", "at least 17"});
  Pairs silent = draw_pairs(target.matrix, 17, false, DType::f64, 1);
  for (std::int64_t i = 0; i < 16; ++i) silent.y.at(16, i) = 0.0;
  expect_refusal([&] { recover(silent, target.model, {}); }, {"held out", "zero"});
}

TEST(Recover, RefusesNumbersThatItsSquaresCannotHold) {
  Target target = make_target({.transform = "dft", .n = 8});
  RecoverOptions options;
  for (auto& value : target.matrix.values) value *= 1e20;
  options.dtype = DType::f32;
  expect_refusal([&] { recover(target.matrix, target.model, options); }, {"1e+20", "--dtype f64"});
  options.dtype = DType::f64;
  EXPECT_TRUE(recover(target.matrix, target.model, options).row.recovered);
  for (auto& value : target.matrix.values) value *= 1e280;
  expect_refusal([&] { recover(target.matrix, target.model, options); }, {"the matrix", "scale"});
  const Pairs pairs = draw_pairs(target.matrix, 80, false, DType::f64, 1);
  options.method = "identify";
  expect_refusal([&] { recover(pairs, target.model, options); }, {"the outputs", "scale"});
}

TEST(Recover, PolishesWhatTheClosedFormMisses) {
  for (const char* name : {"dct2", "dct4"}) {
    for (const std::int64_t n : {16, 64}) {
      const Target target = make_target({.transform = name, .n = n, .outer_structure = false});
      const Recovery found = recover(target.matrix, target.model, {});
      const double closed = relative_distance(
          chain_matrix(factor_chain(target.model, target.matrix, DType::f64)), target.matrix);
      EXPECT_LT(found.row.relative_error, 0.97 * closed) << name << n;
      EXPECT_GT(found.row.polish_sweeps, 2);
      EXPECT_FALSE(found.row.recovered);
      EXPECT_NEAR(relative_distance(chain_matrix(found.chain), target.matrix),
                  found.row.relative_error, 1e-12);
    }
  }
  EXPECT_EQ(row_of("dft", 16, "matrix", "hierarchical").polish_sweeps, 0);
}

TEST(Recover, RepeatsForItsSeedOnly) {
  const auto error = [](std::uint64_t seed) {
    return row_of("random-butterfly", 16, "noisy:20", "identify", seed).relative_error;
  };
  EXPECT_EQ(error(1), error(1));
  EXPECT_NE(error(1), error(2));
}

TEST(Recover, KeepsSeedsOfDifferentPurposesApart) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const Purpose purpose :
         {Purpose::target, Purpose::inputs, Purpose::noise, Purpose::start}) {
      EXPECT_TRUE(seeds.insert(seed_of(seed, purpose)).second);
    }
  }
  expect_refusal([] { seed_of(std::uint64_t{1} << 62, Purpose::noise); }, {"2^62"});
}

TEST(Recover, NamesWhatItDoesNotKnow) {
  expect_refusal([] { row_of("hadamart", 8, "matrix", "hierarchical"); },
                 {"'hadamart'", "did you mean hadamard?", "random-butterfly"});
  expect_refusal([] { row_of("dft", 8, "matrix", "hierarchial"); },
                 {"did you mean hierarchical?", "identify"});
  for (const char* from : {"matrices", "noisy", "noisy:", "noisy:20dB", "noisy:nan"}) {
    expect_refusal([&] { row_of("dft", 8, from, "als"); },
                   {std::string("'") + from + "'", "noisy:20"});
  }
  expect_refusal([] { row_of("dft", 8, "pairs", "hierarchical"); }, {"takes the matrix"});
  expect_refusal([] { row_of("dft", 8, "matrix", "identify"); }, {"takes pairs"});
  expect_refusal([] { row_of("conv", 8, "matrix", "hierarchical"); }, {"closed form"});
  RecoverOptions options;
  options.transform = "dft";
  options.n = 8;
  options.dtype = DType::i8;
  expect_refusal([&] { recover(options); }, {"int8", "f32"});
  options.dtype = DType::f64;
  options.radices = {2, 3};
  expect_refusal([&] { recover(options); }, {"2,3", "6", "n = 8"});
}

TEST(Targets, AreRefusedWhereTheTransformIs) {
  const auto refused = [](const char* name, std::int64_t n,
                          std::initializer_list<std::string> parts) {
    expect_refusal([&] { make_target({.transform = name, .n = n}); }, parts, "[transform] ");
  };
  refused("dft", 74, {"above 32"});
  refused("hadamard", 12, {"radix 3"});
  refused("dct4", 15, {"even first radix"});
}

TEST(Targets, KnowNothingOfTheNumbersLookedFor) {
  for (const std::string& name : transform_names()) {
    const Target target = make_target({.transform = name, .n = 8});
    for (const auto& factor : target.model.chain.factors) {
      const auto* network = std::get_if<transform::Network>(&factor);
      if (network == nullptr) continue;
      for (const auto& stage : network->stages) {
        for (const auto value : stage.parameters) EXPECT_EQ(value, 0.0);
      }
    }
  }
}

TEST(Pairs, HaveInputsOfUnitCovarianceAndNoiseOfTheVariance) {
  const Target target = make_target({.transform = "dft", .n = 8});
  for (const bool real : {false, true}) {
    Pairs pairs = draw_pairs(target.matrix, 4000, real, DType::f64, 1);
    const Pairs clean = pairs;
    const double variance = noise_variance(target.matrix, 20.0);
    EXPECT_DOUBLE_EQ(variance, 8.0 / 100.0);
    add_noise(pairs, variance, real, 2);
    double inputs = 0.0;
    double noise = 0.0;
    for (std::size_t i = 0; i < pairs.x.values.size(); ++i) {
      inputs += std::norm(pairs.x.values[i]) / 32000.0;
      noise += std::norm(pairs.y.values[i] - clean.y.values[i]) / 32000.0;
      if (real) {
        ASSERT_EQ(pairs.x.values[i].imag(), 0.0);
      }
    }
    // Five standard errors of a mean of 32000 squares.
    EXPECT_NEAR(inputs, 1.0, 0.04);
    EXPECT_NEAR(noise / variance, 1.0, 0.04);
  }
}

TEST(Pairs, AreRefusedWhenUnusable) {
  const Target target = make_target({.transform = "dft", .n = 4});
  const Pairs good = draw_pairs(target.matrix, 3, false, DType::f64, 1);
  Pairs pairs = good;
  pairs.y.at(2, 1) = HUGE_VAL;
  expect_refusal([&] { validate(pairs); }, {"output of pair 2", "not finite"});
  pairs = good;
  pairs.x.at(1, 0) = std::nan("");
  expect_refusal([&] { validate(pairs); }, {"input of pair 1"});
  expect_refusal([&] { validate(Pairs{good.x, transform::Matrix(2, 4)}); }, {"3 x 4", "2 x 4"});
  expect_refusal(
      [&] {
        validate(Pairs{transform::Matrix(0, 4), transform::Matrix(0, 4)});
      },
      {"no pairs"});
  expect_refusal([&] { validate(Pairs{good.x, transform::Matrix(3, 4)}); }, {"output is zero"});
  expect_refusal([&] { validate(Pairs{transform::Matrix(3, 4), good.y}); }, {"input is zero"});
  expect_refusal([&] { draw_pairs(target.matrix, 0, false, DType::f64, 1); }, {"at least one"});
  expect_refusal([&] { noise_variance(target.matrix, std::nan("")); }, {"decibels"});
}

}  // namespace
}  // namespace papilio::train
