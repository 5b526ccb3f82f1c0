/// Curves keep their maxima, where they are, in at most so many points.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/pages.h"
#include "report/reduce.h"

namespace papilio::report {
namespace {

TEST(CurveReducer, ShortCurvesAreLeftAlone) {
  const Curve curve = noise_curve(4000);
  const Curve reduced = reduce_curve(curve, 4000);
  EXPECT_EQ(reduced.x, curve.x);
  EXPECT_EQ(reduced.y, curve.y);
  EXPECT_EQ(reduced.bins_per_point, 1U);
}

TEST(CurveReducer, EveryPointIsTheMaximumOfItsRun) {
  for (const std::size_t count : {11U, 19U, 20U, 21U, 995U}) {
    const Curve curve = noise_curve(count);
    const Curve reduced = reduce_curve(curve, 10);
    ASSERT_EQ(reduced.x.size(), 10U);
    ASSERT_TRUE(std::is_sorted(reduced.x.begin(), reduced.x.end()));
    for (std::size_t point = 0; point < 10; ++point) {
      const auto first = curve.y.begin() + static_cast<std::ptrdiff_t>(point * count / 10);
      const auto last = curve.y.begin() + static_cast<std::ptrdiff_t>((point + 1) * count / 10);
      const auto largest = std::max_element(first, last);
      EXPECT_EQ(reduced.y[point], *largest);
      EXPECT_EQ(reduced.x[point], curve.x[static_cast<std::size_t>(largest - curve.y.begin())]);
    }
  }
}

TEST(CurveReducer, NanOnlyStaysWhereNothingElseIs) {
  Curve curve = noise_curve(4);
  curve.y = {std::nan(""), 2.0, std::nan(""), std::nan("")};
  const Curve reduced = reduce_curve(curve, 2);
  EXPECT_EQ(reduced.y[0], 2.0);
  EXPECT_TRUE(std::isnan(reduced.y[1]));
}

}  // namespace
}  // namespace papilio::report
