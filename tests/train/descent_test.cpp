// Recovery by gradients alone: what it finds, what it says of it, and where it stops.
#include "train/descent.h"

#include "train/hierarchical.h"
#include "train/outer.h"
#include "train/support.h"

namespace papilio::train {
namespace {

/// How many of `seeds` are recovered.
int found(const std::string& transform, std::int64_t n, const std::string& from,
          const std::string& method, int seeds) {
  int count = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    if (row_of(transform, n, from, method, number).recovered) ++count;
  }
  return count;
}

TEST(Descent, FindsButterfliesFromTheMatrixAndFromPairs) {
  for (const char* method : {"adam", "lbfgs"}) {
    for (const char* from : {"matrix", "pairs"}) {
      EXPECT_EQ(found("dft", 8, from, method, 3), 3) << method << " " << from;
      EXPECT_EQ(found("random-butterfly", 16, from, method, 3), 3) << method << " " << from;
    }
  }
}

// Sizes whose matrix has too many columns to be seen whole.
TEST(Descent, FindsLongOnesFromRandomRows) {
  if (short_grids()) GTEST_SKIP() << "PAPILIO_SHORT is set";
  EXPECT_EQ(found("dft", 256, "matrix", "adam", 1), 1);
  EXPECT_EQ(found("dft", 128, "matrix", "lbfgs", 1), 1);
}

TEST(Descent, UsesWhatStandsAroundTheNetwork) {
  for (const char* method : {"adam", "lbfgs"}) {
    const RecoverRow row = row_of("dct2", 8, "matrix", method);
    EXPECT_TRUE(row.recovered) << method << " " << row.relative_error;
    EXPECT_EQ(row.regime, "permutations, diagonal and real part given");
    const RecoverRow product = row_of("conv", 8, "matrix", method);
    EXPECT_EQ(product.regime, "product of two networks, their permutations known");
    EXPECT_LT(product.relative_error, 0.9) << method;
  }
}

TEST(Descent, RunsOnAnyDeviceAndTheOtherMethodsOnOne) {
  RecoverOptions options;
  options.transform = "dft";
  options.n = 8;
  options.device = "reference";
  for (const char* method : {"adam", "lbfgs"}) {
    options.method = method;
    EXPECT_TRUE(recover(options).row.recovered) << method;
  }
  for (const char* method : {"hierarchical", "als"}) {
    options.method = method;
    expect_refusal([&] { recover(options); }, {method, "--device reference", "adam or lbfgs"});
  }
}

TEST(Descent, StopsAtTheGoalAndGoesFurtherWhereAsked) {
  RecoverOptions options;
  options.transform = "dft";
  options.n = 8;
  options.method = "lbfgs";
  const double near = recover(options).row.relative_error;
  EXPECT_LE(near, 1e-6);
  EXPECT_GT(near, 1e-12);
  options.goal = 1e-12;
  const RecoverRow row = recover(options).row;
  EXPECT_LE(row.relative_error, 1e-12);
  EXPECT_TRUE(row.recovered);
  options.dtype = DType::f32;
  options.goal = 0.0;
  EXPECT_EQ(goal_of(options), 1e-6);
  EXPECT_LE(recover(options).row.relative_error, 1e-5);
}

TEST(Descent, BudgetsCountSteps) {
  const Target target = make_target({.transform = "dft", .n = 16});
  const Pairs columns = columns_of(target.matrix);
  const Descent none = descend_adam(columns, target.model, {.steps = 0});
  EXPECT_EQ(none.steps, 0);
  EXPECT_NEAR(relative_distance(chain_matrix(none.chain), target.matrix), std::sqrt(2.0), 0.3);
  EXPECT_EQ(descend_lbfgs(columns, target.model, {.steps = 3}).steps, 3);
  EXPECT_EQ(descend_adam(columns, target.model, {.steps = 7}).steps, 7);
}

TEST(Descent, FitsNoiseNoBetterThanItCan) {
  const RecoverRow row = row_of("dft", 8, "noisy:20", "lbfgs");
  EXPECT_FALSE(row.recovered);
  EXPECT_LT(row.relative_error, 0.1);
  EXPECT_GT(row.relative_error, 1e-3);
}

TEST(Descent, GivesChainsOfScaleOne) {
  Target target = make_target({.transform = "idft", .n = 8});
  for (const auto descend : {descend_adam, descend_lbfgs}) {
    const Descent done = descend(columns_of(target.matrix), target.model, {});
    const auto& network = std::get<transform::Network>(done.chain.factors[0]);
    EXPECT_EQ(network.scale, 1.0);
    EXPECT_LE(relative_distance(chain_matrix(done.chain), target.matrix), 1e-6);
  }
}

TEST(Descent, RefusesOtherSizes) {
  const Target target = make_target({.transform = "dft", .n = 8});
  const Target other = make_target({.transform = "dft", .n = 4});
  for (const auto descend : {descend_adam, descend_lbfgs}) {
    expect_refusal([&] { descend(columns_of(other.matrix), target.model, {}); },
                   {"n = 4", "n = 8"});
    expect_refusal([&] { descend(columns_of(transform::Matrix(8, 8)), target.model, {}); },
                   {"zero"});
  }
}

}  // namespace
}  // namespace papilio::train
