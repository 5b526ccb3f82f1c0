/// A filterbank as the lanes of a team read it (device/features.cuh, filterbank).
#pragma once

#include <cstdint>
#include <vector>

#include "ir/attrs.h"

namespace papilio::codegen {

/// Band `round * lanes + lane` belongs to a lane in a round. All bands of a round are as wide as
/// its widest one: zeros stand where they are narrower.
struct BandRounds {
  std::int64_t lanes = 0;
  std::vector<std::int64_t> widths;      ///< of every round
  std::vector<std::int32_t> first_bins;  ///< [round][lane]
  std::vector<double> weights;           ///< round after round: [weight][lane]
};

BandRounds band_rounds(const ir::BandedMatrix& matrix, std::int64_t threads);

}  // namespace papilio::codegen
