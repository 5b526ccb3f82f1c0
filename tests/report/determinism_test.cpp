/// The same page gives the same bytes; broken pages are refused.
#include <gtest/gtest.h>

#include "papilio/error.h"
#include "report/pages.h"

namespace papilio::report {
namespace {

TEST(Render, SamePageSameBytes) { EXPECT_EQ(render(small_page()), render(small_page())); }

TEST(Render, OtherValuesOtherBytes) {
  FeaturePage page = small_page();
  page.channels[0].heatmaps[0].values[7] = -33.0F;
  EXPECT_NE(render(page), render(small_page()));
}

TEST(Render, ShowsEverythingItWasGiven) {
  const std::string html = render(small_page());
  for (const char* part :
       {"Spectral peaks", "noise.wav", "Sample rate", "16000 Hz", "AVX2",
        "&quot;window&quot;: &quot;hann&quot;", "MIT License", "data-channel=\"0\""}) {
    EXPECT_EQ(occurrences(html, part) > 0, true) << part;
  }
  EXPECT_EQ(occurrences(html, "Reduced for this page"), 0U);
}

TEST(Render, PolicyForbidsTheNetwork) {
  const std::string html = render(small_page());
  EXPECT_EQ(occurrences(html, "default-src 'none'; script-src 'sha256-"), 1U);
  EXPECT_EQ(occurrences(html, "unsafe-inline"), 0U);
}

TEST(Render, AnEmptyPageIsAPage) { EXPECT_NO_THROW(render(FeaturePage{})); }

TEST(Render, RefusesChartsWhoseSizesDisagree) {
  FeaturePage heatmap = small_page();
  heatmap.channels[0].heatmaps[0].columns = 21;
  EXPECT_THROW(render(heatmap), InternalError);
  FeaturePage curve = small_page();
  curve.channels[0].curves[0].y.pop_back();
  EXPECT_THROW(render(curve), InternalError);
  FeaturePage descending = small_page();
  descending.channels[0].curves[0].x[0] = 1e9;
  EXPECT_THROW(render(descending), InternalError);
}

}  // namespace
}  // namespace papilio::report
