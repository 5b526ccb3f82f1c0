/// Fits the charts of all channels into the page's byte budget and writes them as JSON.
#include "report/payload.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "papilio/error.h"
#include "report/reduce.h"
#include "report/text.h"

namespace papilio::report {

namespace {

using Json = nlohmann::ordered_json;

// base64 characters: one full heatmap in 16 bits takes 2.73 million, one full curve 85 thousand.
constexpr std::size_t kHeatmapBudget = 2'750'000;
constexpr std::size_t kCurveBudget = 700'000;
constexpr std::size_t kMarkerBudget = 1024;
constexpr std::size_t kChartMarkers = 64;
constexpr std::size_t kNameCharacters = 120;
constexpr std::size_t kLabelCharacters = 40;

void check(const Heatmap& map) {
  const bool sizes = map.columns > 0 && map.bins > 0 && map.edges.size() == map.bins + 1 &&
                     map.values.size() == map.columns * map.bins && map.column_s > 0.0;
  if (!sizes || !std::is_sorted(map.edges.begin(), map.edges.end())) {
    throw InternalError("[report] a heatmap's values, columns, bins and edges disagree");
  }
}

void check(const Curve& curve) {
  if (curve.x.size() != curve.y.size() || !std::is_sorted(curve.x.begin(), curve.x.end())) {
    throw InternalError("[report] a curve's x must ascend and match its y");
  }
}

/// Quantised cells: code 0 lies below `low`, the largest code is a gap, the others are linear.
struct Codes {
  double low = 0.0;
  double high = 0.0;
  std::vector<std::uint8_t> bytes;  ///< little-endian
};

Codes quantise(const Heatmap& map, int bits) {
  Codes codes{INFINITY, -INFINITY, {}};
  for (const float cell : map.values) {
    const double value = static_cast<double>(cell);
    if (!std::isfinite(value)) continue;
    codes.low = std::min(codes.low, value);
    codes.high = std::max(codes.high, value);
  }
  if (codes.low > codes.high) codes.low = codes.high = 0.0;
  if (map.dynamic_range > 0.0) codes.low = std::max(codes.low, codes.high - map.dynamic_range);
  const std::uint32_t gap = (1U << bits) - 1;
  const double span = codes.high - codes.low;
  const double steps = span > 0.0 ? (gap - 2) / span : 0.0;
  codes.bytes.reserve(map.values.size() * static_cast<std::size_t>(bits / 8));
  for (const float cell : map.values) {
    const double value = static_cast<double>(cell);
    std::uint32_t code = 0;
    if (std::isnan(value)) {
      code = gap;
    } else if (value >= codes.low) {
      const double clipped = std::min(value, codes.high);
      code = 1 + static_cast<std::uint32_t>(std::lround((clipped - codes.low) * steps));
    }
    codes.bytes.push_back(static_cast<std::uint8_t>(code & 255U));
    if (bits == 16) codes.bytes.push_back(static_cast<std::uint8_t>(code >> 8));
  }
  return codes;
}

std::string base64_doubles(const std::vector<double>& values) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(values.size() * 8);
  for (const double value : values) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  }
  return base64(bytes);
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json markers_json(const std::vector<Marker>& markers, std::size_t& left) {
  Json list = Json::array();
  for (const Marker& marker : markers) {
    if (left == 0 || list.size() == kChartMarkers) break;
    --left;
    list.push_back({{"frequency", number(marker.frequency)},
                    {"power", number(marker.power)},
                    {"time", number(marker.time_s)},
                    {"label", clean(marker.label, kLabelCharacters)}});
  }
  return list;
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string reduction(const Heatmap& map) {
  if (map.frames_per_column <= 1 && map.bins_per_cell <= 1) return "";
  return "Reduced for this page: each cell shows the largest of up to " +
         count_of(map.frames_per_column, map.x_label.empty() ? "frame" : map.x_label) + " x " +
         count_of(map.bins_per_cell, map.y_label.empty() ? "bin" : map.y_label) + ".";
}

std::string reduction(const Curve& curve) {
  if (curve.bins_per_point <= 1) return "";
  return "Reduced for this page: each point shows the largest of up to " +
         count_of(curve.bins_per_point, "neighbouring bin") + ".";
}

Json heatmap_json(const Heatmap& map, int bits, std::size_t& markers_left) {
  const Codes codes = quantise(map, bits);
  return {{"title", clean(map.title, kNameCharacters)},
          {"valueLabel", clean(map.value_label, kLabelCharacters)},
          {"valueUnit", clean(map.value_unit, kLabelCharacters)},
          {"xLabel", clean(map.x_label, kLabelCharacters)},
          {"yLabel", clean(map.y_label, kLabelCharacters)},
          {"frequencyUnit", clean(map.frequency_unit, kLabelCharacters)},
          {"bands", map.bands},
          {"columns", map.columns},
          {"bins", map.bins},
          {"start", map.first_edge_s},
          {"step", map.column_s},
          {"edges", base64_doubles(map.edges)},
          {"low", codes.low},
          {"high", codes.high},
          {"bits", bits},
          {"note", reduction(map)},
          {"markers", markers_json(map.markers, markers_left)},
          {"data", base64(codes.bytes)}};
}

void check(const Matrix& matrix) {
  if (matrix.values.size() != matrix.rows.size() * matrix.columns.size()) {
    throw InternalError("[report] a matrix's values, rows and columns disagree");
  }
}

Json matrix_json(const Matrix& matrix) {
  const auto names = [](const std::vector<std::string>& all) {
    Json list = Json::array();
    for (const std::string& name : all) {
      if (list.size() < kMatrixNames) list.push_back(clean(name, kLabelCharacters));
    }
    return list;
  };
  const Json rows = names(matrix.rows), columns = names(matrix.columns);
  Json values = Json::array();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      values.push_back(number(matrix.values[row * matrix.columns.size() + column]));
    }
  }
  return {{"title", clean(matrix.title, kNameCharacters)},
          {"rowLabel", clean(matrix.row_label, kLabelCharacters)},
          {"columnLabel", clean(matrix.column_label, kLabelCharacters)},
          {"rows", rows},
          {"columns", columns},
          {"values", std::move(values)}};
}

Json curve_json(const Curve& curve, std::size_t& markers_left) {
  return {{"title", clean(curve.title, kNameCharacters)},
          {"yLabel", clean(curve.y_label, kLabelCharacters)},
          {"yUnit", clean(curve.y_unit, kLabelCharacters)},
          {"xLabel", clean(curve.x_label, kLabelCharacters)},
          {"xUnit", clean(curve.x_unit, kLabelCharacters)},
          {"decibels", curve.decibels},
          {"logY", curve.log_y && curve.y_unit != "dB"},
          {"note", reduction(curve)},
          {"markers", markers_json(curve.markers, markers_left)},
          {"x", base64_doubles(curve.x)},
          {"y", base64_doubles(curve.y)}};
}

/// Applies the fixed bounds of interface.md to every chart.
std::vector<Channel> bounded(const std::vector<Channel>& all) {
  std::vector<Channel> channels(
      all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kPageChannels)));
  for (Channel& channel : channels) {
    if (channel.heatmaps.size() > 4) channel.heatmaps.resize(4);
    if (channel.curves.size() > 4) channel.curves.resize(4);
    if (channel.matrices.size() > 1) channel.matrices.resize(1);
    for (const Matrix& matrix : channel.matrices) check(matrix);
    for (Heatmap& map : channel.heatmaps) {
      check(map);
      const std::size_t columns_step = (map.columns - 1) / kHeatmapColumns + 1;
      const std::size_t bins_step = (map.bins - 1) / kHeatmapBins + 1;
      if (columns_step * bins_step > 1) map = shrink(std::move(map), columns_step, bins_step);
    }
    for (Curve& curve : channel.curves) {
      check(curve);
      curve = reduce_curve(std::move(curve));
    }
  }
  return channels;
}

std::size_t heatmap_characters(const std::vector<Channel>& channels, int bits) {
  std::size_t characters = 0;
  for (const Channel& channel : channels) {
    for (const Heatmap& map : channel.heatmaps) {
      characters += map.columns * map.bins * static_cast<std::size_t>(bits / 8) * 4 / 3 + 4;
      characters += map.edges.size() * 11;
    }
  }
  return characters;
}

/// Bits per cell; several channels share the budget, so their cells get coarser, then fewer.
int fit_heatmaps(std::vector<Channel>& channels) {
  if (heatmap_characters(channels, 16) <= kHeatmapBudget) return 16;
  while (heatmap_characters(channels, 8) > kHeatmapBudget) {
    for (Channel& channel : channels) {
      for (Heatmap& map : channel.heatmaps) {
        const bool wide = map.columns > 2 * map.bins;
        map = shrink(std::move(map), wide ? 2 : 1, wide ? 1 : 2);
      }
    }
  }
  return 8;
}

void fit_curves(std::vector<Channel>& channels) {
  std::size_t curves = 0;
  for (const Channel& channel : channels) curves += channel.curves.size();
  if (curves == 0) return;
  const std::size_t points = std::max<std::size_t>(kCurveBudget / (curves * 22), 2);
  for (Channel& channel : channels) {
    for (Curve& curve : channel.curves) {
      curve = reduce_curve(std::move(curve), std::min(points, kCurvePoints));
    }
  }
}

}  // namespace

Payload make_payload(const std::vector<Channel>& all) {
  Payload payload;
  std::vector<Channel> channels = bounded(all);
  if (channels.size() < all.size()) {
    payload.notes.push_back("Charts show the first " + std::to_string(channels.size()) + " of " +
                            std::to_string(all.size()) + " channels; results files hold all.");
  }
  const int bits = fit_heatmaps(channels);
  fit_curves(channels);
  std::size_t markers_left = kMarkerBudget;
  Json list = Json::array();
  for (const Channel& channel : channels) {
    Json heatmaps = Json::array();
    Json curves = Json::array();
    Json matrices = Json::array();
    for (const Heatmap& map : channel.heatmaps) {
      heatmaps.push_back(heatmap_json(map, bits, markers_left));
    }
    for (const Curve& curve : channel.curves) curves.push_back(curve_json(curve, markers_left));
    for (const Matrix& matrix : channel.matrices) matrices.push_back(matrix_json(matrix));
    list.push_back({{"name", clean(channel.name, kNameCharacters)},
                    {"warning", clean(channel.warning, kNameCharacters)},
                    {"heatmaps", std::move(heatmaps)},
                    {"curves", std::move(curves)},
                    {"matrices", std::move(matrices)}});
  }
  payload.json = Json{{"channels", std::move(list)}}.dump();
  return payload;
}

}  // namespace papilio::report
