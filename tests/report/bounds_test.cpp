/// A page stays under its size whatever it is given, and says what it left out.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "papilio/error.h"
#include "report/pages.h"
#include "report/reduce.h"

namespace papilio::report {
namespace {

nlohmann::json payload_of(const std::string& html) {
  const std::string open = "id=\"payload\">";
  const std::size_t begin = html.find(open) + open.size();
  return nlohmann::json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

/// Streams frames of one loud, moving bin over a quiet floor, as a long recording would.
Heatmap stream(std::size_t frames, std::size_t bins) {
  HeatmapReducer reducer(bins);
  std::vector<float> frame(bins, 1e-6F);
  std::vector<double> frequencies(bins);
  for (std::size_t bin = 0; bin < bins; ++bin) frequencies[bin] = 6.0 * static_cast<double>(bin);
  for (std::size_t i = 0; i < frames; ++i) {
    float& loud = frame[i % bins];
    loud = 1.0F;
    reducer.push(frame);
    loud = 1e-6F;
  }
  Heatmap map = reducer.finish(frequencies, 0.0, 0.01);
  to_decibel(map);
  return map;
}

TEST(Bounds, TenMillionFrames) {
  FeaturePage page = small_page();
  page.channels[0].heatmaps = {stream(10'000'000, 16)};
  const std::string html = render(page);
  EXPECT_LT(html.size(), kPageBytes);
  const auto map = payload_of(html)["channels"][0]["heatmaps"][0];
  EXPECT_LE(map["columns"], kHeatmapColumns);
  EXPECT_GE(map["columns"], kHeatmapColumns / 2);
  EXPECT_EQ(map["note"],
            "Reduced for this page: each cell shows the largest of up to 8192 frames x 1 bin.");
}

TEST(Bounds, FourThousandBins) {
  FeaturePage page = small_page();
  page.channels[0].heatmaps = {stream(100'000, 4000)};
  const std::string html = render(page);
  EXPECT_LT(html.size(), kPageBytes);
  const auto map = payload_of(html)["channels"][0]["heatmaps"][0];
  EXPECT_EQ(map["bins"], kHeatmapBins);
  EXPECT_EQ(map["note"],
            "Reduced for this page: each cell shows the largest of up to 64 frames x 8 bins.");
}

TEST(Bounds, AFullHeatmapAndCurveKeepTheirResolution) {
  FeaturePage page = small_page();
  page.channels[0].heatmaps = {noise_heatmap(kHeatmapColumns, kHeatmapBins)};
  page.channels[0].curves = {noise_curve(kCurvePoints)};
  const std::string html = render(page);
  EXPECT_LT(html.size(), kPageBytes);
  const auto channel = payload_of(html)["channels"][0];
  EXPECT_EQ(channel["heatmaps"][0]["columns"], kHeatmapColumns);
  EXPECT_EQ(channel["heatmaps"][0]["bits"], 16);
  EXPECT_EQ(occurrences(html, "Reduced for this page"), 0U);
}

TEST(Bounds, AMatrixHoldsItsNumbersAndNoMoreNamesThanFit) {
  FeaturePage page = small_page();
  Matrix matrix{"Train x eval", "trained at", "evaluated at", {"8", "<16>"}, {"8", "16"}, {}};
  matrix.values = {0.5, NAN, 1e-7, 2e-3};
  page.channels[0].matrices = {matrix};
  const auto shown = payload_of(render(page))["channels"][0]["matrices"][0];
  EXPECT_EQ(shown["rows"][1], "<16>");
  EXPECT_EQ(shown["values"][0], 0.5);
  EXPECT_TRUE(shown["values"][1].is_null());
  EXPECT_EQ(shown["values"][2], 1e-7);
  matrix.rows.assign(100, "n");
  matrix.values.assign(200, 1.0);
  page.channels[0].matrices = {matrix};
  const auto many = payload_of(render(page))["channels"][0]["matrices"][0];
  EXPECT_EQ(many["rows"].size(), kMatrixNames);
  EXPECT_EQ(many["values"].size(), 2 * kMatrixNames);
  page.channels[0].matrices[0].values.pop_back();
  EXPECT_THROW(render(page), InternalError);
}

TEST(Bounds, UnreducedChartsAreReducedByThePage) {
  FeaturePage page = small_page();
  page.channels[0].heatmaps = {noise_heatmap(5000, 700)};
  page.channels[0].curves = {noise_curve(100'000)};
  const auto channel = payload_of(render(page))["channels"][0];
  EXPECT_EQ(channel["heatmaps"][0]["columns"], 1667);
  EXPECT_EQ(channel["heatmaps"][0]["bins"], 350);
  EXPECT_EQ(channel["curves"][0]["x"].get<std::string>().size(), (kCurvePoints * 8 + 2) / 3 * 4);
  EXPECT_NE(channel["curves"][0]["note"], "");
}

TEST(Bounds, ManyChannelsShareThePage) {
  FeaturePage page = small_page();
  Channel channel = page.channels[0];
  channel.heatmaps = {noise_heatmap(600, 200)};
  channel.curves = {noise_curve(5000)};
  page.channels.assign(kPageChannels + 6, channel);
  const std::string html = render(page);
  EXPECT_LT(html.size(), kPageBytes);
  EXPECT_EQ(payload_of(html)["channels"].size(), kPageChannels);
  EXPECT_EQ(occurrences(html, "Charts show the first 64 of 70 channels"), 1U);
  EXPECT_GE(occurrences(html, "Reduced for this page"), 2 * kPageChannels);
}

TEST(Bounds, TheWorstTextsAtOnce) {
  const std::string worst(5000, '"');
  FeaturePage page = small_page();
  page.title = page.input = page.subtitle = worst;
  page.definition = std::string(1'000'000, '"');
  page.notes.assign(1000, worst);
  page.facts.assign(1000, {worst, worst});
  page.machine = page.facts;
  page.tables.assign(10, {worst, std::vector<Column>(40, {worst, true}),
                          std::vector<TableRow>(1000, {0, std::vector<std::string>(40, "<")})});
  Channel& channel = page.channels[0];
  channel.heatmaps.assign(2, noise_heatmap(kHeatmapColumns, kHeatmapBins));
  for (Heatmap& map : channel.heatmaps) {
    map.markers.assign(500, {1.0, 1.0, std::string(500, '<')});
  }
  page.channels.assign(10, channel);
  const std::string html = render(page);
  EXPECT_LT(html.size(), kPageBytes);
  EXPECT_GE(occurrences(html, "of 1000 rows"), 1U);
}

TEST(Bounds, GapsAreCodedApartFromValues) {
  FeaturePage page = small_page();
  Heatmap map = noise_heatmap(1, 4);
  map.values = {std::nanf(""), -INFINITY, -80.0F, 0.0F};
  page.channels[0].heatmaps = {map};
  const auto made = payload_of(render(page))["channels"][0]["heatmaps"][0];
  EXPECT_EQ(made["low"], -80.0);
  EXPECT_EQ(made["high"], 0.0);
  // Little-endian 65535 (gap), 0 (below), 1 (lowest), 65534 (highest).
  EXPECT_EQ(made["data"], "//8AAAEA/v8=");
}

}  // namespace
}  // namespace papilio::report
