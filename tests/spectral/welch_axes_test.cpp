// Frequencies of Welch's results, and which samples they rest on.
#include "spectral/welch.h"

#include "spectral/support.h"

namespace papilio::spectral {
namespace {

TEST(WelchAxes, OneSidedFrequencies) {
  EXPECT_EQ(frequencies({.fs = 10.0, .nperseg = 5}, false), (std::vector<double>{0, 2, 4}));
  EXPECT_EQ(frequencies({.fs = 12.0, .nperseg = 4, .n_fft = 6}, false),
            (std::vector<double>{0, 2, 4, 6}));
}

TEST(WelchAxes, TwoSidedFrequenciesAreInFftOrder) {
  EXPECT_EQ(frequencies({.fs = 10.0, .nperseg = 5}, true), (std::vector<double>{0, 2, 4, -4, -2}));
  EXPECT_EQ(frequencies({.fs = 4.0, .nperseg = 4}, true), (std::vector<double>{0, 1, -2, -1}));
}

TEST(WelchAxes, RangesIncludeTheirEnds) {
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmin = 1.0, .fmax = 3.0}, false),
            (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmax = 0.5}, false), (std::vector<double>{0}));
}

TEST(WelchAxes, TwoSidedRangesStayInFftOrder) {
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmin = 1.0, .fmax = 2.0}, true),
            (std::vector<double>{1, 2}));
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmax = -2.0}, true),
            (std::vector<double>{-4, -3, -2}));
  EXPECT_EQ(frequencies({.fs = 2.0, .nperseg = 2, .fmin = -5.0, .fmax = 5.0}, true),
            (std::vector<double>{0, -1}));
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmin = -1.0, .fmax = 1.0}, true),
            (std::vector<double>{0, 1, -1}));
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmin = -2.5}, true),
            (std::vector<double>{0, 1, 2, 3, -2, -1}));
  EXPECT_EQ(frequencies({.fs = 8.0, .nperseg = 8, .fmax = 1.0}, true),
            (std::vector<double>{0, 1, -4, -3, -2, -1}));
}

TEST(WelchAxes, RangesWithoutABinAreRefused) {
  expect_refusal([] { frequencies({.fs = 8.0, .nperseg = 8, .fmin = 1.2, .fmax = 1.8}, false); },
                 {"[psd] no bin lies from 1.2 to 1.8 Hz", "1 Hz apart"});
  expect_refusal([] { frequencies({.fs = 8.0, .nperseg = 8, .fmax = -1.0}, false); },
                 {"fmax -1 Hz is below the lowest bin (0 Hz)", "--fmax"});
}

TEST(WelchAxes, TheTailIsCounted) {
  const FittedWelch fitted{{.nperseg = 8, .noverlap = 3}, 0};
  EXPECT_EQ(dropped_samples(fitted, 20), 2);
  EXPECT_EQ(dropped_samples(fitted, 18), 0);
  EXPECT_EQ(dropped_samples(fitted, 7), 7);
}

}  // namespace
}  // namespace papilio::spectral
