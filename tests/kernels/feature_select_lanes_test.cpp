// Top-K in lanes against the row search, lane by lane: the same bins and powers, the parabola to
// rounding; and what the lanes leave undecided is only what they may.
#include "kernels/select_lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/buffer.h"

namespace papilio::kernels {
namespace {

class SelectLanes : public ::testing::TestWithParam<Isa> {
 protected:
  struct Tile {
    base::Buffer<float> power, slots, scratch;
    LaneOutcome outcome;
  };

  Tile select(const std::vector<std::vector<float>>& rows, const LaneSelection& s, bool peaks) {
    const auto lanes = static_cast<std::size_t>(lanes_);
    const auto bins = static_cast<std::size_t>(s.axis.bins);
    Tile tile{base::Buffer<float>(bins * lanes),
              base::Buffer<float>(static_cast<std::size_t>(s.k * kSlotValues) * lanes),
              base::Buffer<float>(static_cast<std::size_t>(lane_scratch(s.axis.bins)) * lanes),
              {}};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        tile.power.data()[bin * lanes + lane] = rows[lane][bin];
      }
    }
    tile.outcome = peaks
                       ? table_->peaks(tile.power.data(), s, tile.slots.data(), tile.scratch.data())
                       : table_->bins(tile.power.data(), s, tile.slots.data());
    return tile;
  }

  static std::vector<float> by_row(const std::vector<float>& row, const LaneSelection& s,
                                   bool peaks) {
    base::Buffer<std::byte> scratch(select_scratch_bytes<float>(s.axis.bins));
    std::vector<float> slots(static_cast<std::size_t>(s.k * kSlotValues));
    if (peaks) {
      select_peaks<float>(row, s.axis, s.conditions, slots, scratch.span());
    } else {
      select_bins<float>(row, s.axis, s.conditions.lo, s.conditions.hi, slots, scratch.span());
    }
    return slots;
  }

  /// Returns how many lanes were decided.
  int expect_like_rows(const std::vector<std::vector<float>>& rows, const LaneSelection& s,
                       bool peaks, const std::string& note) {
    const Tile tile = select(rows, s, peaks);
    int decided = 0;
    for (std::int64_t lane = 0; lane < lanes_; ++lane) {
      if ((tile.outcome.undecided >> lane & 1) != 0) continue;
      ++decided;
      const auto want = by_row(rows[static_cast<std::size_t>(lane)], s, peaks);
      for (std::size_t i = 0; i < want.size(); ++i) {
        const float got =
            tile.slots
                .data()[i * static_cast<std::size_t>(lanes_) + static_cast<std::size_t>(lane)];
        const bool same = got == want[i] || (std::isnan(got) && std::isnan(want[i]));
        const bool near = i % 4 >= 2 && std::abs(got - want[i]) <= 2.4e-7F * std::abs(want[i]);
        EXPECT_TRUE(same || near) << note << " lane " << lane << " value " << i << ": " << got
                                  << " for " << want[i];
      }
    }
    return decided;
  }

  std::vector<std::vector<float>> random_rows(std::mt19937& engine, std::int64_t bins, int levels) {
    std::vector<std::vector<float>> rows(static_cast<std::size_t>(lanes_));
    std::uniform_int_distribution<int> level(0, levels);
    for (auto& row : rows) {
      for (std::int64_t bin = 0; bin < bins; ++bin) {
        row.push_back(static_cast<float>(level(engine)) / 4.0F);
      }
    }
    return rows;
  }

  const SelectLaneKernels* table_ = select_lane_kernels(GetParam());
  std::int64_t lanes_ = lanes_of<float>(GetParam());
};

LaneSelection random_selection(std::mt19937& engine, int levels) {
  LaneSelection s;
  s.axis.bins = 1 + static_cast<std::int64_t>(engine() % 150);
  s.axis.bin_hz = 2.5;
  s.axis.two_sided = engine() % 3 == 0;
  s.axis.doubled = engine() % 2 == 0;
  s.axis.has_nyquist = engine() % 2 == 0;
  s.k = 1 + static_cast<std::int64_t>(engine() % 16);
  if (engine() % 2) s.conditions.height = levels / 10.0 + 0.1;
  if (engine() % 2) s.conditions.distance = 1 + static_cast<std::int64_t>(engine() % 9);
  if (engine() % 3 == 0) {
    s.conditions.lo = static_cast<std::int64_t>(engine() % 20);
    s.conditions.hi = static_cast<std::int64_t>(engine() % 160);
  }
  return s;
}

TEST_P(SelectLanes, find_what_the_row_search_finds) {
  std::mt19937 engine(5);
  int decided = 0;
  for (int round = 0; round < 400; ++round) {
    const int levels = round % 2 == 0 ? 40 : 1'000'000;
    const LaneSelection s = random_selection(engine, levels);
    const auto rows = random_rows(engine, s.axis.bins, levels);
    const std::string note = "round " + std::to_string(round);
    ASSERT_TRUE(selects_peaks_in_lanes(s) && selects_bins_in_lanes(s));
    EXPECT_EQ(expect_like_rows(rows, s, false, note + " bins"), lanes_);
    decided += expect_like_rows(rows, s, true, note + " peaks");
  }
  EXPECT_GT(decided, 200 * lanes_) << "hardly a lane was decided";
}

TEST_P(SelectLanes, only_plateaus_and_ties_are_left_to_the_rows) {
  LaneSelection s;
  s.axis.bins = 8;
  s.k = 2;
  const auto undecided = [&](const std::vector<float>& row) {
    const std::vector<std::vector<float>> rows(static_cast<std::size_t>(lanes_), row);
    return select(rows, s, true).outcome.undecided;
  };
  const std::uint64_t all = (std::uint64_t{1} << lanes_) - 1;
  EXPECT_EQ(undecided({0, 1, 0, 3, 0, 2, 0, 0}), 0u);
  EXPECT_EQ(undecided({0, 1, 0, 1, 0, 1, 0, 0}), 0u) << "ties without a distance go to the lower";
  EXPECT_EQ(undecided({0, 1, 1, 0, 0, 2, 0, 0}), all);
  EXPECT_EQ(undecided({0, 0, 0, 0, 0, 0, 0, 0}), 0u) << "silence has no plateau above its sides";
  s.conditions.distance = 3;
  EXPECT_EQ(undecided({0, 1, 0, 3, 0, 2, 0, 0}), 0u);
  EXPECT_EQ(undecided({0, 3, 0, 3, 0, 2, 0, 0}), 0u) << "the second is gone before it ties";
  EXPECT_EQ(undecided({0, 3, 0, 0, 0, 3, 0, 0}), all);
}

TEST_P(SelectLanes, powers_that_are_not_finite_are_told_and_never_harm_their_neighbours) {
  LaneSelection s;
  s.axis.bins = 6;
  s.k = 3;
  std::vector<std::vector<float>> rows(static_cast<std::size_t>(lanes_), {1, 5, 2, 4, 3, -0.0F});
  rows[1] = {1, std::numeric_limits<float>::quiet_NaN(), 2, 4, 3, 0};
  rows[2] = {1, std::numeric_limits<float>::infinity(), 2, 4, 3, 0};
  for (const bool peaks : {false, true}) {
    EXPECT_EQ(select(rows, s, peaks).outcome.overflowed, 6u);
    expect_like_rows(rows, s, peaks, peaks ? "peaks" : "bins");
  }
}

TEST_P(SelectLanes, what_they_do_not_cover_is_said) {
  LaneSelection s;
  s.axis.bins = 129;
  s.k = 16;
  EXPECT_TRUE(selects_bins_in_lanes(s) && selects_peaks_in_lanes(s));
  s.conditions.prominence = 1.0;
  EXPECT_FALSE(selects_peaks_in_lanes(s));
  s.conditions = {};
  s.conditions.threshold = 1.0;
  EXPECT_FALSE(selects_peaks_in_lanes(s));
  s.conditions = {};
  s.k = 17;
  EXPECT_FALSE(selects_bins_in_lanes(s) || selects_peaks_in_lanes(s));
}

std::vector<Isa> isas_with_vectors() {
  std::vector<Isa> isas = usable_isas();
  std::erase_if(isas, [](Isa isa) { return select_lane_kernels(isa) == nullptr; });
  return isas;
}

INSTANTIATE_TEST_SUITE_P(Isa, SelectLanes, ::testing::ValuesIn(isas_with_vectors()),
                         [](const auto& isa) { return std::string(name_of(isa.param)); });

}  // namespace
}  // namespace papilio::kernels
