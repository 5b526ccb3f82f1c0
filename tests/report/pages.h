/// Synthetic pages for the tests of src/report.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "report/page.h"

namespace papilio::report {

/// Reproducible noise in [0, 1).
class Noise {
 public:
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 20240229;
};

/// A heatmap of incompressible values, at unit steps in time and frequency.
inline Heatmap noise_heatmap(std::size_t columns, std::size_t bins) {
  Heatmap map;
  map.title = "Noise";
  map.value_label = "power";
  map.value_unit = "dB";
  map.columns = columns;
  map.bins = bins;
  for (std::size_t edge = 0; edge <= bins; ++edge) map.edges.push_back(static_cast<double>(edge));
  Noise noise;
  map.values.resize(columns * bins);
  for (float& value : map.values) value = static_cast<float>(-90.0 * noise.next());
  return map;
}

/// A curve of incompressible values.
inline Curve noise_curve(std::size_t points) {
  Curve curve;
  curve.title = "Noise";
  curve.y_label = "power";
  curve.y_unit = "V^2/Hz";
  Noise noise;
  for (std::size_t i = 0; i < points; ++i) {
    curve.x.push_back(static_cast<double>(i) * 0.37);
    curve.y.push_back(noise.next());
  }
  return curve;
}

/// A page with one heatmap and one curve.
inline FeaturePage small_page() {
  FeaturePage page;
  page.title = "Spectral peaks";
  page.input = "noise.wav";
  page.facts = {{"Sample rate", "16000 Hz"}};
  Channel channel;
  channel.name = "left";
  channel.heatmaps.push_back(noise_heatmap(20, 10));
  channel.curves.push_back(noise_curve(30));
  page.channels.push_back(std::move(channel));
  page.tables.push_back({"Peaks", {{"rank", true}, {"name", false}}, {{0, {"1", "left"}}}});
  page.definition = "{\n  \"window\": \"hann\"\n}";
  page.machine = {{"ISA", "AVX2"}};
  return page;
}

/// The number of times `part` occurs in `text`.
inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace papilio::report
