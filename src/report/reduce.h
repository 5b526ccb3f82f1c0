/// Reducers that bound what a page holds, with maxima kept: a streaming one for heatmaps, whose
/// memory does not grow with the number of frames, and one for curves.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/page.h"

namespace papilio::report {

/// Takes frames one by one. When all columns are full, neighbours are merged and each column stands
/// for twice as many frames. A NaN only survives where every merged value is NaN.
class HeatmapReducer {
 public:
  /// `bins` values a frame. With `frames_hint` (the expected count, 0: unknown) the columns have
  /// their final width from the start. Throws InternalError for 0 bins or limits below 2.
  explicit HeatmapReducer(std::size_t bins, std::size_t frames_hint = 0,
                          std::size_t columns_max = kHeatmapColumns,
                          std::size_t bins_max = kHeatmapBins);

  /// Adds the next frame; `frame` holds `bins` values.
  void push(std::span<const float> frame);
  void push(std::span<const double> frame);

  /// Frames so far.
  std::size_t frames() const { return frames_; }

  /// The heatmap of all frames so far; titles and units are left to the caller. `frequencies` are
  /// the `bins` ascending centres, `first_s` the centre of frame 0, `hop_s` the step of frames.
  Heatmap finish(std::span<const double> frequencies, double first_s, double hop_s) const;

 private:
  template <typename T>
  void add(std::span<const T> frame);
  void flush(std::vector<float>& columns) const;
  void halve();

  std::size_t bins_;
  std::size_t columns_max_;
  std::size_t cells_;  ///< bins kept per column
  std::size_t frames_per_column_ = 1;
  std::size_t frames_ = 0;
  std::size_t pending_ = 0;     ///< frames in `current_`
  std::vector<float> current_;  ///< running maximum at full frequency resolution
  std::vector<float> columns_;  ///< finished columns, [column][cell]
};

/// Merges `columns_step` x `bins_step` neighbouring cells into their maximum.
Heatmap shrink(Heatmap map, std::size_t columns_step, std::size_t bins_step);

/// Power to 10 log10(power) dB, with a dynamic range of 120 dB; power 0 becomes minus infinity.
void to_decibel(Heatmap& map);

/// At most `points_max` points: equal groups of neighbours, each as its largest value at that
/// value's own frequency, so that peaks stay where they are.
Curve reduce_curve(Curve curve, std::size_t points_max = kCurvePoints);

}  // namespace papilio::report
