/// A model's numbers in figures: sizes, angles, distance from the exact ones, condition.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "train/model_file.h"

namespace papilio::train {

struct Spread {
  double min = 0.0;
  double mean = 0.0;
  double max = 0.0;
  double std = 0.0;  ///< of the population
};

struct StageStats {
  int stage = 0;
  int radix = 0;
  std::int64_t blocks = 0;
  Spread modulus;  ///< of twiddles, or of the entries of blocks
  Spread phase;    ///< of the same, in radians from -pi to pi, angles taken as plain numbers
  std::optional<Spread> gate;
  /// Root mean square of w - exact w, or of the entries of blocks; none where the exact network has
  /// other stages, another form or another permutation. Blocks have freedoms between stages,
  /// twiddles have none.
  std::optional<double> drift;
  double condition = 0.0;  ///< of the worst block with its gate, in the 2-norm; infinity: singular
  std::int64_t worst_block = 0;
};

/// Each stage of a network, beside the exact DFT of the same kinds.
std::vector<StageStats> stage_stats(const transform::Network& network);

/// The same beside another exact network.
std::vector<StageStats> stage_stats(const transform::Network& network,
                                    const transform::Network& exact);

/// min, mean, max and standard deviation; NaN for no values.
Spread spread_of(const std::vector<double>& values);

}  // namespace papilio::train
