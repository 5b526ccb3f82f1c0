// Rounds of bands.
#include "codegen/bands.h"

#include <algorithm>

namespace papilio::codegen {
namespace {

using Band = ir::BandedMatrix::Band;

void add_round(const ir::BandedMatrix& matrix, std::size_t from, std::size_t count,
               BandRounds& rounds) {
  const auto lanes = static_cast<std::size_t>(rounds.lanes);
  const Band* const bands = matrix.bands.data() + from;
  std::int64_t width = 0;
  for (std::size_t lane = 0; lane < count; ++lane) width = std::max(width, bands[lane].count);
  const std::size_t begin = rounds.weights.size();
  rounds.weights.resize(begin + static_cast<std::size_t>(width) * lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Band band = lane < count ? bands[lane] : Band{};
    // No bin behind the last one is read.
    const std::int64_t first = std::min(band.first_bin, matrix.bins - width);
    rounds.first_bins.push_back(static_cast<std::int32_t>(first));
    for (std::int64_t i = 0; i < band.count; ++i) {
      const auto row = static_cast<std::size_t>(band.first_bin - first + i);
      rounds.weights[begin + row * lanes + lane] =
          matrix.weights[static_cast<std::size_t>(band.offset + i)];
    }
  }
  rounds.widths.push_back(width);
}

}  // namespace

BandRounds band_rounds(const ir::BandedMatrix& matrix, std::int64_t threads) {
  BandRounds rounds;
  const std::size_t bands = matrix.bands.size();
  rounds.lanes = std::min(threads, static_cast<std::int64_t>(bands));
  const auto lanes = static_cast<std::size_t>(rounds.lanes);
  for (std::size_t from = 0; from < bands; from += lanes) {
    add_round(matrix, from, std::min(lanes, bands - from), rounds);
  }
  return rounds;
}

}  // namespace papilio::codegen
