/// Maxima over neighbouring cells and points.
#include "report/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "papilio/error.h"

namespace papilio::report {

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The larger, where a NaN counts as nothing.
float larger(float a, float b) { return b > a || std::isnan(a) ? b : a; }

/// First bin of cell `cell` when `bins` bins are cut into `cells` nearly equal runs.
std::size_t cell_begin(std::size_t cell, std::size_t cells, std::size_t bins) {
  return cell * bins / cells;
}

/// Edges of cells from the centres of bins: halfway between neighbours, never below 0 when the
/// centres are not.
std::vector<double> cell_edges(std::span<const double> centres, std::size_t cells) {
  const std::size_t bins = centres.size();
  std::vector<double> edges(cells + 1);
  for (std::size_t cell = 1; cell < cells; ++cell) {
    const std::size_t bin = cell_begin(cell, cells, bins);
    edges[cell] = 0.5 * (centres[bin - 1] + centres[bin]);
  }
  const double first_step = bins > 1 ? centres[1] - centres[0] : 1.0;
  const double last_step = bins > 1 ? centres[bins - 1] - centres[bins - 2] : 1.0;
  edges[0] = centres[0] - 0.5 * first_step;
  if (centres[0] >= 0.0) edges[0] = std::max(edges[0], 0.0);
  edges[cells] = centres[bins - 1] + 0.5 * last_step;
  return edges;
}

}  // namespace

HeatmapReducer::HeatmapReducer(std::size_t bins, std::size_t frames_hint, std::size_t columns_max,
                               std::size_t bins_max)
    : bins_(bins),
      columns_max_(columns_max / 2 * 2),  // even, so that halving leaves no column alone
      cells_(std::min(bins, bins_max)),
      current_(bins) {
  if (bins == 0 || columns_max < 2 || bins_max < 2) {
    throw InternalError("[report] a heatmap needs at least 1 bin and limits of at least 2");
  }
  if (frames_hint > columns_max_) frames_per_column_ = (frames_hint - 1) / columns_max_ + 1;
}

void HeatmapReducer::push(std::span<const float> frame) { add(frame); }
void HeatmapReducer::push(std::span<const double> frame) { add(frame); }

template <typename T>
void HeatmapReducer::add(std::span<const T> frame) {
  if (frame.size() != bins_) throw InternalError("[report] a heatmap's frame has the wrong size");
  if (pending_ == 0) {
    if (columns_.size() == columns_max_ * cells_) halve();
    std::transform(frame.begin(), frame.end(), current_.begin(),
                   [](T value) { return static_cast<float>(value); });
  } else {
    float* const current = current_.data();
    for (std::size_t bin = 0; bin < bins_; ++bin) {
      const float value = static_cast<float>(frame[bin]);
      const float kept = current[bin];
      current[bin] = value > kept || std::isnan(kept) ? value : kept;
    }
  }
  ++frames_;
  if (++pending_ < frames_per_column_) return;
  flush(columns_);
  pending_ = 0;
}

void HeatmapReducer::flush(std::vector<float>& columns) const {
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    const std::size_t end = cell_begin(cell + 1, cells_, bins_);
    float largest = kNan;
    for (std::size_t bin = cell_begin(cell, cells_, bins_); bin < end; ++bin) {
      largest = larger(largest, current_[bin]);
    }
    columns.push_back(largest);
  }
}

void HeatmapReducer::halve() {
  const std::size_t pairs = columns_.size() / cells_ / 2;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    for (std::size_t cell = 0; cell < cells_; ++cell) {
      columns_[pair * cells_ + cell] =
          larger(columns_[2 * pair * cells_ + cell], columns_[(2 * pair + 1) * cells_ + cell]);
    }
  }
  columns_.resize(pairs * cells_);
  frames_per_column_ *= 2;
}

Heatmap HeatmapReducer::finish(std::span<const double> frequencies, double first_s,
                               double hop_s) const {
  if (frequencies.size() != bins_) {
    throw InternalError("[report] a heatmap has as many frequencies as bins");
  }
  Heatmap map;
  map.values = columns_;
  if (pending_ > 0) flush(map.values);
  map.columns = map.values.size() / cells_;
  map.bins = cells_;
  map.frames_per_column = frames_per_column_;
  map.bins_per_cell = (bins_ - 1) / cells_ + 1;
  map.column_s = hop_s * static_cast<double>(frames_per_column_);
  map.first_edge_s = first_s - 0.5 * hop_s;
  map.edges = cell_edges(frequencies, cells_);
  return map;
}

Heatmap shrink(Heatmap map, std::size_t columns_step, std::size_t bins_step) {
  const std::size_t columns = (map.columns + columns_step - 1) / columns_step;
  const std::size_t bins = (map.bins + bins_step - 1) / bins_step;
  std::vector<float> values(columns * bins, kNan);
  for (std::size_t column = 0; column < map.columns; ++column) {
    for (std::size_t bin = 0; bin < map.bins; ++bin) {
      float& cell = values[column / columns_step * bins + bin / bins_step];
      cell = larger(cell, map.values[column * map.bins + bin]);
    }
  }
  std::vector<double> edges(bins + 1);
  for (std::size_t bin = 0; bin <= bins; ++bin) {
    edges[bin] = map.edges[std::min(bin * bins_step, map.bins)];
  }
  map.values = std::move(values);
  map.edges = std::move(edges);
  map.columns = columns;
  map.bins = bins;
  map.column_s *= static_cast<double>(columns_step);
  map.frames_per_column *= columns_step;
  map.bins_per_cell *= bins_step;
  return map;
}

void to_decibel(Heatmap& map) {
  for (float& value : map.values) value = 10.0F * std::log10(value);
  map.value_unit = "dB";
  map.dynamic_range = 120.0;
}

Curve reduce_curve(Curve curve, std::size_t points_max) {
  const std::size_t count = curve.x.size();
  if (count <= points_max) return curve;
  std::vector<double> x(points_max);
  std::vector<double> y(points_max);
  for (std::size_t point = 0; point < points_max; ++point) {
    const std::size_t begin = cell_begin(point, points_max, count);
    const std::size_t end = cell_begin(point + 1, points_max, count);
    std::size_t best = begin;
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (curve.y[i] > curve.y[best] || std::isnan(curve.y[best])) best = i;
    }
    x[point] = curve.x[best];
    y[point] = curve.y[best];
  }
  curve.bins_per_point *= (count - 1) / points_max + 1;
  curve.x = std::move(x);
  curve.y = std::move(y);
  return curve;
}

}  // namespace papilio::report
