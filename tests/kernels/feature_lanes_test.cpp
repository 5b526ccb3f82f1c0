// A lane's bits depend neither on its neighbours nor on which lane it is: the whole chain from
// samples to log bands, with a NaN lane, a lane 1e6 times louder and a lane of zeros beside it.
#include <bit>
#include <limits>

#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureLanes : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureLanes, Reals);

constexpr std::int64_t kSamples = 301;

/// Log bands of a "spectrum" whose parts are the conditioned samples and their pre-emphasised form.
template <typename T>
Tile<T> chain(const FeatureKernels<T>& kernels, std::int64_t lanes,
              const std::vector<const std::byte*>& base, Detrend detrend) {
  const std::vector<T> window = noise<T>(kSamples, 5);
  const std::vector<Band> bands{{0, 10, 0}, {5, 151, 10}};
  Tile<T> re(kSamples, lanes), im(kSamples, lanes), power(kSamples, lanes), out(2, lanes);
  const DType type = sizeof(T) == 4 ? DType::f32 : DType::f64;
  kernels.load.tile({base.data(), type, sizeof(T), 0.7}, kSamples, re.data());
  kernels.window.preemphasis(re.data(), kSamples, T(0.97), im.data());
  const FrameShape<T> shape{kSamples, 0, kSamples, detrend, window.data()};
  kernels.window.frame(re.data(), shape, re.data());
  kernels.window.frame(im.data(), shape, im.data());
  kernels.power.store(re.data(), im.data(), kSamples, power.data());
  kernels.power.add(re.data(), im.data(), kSamples, power.data());
  kernels.power.fold_pairs(kSamples, power.data());
  kernels.element.affine(power.data(), kSamples, T(0.3), T(0.1), power.data());
  std::vector<T> weights = noise<T>(161, 6);
  for (T& weight : weights) weight = std::abs(weight);
  kernels.filterbank.apply(power.data(), bands, weights.data(), out.data());
  kernels.log.log10(out.data(), 2, T(1e-10), out.data());
  return out;
}

TYPED_TEST(FeatureLanes, neither_neighbours_nor_place_change_a_bit) {
  using T = TypeParam;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const std::vector<T> quiet = noise<T>(kSamples, 1);
  std::vector<T> loud = noise<T>(kSamples, 2);
  for (T& value : loud) value *= T(1e6);
  std::vector<T> broken = noise<T>(kSamples, 3);
  broken[17] = std::numeric_limits<T>::quiet_NaN();
  const auto bytes = [](const std::vector<T>& row) {
    return reinterpret_cast<const std::byte*>(row.data());
  };
  const std::byte* neighbours[] = {bytes(loud), bytes(broken), nullptr};
  this->each([&](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const Detrend detrend : {Detrend::none, Detrend::constant, Detrend::linear}) {
      const auto count = static_cast<std::size_t>(lanes);
      Tile<T> alone =
          chain<T>(kernels, lanes, std::vector<const std::byte*>(count, bytes(quiet)), detrend);
      for (std::size_t place = 0; place < count; ++place) {
        std::vector<const std::byte*> base;
        for (std::size_t lane = 0; lane < count; ++lane) {
          base.push_back(lane == place ? bytes(quiet) : neighbours[(lane + place) % 3]);
        }
        Tile<T> mixed = chain<T>(kernels, lanes, base, detrend);
        for (const std::int64_t band : {0, 1}) {
          const T value = mixed(band, static_cast<std::int64_t>(place));
          ASSERT_TRUE(std::isfinite(value));
          ASSERT_EQ(std::bit_cast<Bits>(value), std::bit_cast<Bits>(alone(band, 0)));
        }
      }
    }
  });
}

}  // namespace
}  // namespace papilio::kernels
