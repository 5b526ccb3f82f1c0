// Rows shorter than a segment, and definitions with a fixed number of segments.
#include "spectral/support.h"
#include "spectral/welch.h"

namespace papilio::spectral {
namespace {

TEST(WelchShort, AnErrorByDefault) {
  expect_refusal([] { fit_welch({.nperseg = 300}, 256); },
                 {"[psd] nperseg 300 is longer than the signal (256 samples)", "--nperseg",
                  "--short pad", "--short shrink"});
  expect_refusal([] { check_length(WelchOptions{}, 0); }, {"has no samples"});
  EXPECT_EQ(fit_welch({.nperseg = 256}, 256).fixed_samples, 0);
}

TEST(WelchShort, PadFillsWithZeros) {
  const FittedWelch fitted = fit_welch({.nperseg = 300, .short_rows = ShortRows::pad}, 256);
  EXPECT_EQ(fitted.options.nperseg, 300);
  EXPECT_EQ(fitted.fixed_samples, 300);
  EXPECT_EQ(segment_rule(fitted).frames(256), 1);
}

TEST(WelchShort, ShrinkDoesAsScipy) {
  const FittedWelch fitted = fit_welch({.short_rows = ShortRows::shrink}, 101);
  EXPECT_EQ(fitted.options.nperseg, 101);
  EXPECT_EQ(noverlap_of(fitted.options), 50);
  EXPECT_EQ(n_fft_of(fitted.options), 101);
}

TEST(WelchShort, ShrinkKeepsAGivenTransformLength) {
  const WelchOptions options{.n_fft = 512, .short_rows = ShortRows::shrink};
  EXPECT_EQ(n_fft_of(fit_welch(options, 101).options), 512);
}

TEST(WelchShort, ShrinkRefusesAnOverlapThatNoLongerFits) {
  // scipy: "noverlap must be less than nperseg".
  const WelchOptions options{.noverlap = 128, .short_rows = ShortRows::shrink};
  expect_refusal([&] { fit_welch(options, 101); }, {"noverlap 128", "nperseg - 1 = 100"});
}

TEST(WelchShort, AnArrayCannotShrink) {
  const WelchOptions options{.window = {"", std::vector<double>(256, 1.0)},
                             .short_rows = ShortRows::shrink};
  expect_refusal([&] { fit_welch(options, 101); }, {"256 values", "101 samples"});
}

TEST(WelchShort, ANumberOfSegmentsFixesTheSamples) {
  const FittedWelch fitted = fit_welch({.nperseg = 64, .segments = 8}, 1000);
  EXPECT_EQ(fitted.fixed_samples, 64 + 7 * 32);
  EXPECT_EQ(segment_rule(fitted).frames(1000), 8);
  EXPECT_EQ(dropped_samples(fitted, 1000), 1000 - 288);
  expect_refusal([] { fit_welch({.nperseg = 64, .segments = 8}, 287); },
                 {"8 segments of 64 need 288 samples", "287", "--nperseg"});
}

}  // namespace
}  // namespace papilio::spectral
