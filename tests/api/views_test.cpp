// How rows may lie in memory: strided, reversed, repeated, scaled, none, one, many.
#include "api/support.h"

namespace papilio::testing {
namespace {

constexpr std::int64_t kSamples = 700;
const WelchOptions kOptions{.fs = 100.0, .nperseg = 64};

TEST(Views, InterleavedChannelsGiveTheBitsOfSeparateRows) {
  const auto rows = signal<float>(3, kSamples);
  std::vector<float> interleaved(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    interleaved[i % kSamples * 3 + i / kSamples] = rows[i];
  }
  const View<const float> strided(interleaved.data(), {3, kSamples}, {1, 3});
  const View<const float> dense(rows.data(), 3, kSamples);
  EXPECT_TRUE(same_bits(welch(strided, kOptions).data, welch(dense, kOptions).data));
  EXPECT_TRUE(same_bits(peaks(strided, {.welch = kOptions, .top = 3}).data,
                        peaks(dense, {.welch = kOptions, .top = 3}).data));
  EXPECT_TRUE(same_bits(log_mel(strided, mel_profile("torchaudio")).data,
                        log_mel(dense, mel_profile("torchaudio")).data));
}

TEST(Views, NegativeStridesReadBackwards) {
  const auto rows = signal<double>(3, kSamples);
  std::vector<double> reversed(rows.rbegin(), rows.rend());  // rows and samples, both
  const View<const double> backwards(reversed.data() + reversed.size() - 1, {3, kSamples},
                                     {-kSamples, -1});
  const View<const double> dense(rows.data(), 3, kSamples);
  EXPECT_TRUE(same_bits(welch(backwards, kOptions).data, welch(dense, kOptions).data));
  EXPECT_TRUE(same_bits(log_mel(backwards, mel_profile("whisper")).data,
                        log_mel(dense, mel_profile("whisper")).data));
}

TEST(Views, AStrideOfZeroRepeatsARow) {
  const auto row = signal<float>(1, kSamples);
  const auto result = welch(View<const float>(row.data(), {40, kSamples}, {0, 1}), kOptions);
  const auto one = welch(row, kOptions);
  for (std::size_t r = 0; r < 40; ++r) {
    EXPECT_EQ(0, std::memcmp(one.data.data(), result.data.data() + r * one.data.size(),
                             one.data.size() * sizeof(float)));
  }
}

TEST(Views, ScaleMultipliesEverySample) {
  const auto data = signal<std::int16_t>(2, kSamples);
  View<const std::int16_t> scaled(data.data(), 2, kSamples);
  scaled.scale = 1.0 / 32768.0;
  std::vector<float> floats;
  for (const std::int16_t x : data) floats.push_back(static_cast<float>(x) / 32768.0F);
  EXPECT_TRUE(same_bits(welch(scaled, kOptions).data,
                        welch(View<const float>(floats.data(), 2, kSamples), kOptions).data));
  View<const float> doubled(floats.data(), 2, kSamples);
  doubled.scale = -2.0;  // a power of two: exactly four times the power
  auto want = welch(View<const float>(floats.data(), 2, kSamples), kOptions).data;
  for (float& x : want) x *= 4.0F;
  EXPECT_TRUE(same_bits(welch(doubled, kOptions).data, want));
}

TEST(Views, AVectorAndASpanAreOneRow) {
  const auto row = signal<float>(1, kSamples);
  const auto want = welch(View<const float>(row.data(), 1, kSamples), kOptions);
  EXPECT_EQ(want.shape[0], 1);
  EXPECT_TRUE(same_bits(welch(row, kOptions).data, want.data));
  EXPECT_TRUE(
      same_bits(welch(View<const float>(std::span<const float>(row)), kOptions).data, want.data));
  EXPECT_EQ(peaks(row, {.welch = kOptions, .top = 2}).shape,
            (std::array<std::int64_t, 3>{1, 2, 4}));
  EXPECT_EQ(log_mel(row, mel_profile("torchaudio")).shape,
            (std::array<std::int64_t, 3>{1, 128, 4}));
}

/// `feature` of a view of rows gives each of them the bits that it has alone: one row, a broken
/// tile, and more rows than any tile holds.
template <typename T, typename Feature>
void expect_rows_keep_their_bits(const std::string& what, Feature&& feature) {
  constexpr std::int64_t kMost = 1000;
  const auto rows = signal<T>(kMost, kSamples);
  for (const std::int64_t count : {std::int64_t{1}, std::int64_t{3}, kMost}) {
    const auto all = feature(View<const T>(rows.data(), count, kSamples)).data;
    ASSERT_GT(all.size(), 0U);
    const std::size_t size = all.size() / static_cast<std::size_t>(count);
    for (const std::int64_t row : {std::int64_t{0}, count / 2, count - 1}) {
      const auto alone = feature(View<const T>(rows.data() + row * kSamples, 1, kSamples)).data;
      const auto first = all.begin() + row * static_cast<std::int64_t>(size);
      const decltype(all) own(first, first + static_cast<std::int64_t>(size));
      EXPECT_TRUE(same_bits(own, alone)) << what << ", row " << row << " of " << count;
    }
  }
}

template <typename T>
void expect_psd_and_peaks_keep_their_bits(const std::string& type) {
  for (const Average average : {Average::mean, Average::median, Average::max}) {
    WelchOptions options = kOptions;
    options.average = average;
    const std::string what = type + ", average " + std::to_string(static_cast<int>(average));
    expect_rows_keep_their_bits<T>("psd " + what, [&](auto rows) { return welch(rows, options); });
    expect_rows_keep_their_bits<T>(
        "peaks " + what, [&](auto rows) { return peaks(rows, {.welch = options, .top = 3}); });
  }
}

TEST(Views, EachRowHasTheBitsThatItHasAlone) {
  expect_psd_and_peaks_keep_their_bits<float>("f32");
  expect_psd_and_peaks_keep_their_bits<double>("f64");
  expect_psd_and_peaks_keep_their_bits<std::int16_t>("i16");
  expect_psd_and_peaks_keep_their_bits<std::complex<float>>("c64");
  expect_psd_and_peaks_keep_their_bits<std::complex<double>>("c128");
}

TEST(Views, EachRowHasTheMelBitsThatItHasAlone) {
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    const MelOptions options = mel_profile(name);
    const auto mel = [&](auto rows) { return log_mel(rows, options); };
    expect_rows_keep_their_bits<float>(name + ", f32", mel);
    expect_rows_keep_their_bits<double>(name + ", f64", mel);
  }
}

TEST(Views, NoRowsGiveEmptyResultsOfTheRightShape) {
  const std::vector<double> nothing;
  for (const std::string device : {"cpu", "reference"}) {
    const Execution execution{.device = device};
    const View<const double> none(nothing.data(), 0, kSamples);
    const auto psd = welch(none, kOptions, execution);
    EXPECT_EQ(psd.shape, (std::array<std::int64_t, 2>{0, 33}));
    EXPECT_TRUE(psd.data.empty());
    EXPECT_EQ(psd.frequencies.size(), 33U);
    const auto top = peaks(none, {.welch = kOptions, .top = 3}, execution);
    EXPECT_EQ(top.shape, (std::array<std::int64_t, 3>{0, 3, 4}));
    EXPECT_TRUE(top.count.empty());
    EXPECT_EQ(log_mel(none, mel_profile("kaldi"), execution).shape,
              (std::array<std::int64_t, 3>{0, 2, 23}));
  }
}

}  // namespace
}  // namespace papilio::testing
