// Random numbers: the same bits for a seed everywhere, and the distributions they claim to have.
#include "base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace papilio::base {
namespace {

TEST(Rng, KnownBits) {
  Rng rng(1);
  EXPECT_EQ(rng.bits(), 0xd13756f65520a1ecu);
  Rng stream(1, 2);
  EXPECT_EQ(stream.bits(), 0xa5fd3a034dec0296u);
}

TEST(Rng, ASeedRepeatsAndNeighboursDiffer) {
  Rng a(7, 3);
  Rng b(7, 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      Rng rng(seed, stream);
      for (int i = 0; i < 20; ++i) seen.insert(rng.bits());
    }
  }
  EXPECT_EQ(seen.size(), 8000u);
}

/// What hash of rng.cpp makes `bits` of: its steps taken back, products by the inverses modulo
/// 2^64.
std::uint64_t counter_behind(std::uint64_t bits) {
  const auto unshift = [](std::uint64_t z, int by) {
    std::uint64_t x = z;
    for (int done = by; done < 64; done += by) x = z ^ (x >> by);
    return x;
  };
  const std::uint64_t second = unshift(bits, 31) * 0x319642b2d24d8ec3u;
  return unshift(unshift(second, 27) * 0x96de1b173f119089u, 30);
}

// So that no number of one lane is ever drawn in another.
TEST(Rng, ALaneIsInEveryDraw) {
  for (unsigned lane = 0; lane < 4; ++lane) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Rng rng(seed, 7 * seed, lane);
      for (int i = 0; i < 100; ++i) ASSERT_EQ(counter_behind(rng.bits()) % 4, lane);
    }
  }
}

// Means and variances of 100000 draws, within five standard errors.
TEST(Rng, UniformHasItsMoments) {
  Rng rng(11);
  double sum = 0.0;
  double squares = 0.0;
  const int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
  }
  EXPECT_NEAR(sum / count, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / count));
  EXPECT_NEAR(squares / count, 1.0 / 12.0, 5.0 * std::sqrt(1.0 / 180.0 / count));
}

TEST(Rng, NormalHasItsMoments) {
  Rng rng(12);
  std::array<double, 5> moment{};
  const int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    for (int power = 1; power <= 4; ++power) moment[power] += std::pow(x, power) / count;
  }
  EXPECT_NEAR(moment[1], 0.0, 5.0 * std::sqrt(1.0 / count));
  EXPECT_NEAR(moment[2], 1.0, 5.0 * std::sqrt(2.0 / count));
  EXPECT_NEAR(moment[3], 0.0, 5.0 * std::sqrt(15.0 / count));
  EXPECT_NEAR(moment[4], 3.0, 5.0 * std::sqrt(96.0 / count));
}

// The distribution function at places within layers, at their edges and in the tail, within five
// standard errors of a million draws; the ziggurat's tail begins at 3.654.
TEST(Rng, NormalHasItsDistribution) {
  Rng rng(14);
  constexpr std::array places{-4.0, -3.7, -3.6, -2.0, -1.0, -0.1, 0.0,
                              0.2,  0.5,  1.5,  3.0,  3.66, 4.2};
  std::array<int, places.size()> below{};
  const int count = 1000000;
  for (int i = 0; i < count; ++i) {
    const double x = rng.normal();
    for (std::size_t p = 0; p < places.size(); ++p) below[p] += x < places[p] ? 1 : 0;
  }
  for (std::size_t p = 0; p < places.size(); ++p) {
    const double share = 0.5 * std::erfc(-places[p] / std::sqrt(2.0));
    EXPECT_NEAR(below[p], count * share, 5.0 * std::sqrt(count * share * (1.0 - share)) + 1.0)
        << places[p];
  }
}

TEST(Rng, BelowIsEvenOverItsRange) {
  Rng rng(13);
  std::array<int, 5> times{};
  for (int i = 0; i < 50000; ++i) ++times.at(rng.below(5));
  for (const int count : times) EXPECT_NEAR(count, 10000, 5.0 * std::sqrt(8000.0));
  EXPECT_EQ(rng.below(1), 0u);
}

}  // namespace
}  // namespace papilio::base
