// Filterbanks as lanes read them.
#include "codegen/bands.h"

#include <gtest/gtest.h>

namespace papilio::codegen {
namespace {

/// Seven bins; the last band ends with the last bin.
ir::BandedMatrix five_bands() {
  return {7, {{0, 1, 0}, {1, 2, 1}, {2, 3, 3}, {3, 1, 6}, {5, 2, 7}}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
}

TEST(BandRounds, GiveTheRowsOfTheMatrix) {
  const ir::BandedMatrix matrix = five_bands();
  for (const std::int64_t threads : {1, 2, 3, 4, 5, 32}) {
    const BandRounds rounds = band_rounds(matrix, threads);
    std::size_t at = 0;
    for (std::size_t round = 0; round < rounds.widths.size(); ++round) {
      for (std::int64_t lane = 0; lane < rounds.lanes; ++lane) {
        const auto place =
            round * static_cast<std::size_t>(rounds.lanes) + static_cast<std::size_t>(lane);
        std::vector<double> got(7, 0.0);
        for (std::int64_t i = 0; i < rounds.widths[round]; ++i) {
          got.at(static_cast<std::size_t>(rounds.first_bins[place] + i)) =
              rounds.weights[at + static_cast<std::size_t>(i * rounds.lanes + lane)];
        }
        std::vector<double> want(7, 0.0);
        if (place < matrix.bands.size()) {
          const auto& band = matrix.bands[place];
          for (std::int64_t i = 0; i < band.count; ++i) {
            want[static_cast<std::size_t>(band.first_bin + i)] =
                matrix.weights[static_cast<std::size_t>(band.offset + i)];
          }
        }
        EXPECT_EQ(got, want) << threads << " threads, band " << place;
      }
      at += static_cast<std::size_t>(rounds.widths[round] * rounds.lanes);
    }
    EXPECT_EQ(at, rounds.weights.size());
  }
}

TEST(BandRounds, AreAsWideAsTheirWidestBand) {
  EXPECT_EQ(band_rounds(five_bands(), 2).widths, (std::vector<std::int64_t>{2, 3, 2}));
  EXPECT_EQ(band_rounds(five_bands(), 32).lanes, 5);
}

}  // namespace
}  // namespace papilio::codegen
