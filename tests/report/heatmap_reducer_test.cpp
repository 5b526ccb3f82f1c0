/// The streaming heatmap reducer: bounded cells, maxima kept, times and frequencies right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "papilio/error.h"
#include "report/pages.h"
#include "report/reduce.h"

namespace papilio::report {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<double> whole_frequencies(std::size_t bins) {
  std::vector<double> frequencies(bins);
  std::iota(frequencies.begin(), frequencies.end(), 0.0);
  return frequencies;
}

/// The same by definition: every cell is the maximum over its frames and bins.
float brute_force(const std::vector<std::vector<float>>& frames, const Heatmap& map,
                  std::size_t column, std::size_t cell, std::size_t bins) {
  float largest = -std::numeric_limits<float>::infinity();
  const std::size_t first = column * map.frames_per_column;
  const std::size_t last = std::min(frames.size(), first + map.frames_per_column);
  for (std::size_t frame = first; frame < last; ++frame) {
    for (std::size_t bin = cell * bins / map.bins; bin < (cell + 1) * bins / map.bins; ++bin) {
      largest = std::max(largest, frames[frame][bin]);
    }
  }
  return largest;
}

TEST(HeatmapReducer, EveryCellIsTheMaximumOfItsFramesAndBins) {
  for (const std::size_t count : {1U, 7U, 8U, 9U, 16U, 17U, 100U, 257U}) {
    for (const std::size_t bins : {1U, 5U, 6U, 23U}) {
      HeatmapReducer reducer(bins, 0, 8, 5);
      Noise noise;
      std::vector<std::vector<float>> frames(count, std::vector<float>(bins));
      for (auto& frame : frames) {
        for (float& value : frame) value = static_cast<float>(noise.next() - 0.5);
        reducer.push(frame);
      }
      const Heatmap map = reducer.finish(whole_frequencies(bins), 0.0, 1.0);
      ASSERT_LE(map.columns, 8U) << count;
      ASSERT_GE(map.columns * map.frames_per_column, count);
      ASSERT_LE(map.bins, 5U);
      for (std::size_t column = 0; column < map.columns; ++column) {
        for (std::size_t cell = 0; cell < map.bins; ++cell) {
          ASSERT_EQ(map.values[column * map.bins + cell],
                    brute_force(frames, map, column, cell, bins))
              << count << " frames, " << bins << " bins";
        }
      }
    }
  }
}

TEST(HeatmapReducer, KnownLengthUsesAsManyColumnsAsItMay) {
  HeatmapReducer unknown(1, 0, 8, 5);
  HeatmapReducer known(1, 9, 8, 5);
  for (int i = 0; i < 9; ++i) {
    unknown.push(std::vector<float>{static_cast<float>(i)});
    known.push(std::vector<double>{static_cast<double>(i)});
  }
  const std::vector<double> frequency{100.0};
  EXPECT_EQ(unknown.finish(frequency, 0.0, 1.0).values, known.finish(frequency, 0.0, 1.0).values);
  EXPECT_EQ(known.finish(frequency, 0.0, 1.0).frames_per_column, 2U);
  EXPECT_EQ(known.frames(), 9U);
}

TEST(HeatmapReducer, NanOnlyStaysWhereNothingElseIs) {
  HeatmapReducer reducer(2, 4, 2, 2);
  reducer.push(std::vector<float>{kNan, 1.0F});
  reducer.push(std::vector<float>{3.0F, kNan});
  reducer.push(std::vector<float>{kNan, 2.0F});
  reducer.push(std::vector<float>{kNan, -5.0F});
  const Heatmap map = reducer.finish(whole_frequencies(2), 0.0, 1.0);
  ASSERT_EQ(map.columns, 2U);
  EXPECT_EQ(map.values[0], 3.0F);
  EXPECT_EQ(map.values[1], 1.0F);
  EXPECT_TRUE(std::isnan(map.values[2]));
  EXPECT_EQ(map.values[3], 2.0F);
}

TEST(HeatmapReducer, TimesAndFrequenciesAreTheCellsEdges) {
  HeatmapReducer reducer(4, 8, 4, 2);
  for (int i = 0; i < 8; ++i) reducer.push(std::vector<float>(4, 0.0F));
  const Heatmap map = reducer.finish(std::vector<double>{0.0, 10.0, 30.0, 60.0}, 0.5, 0.1);
  EXPECT_DOUBLE_EQ(map.first_edge_s, 0.45);
  EXPECT_DOUBLE_EQ(map.column_s, 0.2);
  EXPECT_EQ(map.edges, (std::vector<double>{0.0, 20.0, 75.0}));
  EXPECT_EQ(map.bins_per_cell, 2U);
}

TEST(HeatmapReducer, RefusesFramesAndFrequenciesOfAnotherSize) {
  HeatmapReducer reducer(3);
  EXPECT_THROW(reducer.push(std::vector<float>(2)), InternalError);
  EXPECT_THROW(reducer.finish(std::vector<double>(2), 0.0, 1.0), InternalError);
  EXPECT_THROW(HeatmapReducer(0), InternalError);
}

TEST(HeatmapReducer, DecibelsKeepOrderAndFloor) {
  Heatmap map = noise_heatmap(1, 3);
  map.values = {1.0F, 0.001F, 0.0F};
  to_decibel(map);
  EXPECT_FLOAT_EQ(map.values[0], 0.0F);
  EXPECT_FLOAT_EQ(map.values[1], -30.0F);
  EXPECT_TRUE(std::isinf(map.values[2]));
}

}  // namespace
}  // namespace papilio::report
