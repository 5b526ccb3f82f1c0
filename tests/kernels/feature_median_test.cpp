// Medians as numpy defines them, and scipy's bias.
#include "kernels/median.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace papilio::kernels {
namespace {

TEST(FeatureMedian, middle_or_mean_of_the_two_in_the_middle) {
  std::mt19937 engine(1);
  std::uniform_int_distribution<int> digits(-20, 20);
  for (std::size_t n = 1; n < 40; ++n) {
    std::vector<float> values(n);
    for (float& value : values) value = static_cast<float>(digits(engine));
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(median(std::span(values)), (sorted[(n - 1) / 2] + sorted[n / 2]) / 2) << n;
  }
}

TEST(FeatureMedian, nan_anywhere_is_nan) {
  std::vector<double> values{1, 2, std::numeric_limits<double>::quiet_NaN(), 4};
  EXPECT_TRUE(std::isnan(median(std::span(values))));
}

TEST(FeatureMedian, bias_by_its_series) {
  // 1 - 1/2 + 1/3 - 1/4 + ... with an odd number of terms, towards ln 2.
  EXPECT_EQ(median_bias(1), 1.0);
  EXPECT_EQ(median_bias(2), 1.0);
  EXPECT_DOUBLE_EQ(median_bias(3), 1.0 - 1.0 / 2 + 1.0 / 3);
  EXPECT_DOUBLE_EQ(median_bias(4), 1.0 - 1.0 / 2 + 1.0 / 3);
  EXPECT_DOUBLE_EQ(median_bias(5), 47.0 / 60);
  EXPECT_NEAR(median_bias(1000001), std::log(2.0), 1e-6);
}

}  // namespace
}  // namespace papilio::kernels
