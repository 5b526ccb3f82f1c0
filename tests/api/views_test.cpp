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

TEST(Views, EachRowHasTheBitsThatItHasAlone) {
  const auto rows = signal<float>(1000, kSamples);
  for (const std::int64_t count : {1, 3, 1000}) {
    const View<const float> some(rows.data(), count, kSamples);
    const auto psd = welch(some, kOptions);
    const auto top = peaks(some, {.welch = kOptions, .top = 3});
    EXPECT_EQ(psd.shape, (std::array<std::int64_t, 2>{count, 33}));
    for (const std::int64_t row : {std::int64_t{0}, count / 2, count - 1}) {
      const View<const float> one(rows.data() + row * kSamples, 1, kSamples);
      const auto alone = welch(one, kOptions);
      EXPECT_EQ(0, std::memcmp(alone.data.data(), psd.data.data() + row * 33, 33 * sizeof(float)))
          << row << " of " << count;
      const auto top_alone = peaks(one, {.welch = kOptions, .top = 3});
      EXPECT_EQ(0,
                std::memcmp(top_alone.data.data(), top.data.data() + row * 12, 12 * sizeof(float)))
          << row << " of " << count;
    }
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
