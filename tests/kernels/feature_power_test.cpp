// Powers, pairs of segments in one transform, and elementwise kernels.
#include <complex>
#include <limits>
#include <numbers>

#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeaturePower : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeaturePower, Reals);

TYPED_TEST(FeaturePower, squared_magnitudes) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t bins = 19;
    Tile<T> re = noise_tile<T>(bins, lanes, 1);
    Tile<T> im = noise_tile<T>(bins, lanes, 2);
    Tile<T> power(bins, lanes);
    kernels.power.store(re.data(), im.data(), bins, power.data());
    for (std::int64_t k = 0; k < bins; ++k) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const double expected = std::norm(std::complex<double>(re(k, lane), im(k, lane)));
        ASSERT_NEAR(static_cast<double>(power(k, lane)), expected, 3 * kUnit<T> * expected);
      }
    }
  });
}

/// Bin k of the DFT of z, in long double.
std::complex<long double> dft(const std::vector<std::complex<double>>& z, std::size_t k) {
  std::complex<long double> sum = 0;
  for (std::size_t t = 0; t < z.size(); ++t) {
    const long double turn = static_cast<long double>(t * k % z.size()) / z.size();
    const long double angle = -2 * std::numbers::pi_v<long double> * turn;
    sum += std::complex<long double>(z[t]) *
           std::complex<long double>(std::cos(angle), std::sin(angle));
  }
  return sum;
}

TYPED_TEST(FeaturePower, pair_is_the_sum_of_both_segments_powers) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const std::size_t n : {1U, 2U, 3U, 8U, 15U}) {
      const auto length = static_cast<std::int64_t>(n);
      const std::vector<double> a = noise<double>(length, 1);
      const std::vector<double> b = noise<double>(length, 2);
      std::vector<std::complex<double>> za, zb, z;
      for (std::size_t t = 0; t < n; ++t) {
        za.emplace_back(a[t]);
        zb.emplace_back(b[t]);
        z.emplace_back(a[t], b[t]);
      }
      Tile<T> re(length, lanes);
      Tile<T> im(length, lanes);
      for (std::int64_t k = 0; k < length; ++k) {
        const auto bin = dft(z, static_cast<std::size_t>(k));
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          re(k, lane) = static_cast<T>(bin.real());
          im(k, lane) = static_cast<T>(bin.imag());
        }
      }
      Tile<T> out(length, lanes);
      kernels.power.add(re.data(), im.data(), length, out.data());
      kernels.power.fold_pairs(length, out.data());
      for (std::int64_t k = 0; k <= length / 2; ++k) {
        const auto bin = static_cast<std::size_t>(k);
        const auto expected =
            static_cast<double>(std::norm(dft(za, bin)) + std::norm(dft(zb, bin)));
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          ASSERT_NEAR(static_cast<double>(out(k, lane)), expected, 1e2 * kUnit<T> * expected);
        }
      }
    }
  });
}

TYPED_TEST(FeaturePower, elementwise_arithmetic) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 11;
    Tile<T> in = noise_tile<T>(count, lanes, 8);
    const std::vector<T> per_element = noise<T>(count, 9);
    const std::vector<T> per_lane = noise<T>(lanes, 10);
    Tile<T> root(count, lanes), sum(count, lanes, T(1)), most(count, lanes, T(0.5)),
        elements(count, lanes), scaled(count, lanes), line(count, lanes);
    for (std::int64_t i = 0; i < count * lanes; ++i) root.data()[i] = std::abs(in.data()[i]);
    kernels.element.sqrt(root.data(), count, root.data());
    kernels.element.add(in.data(), count, sum.data());
    kernels.element.max(in.data(), count, most.data());
    kernels.element.scale_elements(in.data(), per_element.data(), count, elements.data());
    kernels.element.scale_lanes(in.data(), per_lane.data(), count, scaled.data());
    kernels.element.affine(in.data(), count, T(0.25), T(1), line.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const T x = in(i, lane);
        ASSERT_EQ(root(i, lane), std::sqrt(std::abs(x)));
        ASSERT_EQ(sum(i, lane), T(1) + x);
        ASSERT_EQ(most(i, lane), std::max(T(0.5), x));
        ASSERT_EQ(elements(i, lane), x * per_element[static_cast<std::size_t>(i)]);
        ASSERT_EQ(scaled(i, lane), x * per_lane[static_cast<std::size_t>(lane)]);
        ASSERT_EQ(line(i, lane), x * T(0.25) + T(1));
      }
    }
  });
}

TYPED_TEST(FeaturePower, range_clamp_per_lane) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 40;
    Tile<T> in = noise_tile<T>(count, lanes, 11);
    const T nan = std::numeric_limits<T>::quiet_NaN();
    in(3, lanes - 1) = nan;
    std::vector<T> floor(static_cast<std::size_t>(lanes), -std::numeric_limits<T>::infinity());
    kernels.element.lane_max(in.data(), count, floor.data());
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      T most = -std::numeric_limits<T>::infinity();
      for (std::int64_t i = 0; i < count; ++i) most = std::fmax(most, in(i, lane));
      ASSERT_EQ(floor[static_cast<std::size_t>(lane)], most);
      floor[static_cast<std::size_t>(lane)] = most - T(1);
    }
    Tile<T> out(count, lanes);
    kernels.element.floor_lanes(in.data(), floor.data(), count, out.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        if (i == 3 && lane == lanes - 1) {
          ASSERT_TRUE(std::isnan(out(i, lane)));
        } else {
          ASSERT_EQ(out(i, lane), std::max(in(i, lane), floor[static_cast<std::size_t>(lane)]));
        }
      }
    }
  });
}

}  // namespace
}  // namespace papilio::kernels
