// Papilio's own works on small grids: right, and caught when they are not.
#include <gtest/gtest.h>

#include <cmath>

#include "feature_work.h"
#include "fft_work.h"
#include "papilio/error.h"
#include "papilio/fft.h"

namespace papilio::bench {
namespace {

Settings quick() {
  Settings settings;
  settings.race = {1e-9, 1e-9};
  return settings;
}

void expect_all_right(const std::vector<Outcome>& outcomes, std::size_t count) {
  EXPECT_EQ(outcomes.size(), count);
  for (const Outcome& outcome : outcomes) {
    EXPECT_FALSE(outcome.failed()) << outcome.name() << ": " << outcome.failure;
  }
}

TEST(Works, TransformsOfAnyLengthAndBatch) {
  Settings settings = quick();
  settings.n_fft = {16, 100, 97};
  settings.batch = {1, 70};
  settings.threads = {1, 2};
  expect_all_right(bench_fft(settings), 3U * 3U * 2U * 2U);
}

TEST(Works, Features) {
  Settings settings = quick();
  settings.n_fft = {64};
  settings.batch = {5, 70};
  settings.segments = {1, 3};
  settings.k = {3, 20};
  expect_all_right(bench_features("welch", settings), 2U * 2U * 2U);
  expect_all_right(bench_features("peaks", settings), 2U * 2U * 2U * 2U * 2U);
}

TEST(Works, ACellThatFailsLosesOnlyItself) {
  Settings settings = quick();
  settings.works = {"peaks_bins"};
  settings.n_fft = {64};
  settings.batch = {3};
  settings.k = {3, 400};
  const auto outcomes = bench_features("peaks", settings);
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_FALSE(outcomes[0].failed());
  EXPECT_FALSE(outcomes[1].failed());
  EXPECT_TRUE(outcomes[2].failed());
  EXPECT_NE(outcomes[2].failure.find("400"), std::string::npos);
}

TEST(Works, OneWrongRowOfManyIsFound) {
  FftProblem problem("fft_r2c", 16, 200);
  const Fft<float> fft(16, problem.options(), {"cpu", 1, 0});
  const View<const float> rows(problem.in(), 200, 16);
  const View<std::complex<float>> bins(reinterpret_cast<std::complex<float>*>(problem.out()), 200,
                                       9);
  problem.spoil();
  EXPECT_TRUE(std::isnan(problem.error()));
  fft.run(rows, bins);
  EXPECT_LE(problem.error(), 4e-7);
  problem.out()[199 * problem.out_length() + 3] += 1e-4F;
  EXPECT_GT(problem.error(), 2e-6);
}

TEST(Works, UnknownOnesAreRefused) {
  Settings settings = quick();
  settings.works = {"fft_r2r"};
  EXPECT_THROW(bench_fft(settings), UserError);
}

}  // namespace
}  // namespace papilio::bench
