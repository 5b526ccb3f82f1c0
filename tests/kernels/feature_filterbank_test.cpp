// Banded filterbank against plain sums in long double.
#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureFilterbank : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureFilterbank, Reals);

TYPED_TEST(FeatureFilterbank, every_band_is_its_weighted_sum) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t bins = 201;
    Tile<T> power = noise_tile<T>(bins, lanes, 1);
    for (T& value : power.span()) value *= value;
    const std::vector<Band> bands{{0, 1, 0}, {1, 2, 1}, {7, 0, 3}, {3, 5, 3}, {0, 201, 8}};
    std::vector<T> weights = noise<T>(8 + 201, 2);
    for (T& weight : weights) weight = std::abs(weight);
    Tile<T> out(6, lanes, T(55));
    kernels.filterbank.apply(power.data(), bands, weights.data(), out.data());
    for (std::size_t b = 0; b < bands.size(); ++b) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        long double sum = 0;
        for (std::int64_t k = 0; k < bands[b].count; ++k) {
          const auto weight = weights[static_cast<std::size_t>(bands[b].offset + k)];
          sum += static_cast<long double>(weight) * power(bands[b].first + k, lane);
        }
        ASSERT_NEAR(static_cast<double>(out(static_cast<std::int64_t>(b), lane)),
                    static_cast<double>(sum), 10 * kUnit<T> * static_cast<double>(sum));
      }
    }
    for (std::int64_t lane = 0; lane < lanes; ++lane) EXPECT_EQ(out(5, lane), T(55));
  });
}

}  // namespace
}  // namespace papilio::kernels
