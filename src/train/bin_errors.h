/// Where a trained model errs: by bin of its result, and by sample of its reconstruction.
#pragma once

#include <cstdint>
#include <vector>

#include "train/task.h"

namespace papilio::train {

/// Each value: root of the rows' summed |y'_k - y_k|^2 over their mean |y|^2 of a bin, so that a
/// bin without power is no division by zero.
struct BinErrors {
  std::vector<double> spectrum;
  std::vector<double> reconstruction;  ///< empty without a decoder
};

/// Of the networks in `task` (trained ones) on rows of the test split, in double. At most 256 rows,
/// of long ones fewer.
BinErrors bin_errors(const Task& task, std::uint64_t seed);

}  // namespace papilio::train
