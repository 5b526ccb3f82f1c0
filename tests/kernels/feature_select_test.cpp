// Top-K bins and peaks against the definitions of scipy.signal.find_peaks, written as O(n^2) text.
#include "kernels/select.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/buffer.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureSelect : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FeatureSelect, Reals);

template <typename T>
struct Result {
  std::int64_t count;
  std::vector<T> slots;
  std::vector<std::int64_t> bins() const {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < count; ++i) {
      out.push_back(static_cast<std::int64_t>(slots[static_cast<std::size_t>(4 * i)]));
    }
    return out;
  }
};

template <typename T>
Result<T> peaks(const std::vector<T>& x, std::int64_t k, const PeakConditions& conditions = {},
                SpectrumAxis axis = {}) {
  axis.bins = static_cast<std::int64_t>(x.size());
  base::Buffer<std::byte> scratch(select_scratch_bytes<T>(axis.bins));
  Result<T> result{0, std::vector<T>(static_cast<std::size_t>(4 * k), T(77))};
  result.count = select_peaks<T>(std::span<const T>(x), axis, conditions,
                                 std::span<T>(result.slots), scratch.span());
  return result;
}

template <typename T>
Result<T> bins(const std::vector<T>& x, std::int64_t k, std::int64_t lo = 0, std::int64_t hi = -1,
               SpectrumAxis axis = {}) {
  axis.bins = static_cast<std::int64_t>(x.size());
  base::Buffer<std::byte> scratch(select_scratch_bytes<T>(axis.bins));
  Result<T> result{0, std::vector<T>(static_cast<std::size_t>(4 * k), T(77))};
  result.count = select_bins<T>(std::span<const T>(x), axis, lo, hi, std::span<T>(result.slots),
                                scratch.span());
  return result;
}

/// Every run of equal values with lower neighbours on both sides, at its middle.
template <typename T>
std::vector<std::int64_t> all_maxima(const std::vector<T>& x) {
  std::vector<std::int64_t> found;
  const auto n = static_cast<std::int64_t>(x.size());
  const auto at = [&](std::int64_t i) { return x[static_cast<std::size_t>(i)]; };
  for (std::int64_t l = 1; l < n - 1; ++l) {
    for (std::int64_t r = l; r < n - 1; ++r) {
      bool flat = true;
      for (std::int64_t i = l; i <= r; ++i) flat = flat && at(i) == at(l);
      if (flat && at(l - 1) < at(l) && at(r + 1) < at(l)) found.push_back((l + r) / 2);
    }
  }
  return found;
}

/// Rise over the higher of the two lowest points between the peak and the nearest higher sample.
template <typename T>
double prominence(const std::vector<T>& x, std::int64_t peak) {
  const auto n = static_cast<std::int64_t>(x.size());
  const T top = x[static_cast<std::size_t>(peak)];
  double base[2];
  for (const int side : {0, 1}) {
    T lowest = top;
    const std::int64_t step = side == 0 ? -1 : 1;
    for (std::int64_t i = peak + step; i >= 0 && i < n; i += step) {
      const T value = x[static_cast<std::size_t>(i)];
      if (value > top) break;
      lowest = std::min(lowest, value);
    }
    base[side] = static_cast<double>(lowest);
  }
  return static_cast<double>(top) - std::max(base[0], base[1]);
}

template <typename T>
std::vector<std::int64_t> keep_by_distance(const std::vector<T>& x, std::vector<std::int64_t> open,
                                           std::int64_t distance) {
  std::vector<std::int64_t> kept;
  while (!open.empty()) {
    std::int64_t top = open[0];
    for (std::int64_t p : open) {
      if (x[static_cast<std::size_t>(p)] >= x[static_cast<std::size_t>(top)]) top = p;
    }
    kept.push_back(top);
    std::erase_if(open, [&](std::int64_t p) { return std::abs(p - top) < distance; });
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

template <typename T>
std::vector<std::int64_t> expected_peaks(const std::vector<T>& x, std::size_t k,
                                         const PeakConditions& c) {
  const auto value = [&](std::int64_t i) {
    return static_cast<double>(x[static_cast<std::size_t>(i)]);
  };
  std::vector<std::int64_t> found = all_maxima(x);
  std::erase_if(found, [&](std::int64_t p) { return p < c.lo || (c.hi >= 0 && p >= c.hi); });
  std::erase_if(found, [&](std::int64_t p) { return value(p) < c.height; });
  std::erase_if(found, [&](std::int64_t p) {
    return std::min(value(p) - value(p - 1), value(p) - value(p + 1)) < c.threshold;
  });
  found = keep_by_distance(x, found, c.distance);
  std::erase_if(found, [&](std::int64_t p) { return prominence(x, p) < c.prominence; });
  std::stable_sort(found.begin(), found.end(),
                   [&](std::int64_t a, std::int64_t b) { return value(a) > value(b); });
  if (found.size() > k) found.resize(k);
  return found;
}

/// A row whose few distinct values make plateaus and ties.
template <typename T>
std::vector<T> random_row(std::mt19937& engine, std::size_t n, int levels) {
  std::uniform_int_distribution<int> level(0, levels);
  std::vector<T> row(n);
  for (T& value : row) value = static_cast<T>(level(engine)) / T(4);
  return row;
}

TYPED_TEST(FeatureSelect, peaks_are_find_peaks_on_random_rows) {
  using T = TypeParam;
  std::mt19937 engine(1);
  int chosen = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::size_t n = engine() % 60;
    const int levels = round % 2 == 0 ? 3 : 1000;
    const std::vector<T> row = random_row<T>(engine, n, levels);
    PeakConditions c;
    if (engine() % 2) c.height = levels / 10.0;
    if (engine() % 3 == 0) c.threshold = levels / 30.0;
    if (engine() % 2) c.distance = 1 + static_cast<std::int64_t>(engine() % 9);
    if (engine() % 2) c.prominence = levels / 12.0;
    if (engine() % 3 == 0) {
      c.lo = static_cast<std::int64_t>(engine() % 20);
      c.hi = static_cast<std::int64_t>(engine() % 60);
    }
    const std::size_t k = engine() % 12;
    const auto result = peaks<T>(row, static_cast<std::int64_t>(k), c);
    ASSERT_EQ(result.bins(), expected_peaks(row, k, c))
        << "n " << n << " k " << k << " levels " << levels << " distance " << c.distance
        << " prominence " << c.prominence;
    chosen += static_cast<int>(result.count);
  }
  EXPECT_GT(chosen, 3000) << "the rows hardly have peaks";
}

TYPED_TEST(FeatureSelect, a_plateau_counts_once_at_its_floored_middle) {
  using T = TypeParam;
  EXPECT_EQ(peaks<T>({0, 1, 1, 1, 1, 0}, 3).bins(), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(peaks<T>({0, 1, 1, 2, 0}, 3).bins(), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(peaks<T>({2, 2, 1, 3, 3}, 3).count, 0) << "edges are no peaks";
}

TYPED_TEST(FeatureSelect, too_short_rows_and_no_slots) {
  using T = TypeParam;
  EXPECT_EQ(peaks<T>({}, 2).count, 0);
  EXPECT_EQ(peaks<T>({5}, 2).count, 0);
  EXPECT_EQ(peaks<T>({5, 6}, 2).count, 0);
  EXPECT_EQ(peaks<T>({0, 1, 0}, 0).count, 0);
  EXPECT_EQ(bins<T>({}, 2).count, 0);
  EXPECT_EQ(bins<T>({3, 4}, 0).count, 0);
  EXPECT_EQ(bins<T>({3, 4}, 5).count, 2);
}

TYPED_TEST(FeatureSelect, unused_slots_are_marked) {
  using T = TypeParam;
  const auto result = peaks<T>({0, 1, 0}, 2);
  ASSERT_EQ(result.count, 1);
  EXPECT_EQ(result.slots[0], T(1));
  EXPECT_EQ(result.slots[4], T(-1));
  for (const std::size_t i : {5U, 6U, 7U}) EXPECT_TRUE(std::isnan(result.slots[i]));
}

TYPED_TEST(FeatureSelect, bins_by_power_ties_to_the_lower) {
  using T = TypeParam;
  std::mt19937 engine(2);
  for (int round = 0; round < 500; ++round) {
    const std::size_t n = 1 + engine() % 50;
    const std::vector<T> row = random_row<T>(engine, n, 5);
    std::vector<std::int64_t> expected;
    const std::int64_t lo = round % 4;
    for (std::size_t i = static_cast<std::size_t>(lo); i < n; ++i) {
      expected.push_back(static_cast<std::int64_t>(i));
    }
    std::stable_sort(expected.begin(), expected.end(), [&](std::int64_t a, std::int64_t b) {
      return row[static_cast<std::size_t>(a)] > row[static_cast<std::size_t>(b)];
    });
    const std::size_t k = engine() % 10;
    if (expected.size() > k) expected.resize(k);
    ASSERT_EQ(bins<T>(row, static_cast<std::int64_t>(k), lo).bins(), expected);
  }
}

TYPED_TEST(FeatureSelect, bins_carry_their_own_frequency_and_power) {
  using T = TypeParam;
  SpectrumAxis axis;
  axis.bin_hz = 2.5;
  const auto result = bins<T>({1, 5, 3}, 2, 0, -1, axis);
  EXPECT_EQ(result.slots, (std::vector<T>{1, 5, 2.5, 5, 2, 3, 5, 3}));
}

TYPED_TEST(FeatureSelect, nan_powers_are_never_chosen) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(bins<T>({1, nan, 3}, 3).bins(), (std::vector<std::int64_t>{2, 0}));
  EXPECT_EQ(peaks<T>({nan, nan, nan, nan}, 3).count, 0);
}

TYPED_TEST(FeatureSelect, two_sided_rows_are_searched_in_ascending_frequency) {
  using T = TypeParam;
  SpectrumAxis axis;
  axis.two_sided = true;
  axis.bin_hz = 10;
  // FFT order 0 1 2 -3 -2 -1: the peak at DC has neighbours at both ends of the array, and the
  // middle of the array (the highest and the lowest frequency) is an edge.
  const auto even = peaks<T>({9, 1, 7, 7.5, 1, 1}, 4, {}, axis);
  EXPECT_EQ(even.bins(), (std::vector<std::int64_t>{0}));
  const auto odd = peaks<T>({1, 2, 1, 1, 2}, 4, {}, axis);
  EXPECT_EQ(odd.bins(), (std::vector<std::int64_t>{1, 4})) << "ties go to the lower bin";
  EXPECT_EQ(odd.slots[2], T(10));
  EXPECT_EQ(odd.slots[6], T(-10));
  const auto strongest = bins<T>({9, 1, 7, 7.5, 1, 1}, 2, 0, -1, axis);
  EXPECT_EQ(strongest.bins(), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(strongest.slots[6], T(-30));
}

TYPED_TEST(FeatureSelect, parabola_through_logs_finds_a_gaussian_exactly) {
  using T = TypeParam;
  SpectrumAxis axis;
  axis.bin_hz = 4;
  const double centre = 5.3;
  std::vector<T> row;
  for (int i = 0; i < 12; ++i) {
    row.push_back(static_cast<T>(3 * std::exp(-0.4 * (i - centre) * (i - centre))));
  }
  const double tolerance = 64 * std::numeric_limits<T>::epsilon();
  const auto result = peaks<T>(row, 1, {}, axis);
  EXPECT_EQ(result.slots[0], T(5));
  EXPECT_EQ(result.slots[1], row[5]);
  EXPECT_NEAR(static_cast<double>(result.slots[2]), 4 * centre, 4 * tolerance);
  EXPECT_NEAR(static_cast<double>(result.slots[3]), 3.0, 3 * tolerance);
}

TYPED_TEST(FeatureSelect, doubling_is_undone_bin_by_bin) {
  using T = TypeParam;
  // A Gaussian about 1.2 in undoubled powers; bin 0 is DC and was never doubled.
  std::vector<T> row;
  for (int i = 0; i < 6; ++i) {
    const double undoubled = std::exp(-0.5 * (i - 1.2) * (i - 1.2));
    row.push_back(static_cast<T>(i == 0 ? undoubled : 2 * undoubled));
  }
  SpectrumAxis axis;
  axis.doubled = true;
  const double tolerance = 64 * std::numeric_limits<T>::epsilon();
  const auto result = peaks<T>(row, 1, {}, axis);
  EXPECT_EQ(result.slots[0], T(1));
  EXPECT_NEAR(static_cast<double>(result.slots[2]), 1.2, tolerance);
  EXPECT_NEAR(static_cast<double>(result.slots[3]), 2.0, tolerance);
}

TYPED_TEST(FeatureSelect, bins_own_values_where_there_is_no_parabola) {
  using T = TypeParam;
  SpectrumAxis axis;
  const auto zero = peaks<T>({0, 2, 1, 0}, 1, {}, axis);
  EXPECT_EQ(zero.slots, (std::vector<T>{1, 2, 1, 2}));
  const auto plateau = peaks<T>({1, 2, 2, 1}, 1, {}, axis);
  EXPECT_EQ(plateau.slots, (std::vector<T>{1, 2, 1, 2}));
  axis.doubled = true;
  const auto beside_dc = peaks<T>({T(1.9), 2, 1, 1}, 1, {}, axis);
  EXPECT_EQ(beside_dc.slots, (std::vector<T>{1, 2, 1, 2})) << "undoubled, DC is the higher one";
}

}  // namespace
}  // namespace papilio::kernels
