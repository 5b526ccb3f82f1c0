// NaN and infinite samples: they cost their own row and nothing else.
#include "api/support.h"

namespace papilio::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::int64_t kSamples = 1000;
const WelchOptions kOptions{.nperseg = 100, .noverlap = 0};

/// Four rows; row 1 has an infinity at 250 and a NaN at 730.
std::vector<double> spoiled() {
  auto data = signal<double>(4, kSamples);
  data[kSamples + 250] = -kInf;
  data[kSamples + 730] = kNaN;
  return data;
}

View<const double> rows_of(const std::vector<double>& data) { return {data.data(), 4, kSamples}; }

TEST(NonfiniteSamples, FlagTheirRowAndLeaveTheOthers) {
  const auto bad = spoiled();
  const auto good = signal<double>(4, kSamples);
  for (const std::string device : {"cpu", "reference"}) {
    const Execution execution{.device = device};
    const auto got = welch(rows_of(bad), kOptions, execution);
    const auto want = welch(rows_of(good), kOptions, execution);
    EXPECT_EQ(got.info.flags, (std::vector<std::int64_t>{-1, 250, -1, -1})) << device;
    for (std::size_t i = 0; i < got.data.size(); ++i) {
      if (i / 51 == 1) {
        EXPECT_TRUE(std::isnan(got.data[i]));
      } else {
        EXPECT_EQ(got.data[i], want.data[i]);
      }
    }
  }
}

// Without detrending the window is applied while samples are loaded, and loaded again when a
// segment is left out.
TEST(NonfiniteSamples, SkippedSegmentsChangeNoBitOfOtherRows) {
  const auto bad = spoiled();
  const auto good = signal<double>(4, kSamples);
  for (const Detrend detrend : {Detrend::none, Detrend::constant}) {
    WelchOptions options = kOptions;
    options.detrend = detrend;
    options.nonfinite = Nonfinite::skip;
    const auto got = welch(rows_of(bad), options);
    const auto want = welch(rows_of(good), options);
    for (std::size_t i = 0; i < got.data.size(); ++i) {
      if (i / 51 == 1) continue;
      EXPECT_EQ(got.data[i], want.data[i]) << i;
    }
  }
}

TEST(NonfiniteSamples, ResultsBeyondTheComputeTypeAreFlaggedAndSaid) {
  auto data = signal<float>(4, kSamples);
  for (std::int64_t i = 0; i < kSamples; ++i) data[static_cast<std::size_t>(kSamples + i)] *= 1e36F;
  const View<const float> rows(data.data(), 4, kSamples);
  const std::vector<bool> only_row_1{false, true, false, false};
  EXPECT_EQ(welch(rows, kOptions).info.overflow, only_row_1);
  for (const TopMode mode : {TopMode::bins, TopMode::peaks}) {
    const auto top = peaks(rows, {.welch = kOptions, .top = 3, .mode = mode});
    EXPECT_EQ(top.info.overflow, only_row_1);
    EXPECT_EQ(top.info.flags, (std::vector<std::int64_t>{-1, -1, -1, -1}));
    EXPECT_EQ(top.info.warnings.size(), 1u);
  }
}

TEST(NonfiniteSamples, AreNoOverflow) {
  const auto bad = spoiled();
  for (const Nonfinite policy : {Nonfinite::flag, Nonfinite::skip}) {
    WelchOptions options = kOptions;
    options.nonfinite = policy;
    const auto top = peaks(rows_of(bad), {.welch = options, .top = 3});
    EXPECT_EQ(top.info.overflow, std::vector<bool>(4, false));
  }
}

TEST(NonfiniteSamples, GiveNoPeaksAndNaNMels) {
  const auto bad = spoiled();
  const auto top = peaks(rows_of(bad), {.welch = kOptions, .top = 3});
  EXPECT_EQ(top.count[1], 0);
  EXPECT_EQ(top.info.flags[1], 250);
  for (std::size_t slot = 12; slot < 24; ++slot) {
    if (slot % 4 == 0) {
      EXPECT_EQ(top.data[slot], -1.0);
    } else {
      EXPECT_TRUE(std::isnan(top.data[slot]));
    }
  }
  EXPECT_EQ(top.count[0], 3);
  const auto mel = log_mel(rows_of(bad), mel_profile("whisper"));
  EXPECT_EQ(mel.info.flags, (std::vector<std::int64_t>{-1, 250, -1, -1}));
  const std::size_t per_row = mel.data.size() / 4;
  for (std::size_t i = 0; i < mel.data.size(); ++i) {
    EXPECT_EQ(std::isnan(mel.data[i]), i / per_row == 1) << i;
  }
}

TEST(NonfiniteSamples, AreAnErrorWhenAskedFor) {
  const auto bad = spoiled();
  WelchOptions options = kOptions;
  options.nonfinite = Nonfinite::error;
  for (const std::string device : {"cpu", "reference"}) {
    const Execution execution{.device = device};
    expect_refusal([&] { welch(rows_of(bad), options, execution); },
                   {"[psd]", "row 1", "sample 250"});
    expect_refusal([&] { peaks(rows_of(bad), {.welch = options, .top = 3}, execution); },
                   {"[peaks]", "row 1", "sample 250"});
    EXPECT_NO_THROW(welch(View<const double>(bad.data(), 1, kSamples), options, execution));
  }
  MelOptions mel = mel_profile("whisper");
  mel.nonfinite = Nonfinite::error;
  expect_refusal([&] { log_mel(rows_of(bad), mel); }, {"[mel]", "row 1", "sample 250"});
}

TEST(NonfiniteSamples, SkippedLeaveTheAverageOfTheOtherSegments) {
  const auto bad = spoiled();
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    WelchOptions options = kOptions;
    options.average = average;
    std::vector<double> rest;  // row 1 without segments 2 and 7
    for (std::size_t i = 0; i < kSamples; ++i) {
      if (i / 100 != 2 && i / 100 != 7) rest.push_back(bad[kSamples + i]);
    }
    const auto want = welch(rest, options);
    options.nonfinite = Nonfinite::skip;
    const auto got = welch(rows_of(bad), options);
    const std::vector<double> row(got.data.begin() + 51, got.data.begin() + 102);
    EXPECT_LE(worst_row(row, want.data, 1), 1e-14) << static_cast<int>(average);
    EXPECT_EQ(got.info.flags[1], 250);
  }
}

TEST(NonfiniteSamples, BehindTheLastSegmentDoNotCount) {
  auto data = signal<double>(1, 1050);
  const auto want = welch(data, kOptions);
  data[1040] = kNaN;
  const auto got = welch(data, kOptions);
  EXPECT_EQ(got.info.flags[0], -1);
  EXPECT_TRUE(same_bits(got.data, want.data));
}

TEST(NonfiniteSamples, OfAComplexRowAreFoundInEitherPart) {
  auto data = signal<std::complex<float>>(2, kSamples);
  data[kSamples + 42].imag(std::numeric_limits<float>::quiet_NaN());
  const auto got = welch(View<const std::complex<float>>(data.data(), 2, kSamples), kOptions);
  EXPECT_EQ(got.info.flags, (std::vector<std::int64_t>{-1, 42}));
}

}  // namespace
}  // namespace papilio::testing
