/// No text of the input, wherever it is shown, can become markup or script.
#include <gtest/gtest.h>

#include "report/pages.h"

namespace papilio::report {
namespace {

const std::string kHostile =
    "</script><script>alert(1)</script><img src=x onerror='a'>\"'&{{page_js}}";

FeaturePage hostile_page() {
  FeaturePage page = small_page();
  page.title = page.input = page.subtitle = page.definition = kHostile;
  page.notes = {kHostile};
  page.facts = page.machine = {{kHostile, kHostile}};
  page.tables = {{kHostile, {{kHostile, false}}, {{0, {kHostile}}}}};
  Channel& channel = page.channels[0];
  channel.name = channel.warning = kHostile;
  Heatmap& map = channel.heatmaps[0];
  map.title = map.value_label = map.value_unit = map.frequency_unit = kHostile;
  map.markers = {{1.0, 1.0, kHostile}};
  Curve& curve = channel.curves[0];
  curve.title = curve.y_label = curve.y_unit = curve.x_unit = kHostile;
  curve.markers = {{1.0, 1.0, kHostile}};
  return page;
}

TEST(Escaping, NoHostileMarkupSurvives) {
  const std::string html = render(hostile_page());
  EXPECT_EQ(occurrences(html, "<script>alert"), 0U);
  EXPECT_EQ(occurrences(html, "<img"), 0U);
}

TEST(Escaping, ScriptElementsAreOnlyThePagesOwn) {
  const std::string plain = render(small_page());
  const std::string html = render(hostile_page());
  for (const char* part : {"<script", "</script", "<style", "<img", "<!--"}) {
    EXPECT_EQ(occurrences(html, part), occurrences(plain, part)) << part;
  }
}

TEST(Escaping, TextIsShownAsItWas) {
  const std::string html = render(hostile_page());
  EXPECT_GE(occurrences(html, "&lt;/script&gt;&lt;script&gt;alert(1)"), 8U);
  EXPECT_GE(occurrences(html, "\\u003c/script\\u003e\\u003cscript\\u003ealert(1)"), 2U);
}

TEST(Escaping, PlaceholdersInTextAreNotFilled) {
  const std::string html = render(hostile_page());
  EXPECT_EQ(occurrences(html, "class HeatmapChart"), 1U);
}

}  // namespace
}  // namespace papilio::report
