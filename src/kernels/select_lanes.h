/// The K strongest bins or peaks of L spectra at once, on a tile [bin][lane] of f32: sorting
/// networks over the lanes instead of a search per row. What they cannot tell apart exactly
/// (plateaus, ties where they matter) they leave to select.h, lane by lane.
#pragma once

#include <cstdint>

#include "kernels/isa.h"
#include "kernels/select.h"

namespace papilio::kernels {

/// Most slots; a longer list would not stay in registers.
inline constexpr std::int64_t kLaneSlots = 16;

struct LaneSelection {
  SpectrumAxis axis;
  PeakConditions conditions;
  std::int64_t k = 0;
};

/// Bit l: lane l.
struct LaneOutcome {
  std::uint64_t undecided = 0;   ///< slots not written: search this row with select.h
  std::uint64_t overflowed = 0;  ///< holds a power that is not finite
};

/// Slots are a tile [k * 4][lane] of bin, power, frequency_hz, peak_power, as select.h describes.
struct SelectLaneKernels {
  LaneOutcome (*bins)(const float* power, const LaneSelection& selection, float* slots);
  /// `scratch`: lane_scratch(bins) tile elements.
  LaneOutcome (*peaks)(const float* power, const LaneSelection& selection, float* slots,
                       float* scratch);
};

/// Elements of scratch (of L floats each) that `peaks` needs.
constexpr std::int64_t lane_scratch(std::int64_t bins) { return 2 * bins + 2; }

/// nullptr where the instruction set has no vectors.
const SelectLaneKernels* select_lane_kernels(Isa isa);

/// Whether `peaks` (or `bins`) of the table covers this selection.
bool selects_bins_in_lanes(const LaneSelection& selection);
bool selects_peaks_in_lanes(const LaneSelection& selection);

}  // namespace papilio::kernels
