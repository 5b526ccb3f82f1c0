// Radices, tables in extended precision, and what does not fit a block.
#include "codegen/fft_shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "kernels/fft_factors.h"

namespace papilio::codegen {
namespace {

TEST(FftShape, RadicesMultiplyToTheLength) {
  for (std::int64_t n = 1; n <= 16384; ++n) {
    if (!kernels::is_five_smooth(n)) continue;
    const FftShape shape = fft_shape(n);
    std::int64_t product = 1;
    for (const int radix : shape.radices) product *= radix;
    EXPECT_EQ(product, n);
    EXPECT_GE(shape.threads, 1);
    EXPECT_LE(shape.threads, 1024) << n;
  }
}

TEST(FftShape, RootsAreThoseOfThePasses) {
  const FftShape shape = fft_shape(400);
  const auto table = pass_roots(shape);
  std::size_t at = 0;
  std::int64_t m = 1;
  for (const int radix : shape.radices) {
    for (std::int64_t j = 1; m > 1 && j < radix; ++j) {
      for (std::int64_t k = 0; k < m; ++k, ++at) {
        const double angle = -2.0 * std::numbers::pi * double(j * k) / double(radix * m);
        EXPECT_NEAR(table.at(at).real(), std::cos(angle), 1e-15);
        EXPECT_NEAR(table.at(at).imag(), std::sin(angle), 1e-15);
      }
    }
    m *= radix;
  }
  EXPECT_EQ(at, table.size());
}

}  // namespace
}  // namespace papilio::codegen
