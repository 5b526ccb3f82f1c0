// Detrend, window, zero padding and pre-emphasis against plain long double.
#include <limits>

#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureWindow : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureWindow, Reals);

/// What Detrend means, in long double, about a sample that is no outlier in these tests.
template <typename T>
std::vector<double> detrended(const std::vector<T>& x, Detrend kind) {
  const auto n = static_cast<long double>(x.size());
  const long double middle = (n - 1) / 2;
  const long double pivot = kind == Detrend::none ? 0 : static_cast<long double>(x[x.size() / 2]);
  long double mean = 0;
  long double slope = 0;
  long double square = 0;
  for (T value : x) mean += (static_cast<long double>(value) - pivot) / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double t = static_cast<long double>(i) - middle;
    slope += t * (static_cast<long double>(x[i]) - pivot);
    square += t * t;
  }
  if (kind == Detrend::none) mean = 0;
  slope = kind == Detrend::linear && square > 0 ? slope / square : 0;
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double t = static_cast<long double>(i) - middle;
    const long double level = static_cast<long double>(x[i]) - pivot - mean;
    out.push_back(static_cast<double>(level - slope * t));
  }
  return out;
}

template <typename T>
Tile<T> tile_of(const std::vector<T>& row, std::int64_t lanes) {
  Tile<T> tile(static_cast<std::int64_t>(row.size()), lanes);
  for (std::size_t i = 0; i < row.size(); ++i) {
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      tile(static_cast<std::int64_t>(i), lane) = row[i];
    }
  }
  return tile;
}

/// Relative error of the detrended `row`, the same in every lane.
template <typename T>
double detrend_error(const FeatureKernels<T>& kernels, std::int64_t lanes,
                     const std::vector<T>& row, Detrend kind) {
  const auto n = static_cast<std::int64_t>(row.size());
  Tile<T> tile = tile_of(row, lanes);
  kernels.window.frame(tile.data(), {n, 0, n, kind, nullptr}, tile.data());
  std::vector<double> out;
  for (std::int64_t i = 0; i < n; ++i) {
    out.push_back(static_cast<double>(tile(i, 0)));
    for (std::int64_t lane = 1; lane < lanes; ++lane) EXPECT_EQ(tile(i, lane), tile(i, 0));
  }
  return relative_error(out, detrended(row, kind));
}

TYPED_TEST(FeatureWindow, detrend_removes_mean_or_line) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const std::int64_t n : {3, 5, 63, 64, 65, 127, 256, 1000, 4097}) {
      const std::vector<T> row = noise<T>(n, static_cast<std::uint64_t>(n));
      for (const Detrend kind : {Detrend::none, Detrend::constant, Detrend::linear}) {
        EXPECT_LE(detrend_error(kernels, lanes, row, kind), 4 * kUnit<T>) << n;
      }
    }
  });
}

TYPED_TEST(FeatureWindow, large_offset_costs_no_accuracy) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const double offset : {1e3, -1e6}) {
      std::vector<T> row = noise<T>(131072, 9);
      for (T& value : row) value = static_cast<T>(static_cast<double>(value) + offset);
      EXPECT_LE(detrend_error(kernels, lanes, row, Detrend::constant), 4 * kUnit<T>) << offset;
    }
  });
}

TYPED_TEST(FeatureWindow, outlying_first_sample_costs_no_accuracy) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    std::vector<T> row = noise<T>(131072, 9);
    row[0] = T(1e6);
    EXPECT_LE(detrend_error(kernels, lanes, row, Detrend::constant), 4 * kUnit<T>);
  });
}

TYPED_TEST(FeatureWindow, steep_line_leaves_its_residue) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    std::vector<T> row = noise<T>(4096, 10);
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] += static_cast<T>(250.0 * static_cast<double>(i) - 3e5);
    // In double the line is 3e5 times what is left over, and so is its rounding error.
    const double bound = sizeof(T) == 4 ? 4 * kUnit<T> : 3e5 * 4 * kUnit<T>;
    EXPECT_LE(detrend_error(kernels, lanes, row, Detrend::linear), bound);
  });
}

TYPED_TEST(FeatureWindow, one_and_two_samples) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const std::int64_t n : {1, 2}) {
      Tile<T> tile(n, lanes, T(5));
      if (n == 2) tile(1, 0) = T(-3);
      kernels.window.frame(tile.data(), {n, 0, n, Detrend::linear, nullptr}, tile.data());
      for (T value : tile.span()) EXPECT_EQ(value, T(0));
    }
    Tile<T> tile(1, lanes, T(5));
    kernels.window.frame(tile.data(), {1, 0, 1, Detrend::constant, nullptr}, tile.data());
    for (T value : tile.span()) EXPECT_EQ(value, T(0));
  });
}

TYPED_TEST(FeatureWindow, window_is_placed_and_padded_with_zeros) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 25;
    const std::vector<T> window = noise<T>(count, 2);
    Tile<T> in = noise_tile<T>(count, lanes, 3);
    for (const std::int64_t offset : {0, 3}) {
      Tile<T> out(40, lanes, T(77));
      const FrameShape<T> shape{count, offset, 39, Detrend::none, window.data()};
      kernels.window.frame(in.data(), shape, out.data());
      for (std::int64_t i = 0; i < 40; ++i) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          T expected = i == 39 ? T(77) : T(0);
          if (i >= offset && i < offset + count) {
            expected = in(i - offset, lane) * window[static_cast<std::size_t>(i - offset)];
          }
          ASSERT_EQ(out(i, lane), expected);
        }
      }
    }
  });
}

TYPED_TEST(FeatureWindow, detrend_comes_before_the_window) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::vector<T> window = noise<T>(100, 2);
    const std::vector<T> row = noise<T>(100, 3);
    for (const Detrend kind : {Detrend::constant, Detrend::linear}) {
      Tile<T> tile = tile_of(row, lanes);
      kernels.window.frame(tile.data(), {100, 0, 100, kind, window.data()}, tile.data());
      const std::vector<double> expected = detrended(row, kind);
      for (std::int64_t i = 0; i < 100; ++i) {
        const auto at = static_cast<std::size_t>(i);
        ASSERT_NEAR(static_cast<double>(tile(i, 0)), expected[at] * static_cast<double>(window[at]),
                    20 * kUnit<T>);
      }
    }
  });
}

TYPED_TEST(FeatureWindow, empty_segment_is_all_zeros) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    Tile<T> out(5, lanes, T(77));
    kernels.window.frame(nullptr, {0, 2, 5, Detrend::constant, nullptr}, out.data());
    for (T value : out.span()) EXPECT_EQ(value, T(0));
  });
}

TYPED_TEST(FeatureWindow, lanes_do_not_see_their_neighbours) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    if (lanes == 1) return;
    const std::vector<T> window = noise<T>(200, 2);
    for (const Detrend kind : {Detrend::none, Detrend::constant, Detrend::linear}) {
      Tile<T> quiet = noise_tile<T>(200, lanes, 3);
      Tile<T> loud = noise_tile<T>(200, lanes, 3);
      for (std::int64_t i = 0; i < 200; ++i) {
        loud(i, 0) *= T(1e6);
        if (i == 50) loud(i, lanes - 1) = std::numeric_limits<T>::quiet_NaN();
      }
      const FrameShape<T> shape{200, 0, 200, kind, window.data()};
      kernels.window.frame(quiet.data(), shape, quiet.data());
      kernels.window.frame(loud.data(), shape, loud.data());
      for (std::int64_t i = 0; i < 200; ++i) {
        for (std::int64_t lane = 1; lane < lanes - 1; ++lane) {
          ASSERT_EQ(quiet(i, lane), loud(i, lane));
        }
      }
    }
  });
}

TYPED_TEST(FeatureWindow, preemphasis_takes_the_first_sample_as_its_own_predecessor) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const T c = T(0.97);
    for (const std::int64_t n : {1, 2, 400}) {
      Tile<T> in = noise_tile<T>(n, lanes, 6);
      Tile<T> out(n, lanes);
      kernels.window.preemphasis(in.data(), n, c, out.data());
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          const auto x = static_cast<double>(in(i, lane));
          const auto before = static_cast<double>(in(i > 0 ? i - 1 : 0, lane));
          const double error =
              static_cast<double>(out(i, lane)) - (x - static_cast<double>(c) * before);
          ASSERT_LE(std::abs(error), 2 * kUnit<T> * (std::abs(x) + std::abs(before)));
        }
      }
      kernels.window.preemphasis(in.data(), n, c, in.data());
      for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(in(i, 0), out(i, 0)) << "in place";
    }
  });
}

}  // namespace
}  // namespace papilio::kernels
