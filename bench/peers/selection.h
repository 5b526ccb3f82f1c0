/// Papilio's own selection on rows of powers that somebody else has computed.
#pragma once

#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "feature_work.h"
#include "kernels/isa.h"
#include "kernels/select.h"
#include "kernels/select_lanes.h"

namespace papilio::bench {

/// Takes a block of rows while it is in the cache: transposed into lanes, as Papilio selects, and
/// row by row where the lanes cannot tell.
class Selection {
 public:
  explicit Selection(const FeatureProblem& problem);

  /// Rows of a block.
  std::int64_t rows() const { return lanes_; }
  /// Where the powers of a block belong: [rows, bins].
  float* power() { return power_.data(); }
  /// Writes [rows, k, 4].
  void run(float* slots);

 private:
  void run_row(std::int64_t row, float* slots);

  kernels::Isa isa_;
  std::int64_t lanes_;
  TopMode mode_;
  kernels::LaneSelection what_;
  const kernels::SelectLaneKernels* in_lanes_ = nullptr;
  base::Buffer<float> power_;
  base::Buffer<float> tile_;
  base::Buffer<float> tile_slots_;
  base::Buffer<float> tile_scratch_;
  base::Buffer<std::byte> scratch_;
};

}  // namespace papilio::bench
