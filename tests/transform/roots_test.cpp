// Roots of unity: within half an ulp of extended precision, and exact where they can be.
#include "transform/roots.h"

#include "transform/support.h"

namespace papilio::transform {
namespace {

TEST(Roots, QuarterTurnsAndEighthsAreExact) {
  EXPECT_EQ(unit_root(0, 12), Complex(1.0, 0.0));
  EXPECT_EQ(unit_root(3, 12), Complex(0.0, -1.0));
  EXPECT_EQ(unit_root(6, 12), Complex(-1.0, 0.0));
  EXPECT_EQ(unit_root(9, 12), Complex(0.0, 1.0));
  const double half = std::sqrt(0.5);
  EXPECT_EQ(unit_root(1, 8), Complex(half, -half));
  EXPECT_EQ(unit_root(3, 8), Complex(-half, -half));
  EXPECT_EQ(unit_root(5, 8), Complex(-half, half));
  EXPECT_EQ(unit_root(7, 8), Complex(half, half));
}

TEST(Roots, AnyWholeNumberOfTurnsMayBeAdded) {
  EXPECT_EQ(unit_root(-5, 14), unit_root(9, 14));
  EXPECT_EQ(unit_root(14 * 3 + 9, 14), unit_root(9, 14));
  EXPECT_EQ(unit_root(-9, 14), std::conj(unit_root(9, 14)));
}

TEST(Roots, AgreeWithExtendedPrecision) {
  for (const std::int64_t n : {7, 30, 1000, 131072}) {
    for (std::int64_t k = 0; k < n; k += 1 + n / 500) {
      EXPECT_NEAR(unit_root(k, n).real(), turn(k, n).real(), 1.2e-16) << k << "/" << n;
      EXPECT_NEAR(unit_root(k, n).imag(), turn(k, n).imag(), 1.2e-16) << k << "/" << n;
    }
  }
}

}  // namespace
}  // namespace papilio::transform
