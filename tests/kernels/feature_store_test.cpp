// Storing tiles: exact bounds, skipped lanes, strides, interleaved pairs.
#include "kernels/feature_support.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureStore : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureStore, Reals);

constexpr std::int64_t kCounts[] = {0, 1, 3, 4, 8, 15, 16, 17, 33, 50};

TYPED_TEST(FeatureStore, rows_get_their_lane_and_nothing_else) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const std::int64_t stride : {1, 2, 5}) {
      for (const std::int64_t count : kCounts) {
        Tile<T> tile = noise_tile<T>(count, lanes, 1);
        const std::int64_t extent = count == 0 ? 0 : (count - 1) * stride + 1;
        std::vector<std::vector<T>> memory(static_cast<std::size_t>(lanes));
        std::vector<T*> rows;
        for (auto& row : memory) {
          row.assign(static_cast<std::size_t>(extent), T(99));
          rows.push_back(row.data());
        }
        if (lanes > 2) rows[1] = nullptr;
        kernels.store.tile(tile.data(), count, rows.data(), stride, 1000);
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          for (std::int64_t i = 0; i < extent; ++i) {
            const bool written = i % stride == 0 && rows[static_cast<std::size_t>(lane)] != nullptr;
            const T expected = written ? tile(i / stride, lane) : T(99);
            ASSERT_EQ(memory[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)],
                      expected);
          }
        }
      }
    }
  });
}

TYPED_TEST(FeatureStore, rows_side_by_side) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 7;
    const std::int64_t frames = lanes + 2;
    Tile<T> tile = noise_tile<T>(count, lanes, 2);
    std::vector<T> table(static_cast<std::size_t>(count * frames), T(99));
    std::vector<T*> rows;
    for (std::int64_t lane = 0; lane < lanes; ++lane) rows.push_back(table.data() + 1 + lane);
    kernels.store.tile(tile.data(), count, rows.data(), frames, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t frame = 0; frame < frames; ++frame) {
        const bool written = frame >= 1 && frame <= lanes;
        const T expected = written ? tile(i, frame - 1) : T(99);
        ASSERT_EQ(table[static_cast<std::size_t>(i * frames + frame)], expected);
      }
    }
  });
}

TYPED_TEST(FeatureStore, complex_pairs) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const std::int64_t stride : {1, 3}) {
      for (const std::int64_t count : kCounts) {
        Tile<T> re = noise_tile<T>(count, lanes, 1);
        Tile<T> im = noise_tile<T>(count, lanes, 2);
        const std::int64_t extent = count == 0 ? 0 : 2 * ((count - 1) * stride + 1);
        std::vector<std::vector<T>> memory(static_cast<std::size_t>(lanes));
        std::vector<T*> rows;
        for (auto& row : memory) {
          row.assign(static_cast<std::size_t>(extent), T(99));
          rows.push_back(row.data());
        }
        if (lanes > 1) rows[0] = nullptr;
        kernels.store.complex_tile(re.data(), im.data(), count, rows.data(), stride);
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          for (std::int64_t i = 0; i < extent; ++i) {
            const std::int64_t pair = i / 2;
            const bool written =
                pair % stride == 0 && rows[static_cast<std::size_t>(lane)] != nullptr;
            T expected = T(99);
            if (written) expected = (i % 2 == 0 ? re : im)(pair / stride, lane);
            ASSERT_EQ(memory[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)],
                      expected);
          }
        }
      }
    }
  });
}

TYPED_TEST(FeatureStore, load_then_store_is_the_identity) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 3 * lanes + 1;
    const std::vector<T> in = noise<T>(lanes * count, 4);
    std::vector<T> out(in.size());
    std::vector<const std::byte*> base;
    std::vector<T*> rows;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      base.push_back(reinterpret_cast<const std::byte*>(in.data() + lane * count));
      rows.push_back(out.data() + lane * count);
    }
    Tile<T> tile(count, lanes);
    const DType type = sizeof(T) == 4 ? DType::f32 : DType::f64;
    kernels.load.tile({base.data(), type, sizeof(T)}, count, tile.data());
    kernels.store.tile(tile.data(), count, rows.data(), 1, 0);
    EXPECT_EQ(in, out);
  });
}

}  // namespace
}  // namespace papilio::kernels
