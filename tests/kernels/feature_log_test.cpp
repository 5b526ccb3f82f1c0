// Logarithms: at most 2 ulp against long double, over all exponents and close to 1; special values.
#include <cstdlib>
#include <limits>

#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureLog : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureLog, Reals);

template <typename T>
double ulps(T value, long double expected) {
  const T rounded = static_cast<T>(expected);
  const T next = std::nextafter(std::abs(rounded), std::numeric_limits<T>::infinity());
  const auto ulp = static_cast<long double>(next) - static_cast<long double>(std::abs(rounded));
  return static_cast<double>(std::abs(static_cast<long double>(value) - expected) / ulp);
}

/// Worst error in ulp of both logarithms over `values` (padded to full vectors by repetition).
template <typename T>
double worst(const FeatureKernels<T>& kernels, std::int64_t lanes, std::vector<T> values) {
  while (static_cast<std::int64_t>(values.size()) % lanes != 0) values.push_back(values.back());
  const std::int64_t count = static_cast<std::int64_t>(values.size()) / lanes;
  Tile<T> in(count, lanes);
  std::copy(values.begin(), values.end(), in.data());
  Tile<T> natural(count, lanes);
  Tile<T> decimal(count, lanes);
  kernels.log.ln(in.data(), count, T(0), natural.data());
  kernels.log.log10(in.data(), count, T(0), decimal.data());
  // A double log is exact enough to judge float results and ten times faster.
  using Judge = std::conditional_t<sizeof(T) == 4, double, long double>;
  double most = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<Judge>(values[i]);
    most = std::max(most, ulps(natural.data()[i], std::log(x)));
    most = std::max(most, ulps(decimal.data()[i], std::log10(x)));
  }
  return most;
}

TYPED_TEST(FeatureLog, within_two_ulp_over_all_exponents) {
  using T = TypeParam;
  std::mt19937_64 engine(1);
  std::vector<T> values{std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::min(),
                        std::numeric_limits<T>::max(), T(1)};
  const int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  for (int exponent = lowest; exponent < std::numeric_limits<T>::max_exponent; ++exponent) {
    for (int i = 0; i < (sizeof(T) == 4 ? 2000 : 250); ++i) {
      const double mantissa = 1 + std::generate_canonical<double, 53>(engine);
      values.push_back(std::ldexp(static_cast<T>(mantissa), exponent));
      if (!(values.back() > 0) || std::isinf(values.back())) values.pop_back();
    }
  }
  this->each([&](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    EXPECT_LE(worst<T>(kernels, lanes, values), 2.0);
  });
}

TYPED_TEST(FeatureLog, within_two_ulp_close_to_one) {
  using T = TypeParam;
  std::mt19937_64 engine(2);
  std::vector<T> values;
  T above = 1;
  T below = 1;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(above = std::nextafter(above, T(2)));
    values.push_back(below = std::nextafter(below, T(0)));
    const double offset = std::ldexp(std::generate_canonical<double, 53>(engine), -i % 50);
    values.push_back(static_cast<T>(1 + offset));
    values.push_back(static_cast<T>(1 - offset / 2));
  }
  this->each([&](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    EXPECT_LE(worst<T>(kernels, lanes, values), 2.0);
  });
}

TEST(FeatureLogLong, every_positive_float) {
  if (std::getenv("PAPILIO_LONG") == nullptr) GTEST_SKIP() << "set PAPILIO_LONG=1";
  for (Isa isa : usable_isas()) {
    double most = 0;
    for (std::uint32_t bits = 1; bits < 0x7F800000;) {
      std::vector<float> values;
      for (int i = 0; i < 1 << 16 && bits < 0x7F800000; ++i) {
        values.push_back(std::bit_cast<float>(bits));
        bits += 16 * 3 + 1;
      }
      most =
          std::max(most, worst<float>(feature_kernels<float>(isa), lanes_of<float>(isa), values));
    }
    EXPECT_LE(most, 2.0) << name_of(isa);
  }
}

TYPED_TEST(FeatureLog, floor_and_special_values) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  this->each([&](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const auto at = [&](T x, T floor) {
      Tile<T> tile(1, lanes, x);
      kernels.log.ln(tile.data(), 1, floor, tile.data());
      const T natural = tile(0, lanes - 1);
      tile = Tile<T>(1, lanes, x);
      kernels.log.log10(tile.data(), 1, floor, tile.data());
      EXPECT_EQ(std::isnan(natural), std::isnan(tile(0, 0)));
      EXPECT_EQ(std::isinf(natural), std::isinf(tile(0, 0)));
      return tile(0, 0);
    };
    EXPECT_EQ(at(T(0), T(0)), -infinity);
    EXPECT_EQ(at(T(1), T(0)), T(0));
    EXPECT_EQ(at(infinity, T(0)), infinity);
    EXPECT_TRUE(std::isnan(at(nan, T(0))));
    EXPECT_TRUE(std::isnan(at(nan, T(1e-10))));
    EXPECT_TRUE(std::isnan(at(T(-1), T(-2))));
    EXPECT_EQ(at(T(0), T(1e-10)), T(-10));
    EXPECT_EQ(at(T(1e-20), T(1e-10)), T(-10));
    EXPECT_EQ(at(T(-5), T(1e-10)), T(-10));
    EXPECT_EQ(at(T(100), T(1e-10)), T(2));
  });
}

}  // namespace
}  // namespace papilio::kernels
