// Contenders are checked before they race, and a bad one costs only itself.
#include "race.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace papilio::bench {
namespace {

// One number is to become 1.
class OneNumber final : public Problem {
 public:
  OneNumber() : Problem({"work", 8, 2, 0, 0, 10.0, 20.0}) {}
  void spoil() override { value = std::nan(""); }
  double error() const override { return std::abs(value - 1.0); }

  double value = 0.0;
};

const RaceOptions kShort{0.002, 1e-4};

Contender writing(OneNumber& problem, const std::string& name, double value) {
  return {name, "", 1e-6, [&problem, value]() -> std::function<void()> {
            return [&problem, value] { problem.value = value; };
          }};
}

TEST(Race, MeasuresWhatIsRight) {
  OneNumber problem;
  const std::vector<Contender> contenders{writing(problem, "exact", 1.0),
                                          writing(problem, "close", 1.0 + 5e-7)};
  const auto outcomes = race(problem, contenders, kShort);
  ASSERT_EQ(outcomes.size(), 2U);
  for (const Outcome& outcome : outcomes) {
    EXPECT_FALSE(outcome.failed()) << outcome.failure;
    EXPECT_GT(outcome.timing.median, 0.0);
    EXPECT_LE(outcome.timing.p10, outcome.timing.median);
    EXPECT_LE(outcome.timing.median, outcome.timing.p90);
    EXPECT_GE(outcome.timing.iterations, 7);
  }
  EXPECT_NEAR(outcomes[1].error, 5e-7, 1e-12);
}

// Results that lie elsewhere are collected before the check; a device has a clock of its own.
TEST(Race, CollectsResultsAndReadsAClockOfTheContenders) {
  OneNumber problem;
  const auto elsewhere = [&problem]() -> Runner {
    Runner runner([] {});
    runner.collect = [&problem] { problem.value = 1.0; };
    runner.seconds = [](std::int64_t runs) { return 3e-6 * static_cast<double>(runs); };
    return runner;
  };
  const std::vector<Contender> contenders{{"device", "", 1e-6, elsewhere}};
  const auto outcomes = race(problem, contenders, kShort);
  EXPECT_EQ(outcomes[0].failure, "");
  EXPECT_NEAR(outcomes[0].timing.median, 1500.0, 1e-6);  // of one of two rows, in ns
}

TEST(Race, BadContendersCostOnlyThemselves) {
  OneNumber problem;
  problem.value = 1.0;  // what idle finds unless the race spoils it
  const auto throwing = []() -> std::function<void()> { throw std::runtime_error("no plan"); };
  const auto idle = []() -> std::function<void()> { return [] {}; };
  const std::vector<Contender> contenders{{"throwing", "", 1.0, throwing},
                                          writing(problem, "wrong", 1.001),
                                          {"idle", "", 1.0, idle},
                                          writing(problem, "right", 1.0)};
  const auto outcomes = race(problem, contenders, kShort);
  EXPECT_EQ(outcomes[0].failure, "no plan");
  EXPECT_EQ(outcomes[1].failure.substr(0, 6), "wrong:");
  EXPECT_EQ(outcomes[2].failure.substr(0, 6), "wrong:");
  EXPECT_FALSE(outcomes[3].failed());
}

TEST(Race, TakesTurns) {
  OneNumber problem;
  std::string order;
  const auto named = [&](char name) -> Contender {
    return {std::string(1, name), "", 1.0, [&problem, &order, name]() -> std::function<void()> {
              return [&problem, &order, name] {
                problem.value = 1.0;
                order += name;
              };
            }};
  };
  const std::vector<Contender> contenders{named('a'), named('b')};
  race(problem, contenders, {1e-9, 1e-9});  // one run a round, the fewest rounds
  EXPECT_TRUE(order.ends_with("ababababababab")) << order.substr(order.size() - 20);
}

TEST(Race, Quantiles) {
  const std::vector<double> sorted{1.0, 2.0, 3.0, 4.0, 5.0};
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.5), 3.0);
  EXPECT_DOUBLE_EQ(quantile(sorted, 0.1), 1.4);
  EXPECT_DOUBLE_EQ(quantile(sorted, 1.0), 5.0);
}

}  // namespace
}  // namespace papilio::bench
