// Roots of unity: exact where they can be, otherwise correctly rounded to 0.51 ulp.
#include "kernels/fft_roots.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace papilio::kernels {
namespace {

TEST(Roots, eighths_of_a_turn_are_exact) {
  for (std::int64_t n : {8, 1000, 4096, 131072}) {
    const Roots roots(n);
    EXPECT_EQ(roots.at(0), ExtendedComplex(1, 0));
    EXPECT_EQ(roots.at(n / 4), ExtendedComplex(0, -1));
    EXPECT_EQ(roots.at(n / 2), ExtendedComplex(-1, 0));
    EXPECT_EQ(roots.at(3 * n / 4), ExtendedComplex(0, 1));
    const ExtendedComplex eighth = roots.at(n / 8);
    EXPECT_EQ(eighth.real(), -eighth.imag());
    EXPECT_EQ(static_cast<double>(eighth.real()), std::numbers::sqrt2 / 2);
  }
}

TEST(Roots, opposite_and_mirrored_roots_agree_to_the_bit) {
  const std::int64_t n = 360;
  const Roots roots(n);
  for (std::int64_t k = 1; k < n; ++k) {
    EXPECT_EQ(roots.at(n - k), std::conj(roots.at(k)));
    if (k < n / 2) {
      EXPECT_EQ(roots.at(k + n / 2), -roots.at(k));
    }
  }
}

TEST(Roots, agree_with_the_library_to_a_fiftieth_of_an_ulp_of_double) {
  for (std::int64_t n : {7, 400, 65537, 1 << 26}) {
    const Roots roots(n);
    for (std::int64_t k = 1; k < n; k += 1 + n / 997) {
      const long double turn = static_cast<long double>(k) / static_cast<long double>(n);
      const long double angle = 2 * std::numbers::pi_v<long double> * turn;
      EXPECT_NEAR(static_cast<double>(roots.at(k).real() - std::cos(angle)), 0, 2e-18) << k;
      EXPECT_NEAR(static_cast<double>(roots.at(k).imag() + std::sin(angle)), 0, 2e-18) << k;
    }
  }
}

TEST(ExtendedFft, transforms_a_shifted_impulse_into_roots) {
  const std::int64_t n = 60;
  std::vector<ExtendedComplex> x(n);
  x[7] = 1;
  extended_fft(x);
  const Roots roots(n);
  for (std::int64_t k = 0; k < n; ++k) {
    EXPECT_LE(std::abs(x[static_cast<std::size_t>(k)] - roots.at(7 * k % n)), 1e-18L) << k;
  }
}

}  // namespace
}  // namespace papilio::kernels
