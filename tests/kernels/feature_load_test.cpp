// Loading tiles: every element type, stride and alignment; exact bounds; lanes for themselves.
#include <cstring>
#include <limits>

#include "kernels/feature_support.h"
#include "kernels/sample.h"
#include "papilio/error.h"

namespace papilio::kernels {
namespace {

template <typename T>
class FeatureLoad : public OnEveryIsa<T> {};
TYPED_TEST_SUITE(FeatureLoad, Reals);

constexpr DType kReals[] = {DType::f32, DType::f64, DType::i8,  DType::u8,
                            DType::i16, DType::u16, DType::i24, DType::i32};
constexpr std::int64_t kCounts[] = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100};

/// Writes some value of the type and returns what it means.
double put(std::byte* address, DType type, std::mt19937_64& engine) {
  const auto bits = static_cast<std::uint32_t>(engine());
  double value = 0;
  with_sample_type(type, [&]<typename Source>() {
    if constexpr (std::is_same_v<Source, Int24>) {
      const std::uint8_t bytes[3] = {static_cast<std::uint8_t>(bits),
                                     static_cast<std::uint8_t>(bits >> 8),
                                     static_cast<std::uint8_t>(bits >> 16)};
      std::memcpy(address, bytes, 3);
      const std::int32_t unsigned_value = bytes[0] + 256 * bytes[1] + 65536 * bytes[2];
      value = unsigned_value - (bytes[2] >= 128 ? 1 << 24 : 0);
    } else {
      Source sample;
      if constexpr (std::is_floating_point_v<Source>) {
        sample = static_cast<Source>(static_cast<std::int32_t>(bits)) / Source(3e7);
      } else {
        sample = static_cast<Source>(bits);
      }
      std::memcpy(address, &sample, sizeof(sample));
      value = static_cast<double>(sample);
    }
  });
  return value;
}

/// Rows in memory that end exactly where an allocation ends, so that ASan sees one byte too much.
struct Rows {
  std::vector<std::vector<std::byte>> memory;
  std::vector<const std::byte*> base;
  std::vector<std::vector<double>> values;
};

Rows make_rows(DType type, std::int64_t lanes, std::int64_t count, std::int64_t parts,
               std::int64_t stride, std::int64_t shift, std::int64_t absent_lane) {
  std::mt19937_64 engine(static_cast<std::uint64_t>(count * 131 + stride));
  const auto size = static_cast<std::int64_t>(size_of(type));
  Rows rows;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    const std::int64_t extent =
        shift + (count == 0 ? 0 : std::abs(stride) * (count - 1) + size * parts);
    rows.memory.emplace_back(static_cast<std::size_t>(extent));
    std::byte* first = rows.memory.back().data() + shift;
    if (stride < 0 && count > 0) first -= stride * (count - 1);
    rows.base.push_back(lane == absent_lane ? nullptr : first);
    rows.values.emplace_back();
    for (std::int64_t i = 0; i < count * parts; ++i) {
      double value = 0;
      if (lane != absent_lane) {
        value = put(first + i / parts * stride + i % parts * size, type, engine);
      }
      rows.values.back().push_back(value);
    }
  }
  return rows;
}

TYPED_TEST(FeatureLoad, every_type_stride_count_and_alignment) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const DType type : kReals) {
      const auto size = static_cast<std::int64_t>(size_of(type));
      for (const std::int64_t stride : {size, -size, 3 * size, size + 1, -size - 3}) {
        for (const std::int64_t shift : {std::int64_t{0}, size, std::int64_t{1}}) {
          for (const std::int64_t count : kCounts) {
            Rows rows = make_rows(type, lanes, count, 1, stride, shift, lanes > 1 ? 1 : -1);
            Tile<T> tile(count + 1, lanes, T(7));
            const LaneSource source{rows.base.data(), type, stride};
            EXPECT_EQ(kernels.load.tile(source, count, tile.data()), 0U);
            for (std::int64_t lane = 0; lane < lanes; ++lane) {
              for (std::int64_t i = 0; i < count; ++i) {
                ASSERT_EQ(
                    tile(i, lane),
                    static_cast<T>(
                        rows.values[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)]))
                    << name_of(type) << " stride " << stride << " count " << count;
              }
              ASSERT_EQ(tile(count, lane), T(7)) << "wrote behind the tile";
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(FeatureLoad, a_window_multiplies_after_the_scale) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const DType type : kReals) {
      const auto size = static_cast<std::int64_t>(size_of(type));
      for (const std::int64_t stride : {size, 2 * size}) {
        for (const double scale : {1.0, 0.3}) {
          const std::int64_t count = 37;
          const Rows rows = make_rows(type, lanes, count, 1, stride, 0, lanes > 1 ? 1 : -1);
          const std::vector<T> window = noise<T>(count, 4);
          Tile<T> tile(count, lanes);
          const LaneSource source{rows.base.data(), type, stride, scale, 0, window.data()};
          EXPECT_EQ(kernels.load.tile(source, count, tile.data()), 0U);
          for (std::int64_t lane = 0; lane < lanes; ++lane) {
            for (std::int64_t i = 0; i < count; ++i) {
              const auto at = static_cast<std::size_t>(i);
              const auto x = static_cast<T>(rows.values[static_cast<std::size_t>(lane)][at]);
              ASSERT_EQ(tile(i, lane), x * static_cast<T>(scale) * window[at])
                  << name_of(type) << " scale " << scale;
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(FeatureLoad, a_window_multiplies_pairs_and_columns) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    constexpr std::int64_t count = 41;
    const DType real = sizeof(T) == 4 ? DType::f32 : DType::f64;
    const std::vector<T> window = noise<T>(count, 4);
    const std::vector<T> data = noise<T>(2 * count * lanes, 5);
    const auto at = [&](std::int64_t i) { return data[static_cast<std::size_t>(i)]; };
    std::vector<const std::byte*> pairs, columns;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      pairs.push_back(reinterpret_cast<const std::byte*>(data.data() + 2 * count * lane));
      columns.push_back(reinterpret_cast<const std::byte*>(data.data() + lane));
    }
    Tile<T> re(count, lanes), im(count, lanes), tile(count, lanes);
    const auto size = static_cast<std::int64_t>(sizeof(T));
    kernels.load.complex_tile({pairs.data(), real, 2 * size, 1.0, 0, window.data()}, count,
                              re.data(), im.data());
    kernels.load.tile({columns.data(), real, lanes * size, 0.3, 0, window.data()}, count,
                      tile.data());
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      for (std::int64_t i = 0; i < count; ++i) {
        const T factor = window[static_cast<std::size_t>(i)];
        ASSERT_EQ(re(i, lane), at(2 * (count * lane + i)) * factor);
        ASSERT_EQ(im(i, lane), at(2 * (count * lane + i) + 1) * factor);
        ASSERT_EQ(tile(i, lane), at(i * lanes + lane) * T(0.3) * factor);
      }
    }
  });
}

TYPED_TEST(FeatureLoad, a_bad_sample_is_seen_where_the_window_is_zero) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 48;
    const DType type = sizeof(T) == 4 ? DType::f32 : DType::f64;
    std::vector<T> samples(static_cast<std::size_t>(count * lanes), T(1)), window(48, T(1));
    window[3] = window[40] = T(0);
    std::vector<const std::byte*> base;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      base.push_back(reinterpret_cast<const std::byte*>(samples.data() + lane * count));
    }
    samples[3] = std::numeric_limits<T>::infinity();
    const auto last = static_cast<std::size_t>((lanes - 1) * count + 40);
    samples[last] = std::numeric_limits<T>::quiet_NaN();
    Tile<T> tile(count, lanes);
    const LaneSource source{base.data(), type, sizeof(T), 1.0, 0, window.data()};
    EXPECT_EQ(kernels.load.tile(source, count, tile.data()), 1U | std::uint64_t{1} << (lanes - 1));
  });
}

TYPED_TEST(FeatureLoad, repeated_sample_with_stride_zero) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int16_t sample = -321;
    const std::vector<const std::byte*> base(static_cast<std::size_t>(lanes),
                                             reinterpret_cast<const std::byte*>(&sample));
    Tile<T> tile(37, lanes);
    kernels.load.tile({base.data(), DType::i16, 0, 0.5}, 37, tile.data());
    for (T value : tile.span()) ASSERT_EQ(value, T(-160.5));
  });
}

TYPED_TEST(FeatureLoad, columns_side_by_side_and_scaled) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    const std::int64_t count = 13;
    const std::int64_t columns = lanes + 3;
    const std::vector<T> table = noise<T>(count * columns, 5);
    std::vector<const std::byte*> base;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      base.push_back(reinterpret_cast<const std::byte*>(table.data() + 3 + lane));
    }
    Tile<T> tile(count, lanes);
    const DType type = sizeof(T) == 4 ? DType::f32 : DType::f64;
    const auto stride = columns * static_cast<std::int64_t>(sizeof(T));
    kernels.load.tile({base.data(), type, stride, 0.3}, count, tile.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        ASSERT_EQ(tile(i, lane), table[static_cast<std::size_t>(i * columns + 3 + lane)] * T(0.3));
      }
    }
  });
}

TYPED_TEST(FeatureLoad, complex_pairs_of_any_part_type) {
  using T = TypeParam;
  this->each([](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const DType type : {DType::f32, DType::f64, DType::i16, DType::i8}) {
      const auto pair = 2 * static_cast<std::int64_t>(size_of(type));
      for (const std::int64_t stride : {pair, -pair, 2 * pair, pair + 1}) {
        for (const std::int64_t count : kCounts) {
          Rows rows = make_rows(type, lanes, count, 2, stride, 0, lanes > 1 ? 0 : -1);
          DType named = type;
          if (type == DType::f32) named = DType::c64;
          if (type == DType::f64) named = DType::c128;
          Tile<T> re(count, lanes);
          Tile<T> im(count, lanes);
          const LaneSource source{rows.base.data(), named, stride};
          EXPECT_EQ(kernels.load.complex_tile(source, count, re.data(), im.data()), 0U);
          for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const auto& values = rows.values[static_cast<std::size_t>(lane)];
            for (std::int64_t i = 0; i < count; ++i) {
              ASSERT_EQ(re(i, lane), static_cast<T>(values[static_cast<std::size_t>(2 * i)]));
              ASSERT_EQ(im(i, lane), static_cast<T>(values[static_cast<std::size_t>(2 * i + 1)]));
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(FeatureLoad, non_finite_samples_flag_their_lane_only) {
  using T = TypeParam;
  constexpr double kBad[] = {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()};
  this->each([&](const FeatureKernels<T>& kernels, std::int64_t lanes) {
    for (const double bad : kBad) {
      for (std::int64_t position = 0; position < 21; ++position) {
        const std::int64_t bad_lane = position % lanes;
        std::vector<std::vector<double>> rows(static_cast<std::size_t>(lanes));
        std::vector<const std::byte*> base;
        for (auto& row : rows) {
          row = noise<double>(21, 3);
          base.push_back(reinterpret_cast<const std::byte*>(row.data()));
        }
        Tile<T> clean(21, lanes);
        Tile<T> dirty(21, lanes);
        const LaneSource source{base.data(), DType::f64, 8};
        ASSERT_EQ(kernels.load.tile(source, 21, clean.data()), 0U);
        rows[static_cast<std::size_t>(bad_lane)][static_cast<std::size_t>(position)] = bad;
        ASSERT_EQ(kernels.load.tile(source, 21, dirty.data()), std::uint64_t{1} << bad_lane);
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          for (std::int64_t i = 0; i < 21; ++i) {
            if (lane != bad_lane) {
              ASSERT_EQ(clean(i, lane), dirty(i, lane));
            }
          }
        }
        EXPECT_EQ(first_nonfinite<T>(base[static_cast<std::size_t>(bad_lane)], DType::f64, 8, 21),
                  position);
      }
    }
  });
}

TEST(FeatureFirstNonfinite, looks_at_the_value_in_the_compute_type) {
  const double samples[] = {1, 1e300, 2, 3};
  const auto* base = reinterpret_cast<const std::byte*>(samples);
  EXPECT_EQ(first_nonfinite<double>(base, DType::f64, 8, 4), -1);
  EXPECT_EQ(first_nonfinite<float>(base, DType::f64, 8, 4), 1);
  EXPECT_EQ(first_nonfinite<double>(base, DType::c128, 16, 2, 1e10), 0);
  EXPECT_EQ(first_nonfinite<float>(base + 24, DType::f64, -8, 4), 2);
}

TEST(FeatureLoadErrors, complex_type_in_a_real_load_is_internal) {
  const std::byte* base[64] = {};
  float out[64];
  const auto kernels = feature_kernels<float>(Isa::scalar);
  EXPECT_THROW(kernels.load.tile({base, DType::c64, 8}, 1, out), InternalError);
}

}  // namespace
}  // namespace papilio::kernels
