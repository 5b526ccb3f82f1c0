// Rows that are shorter than one segment or frame: refused, zero-padded or with a shorter segment.
#include "api/support.h"

namespace papilio::testing {
namespace {

const std::vector<double> kRow = signal<double>(1, 50);

TEST(ShortRows, AreAnErrorUnlessAskedOtherwise) {
  expect_refusal([] { welch(kRow); }, {"[psd]", "nperseg 256", "50 samples", "--short"});
  expect_refusal([] { peaks(kRow); }, {"[peaks]", "nperseg 256", "50 samples", "--short"});
  expect_refusal([] { log_mel(kRow, mel_profile("kaldi")); }, {"[mel]", "400", "50", "--short"});
  expect_refusal([] { log_mel(kRow, mel_profile("whisper")); }, {"[mel]", "reflect", "200"});
}

TEST(ShortRows, PaddedAreRowsWithZerosBehind) {
  std::vector<double> padded = kRow;
  padded.resize(256);
  const auto got = welch(kRow, {.short_rows = ShortRows::pad});
  EXPECT_TRUE(same_bits(got.data, welch(padded).data));
  EXPECT_EQ(got.info.frames, 1);
  EXPECT_EQ(got.info.dropped, 0);
  const auto top = peaks(kRow, {.welch = {.short_rows = ShortRows::pad}, .top = 4});
  EXPECT_TRUE(same_bits(top.data, peaks(padded, {.top = 4}).data));

  MelOptions kaldi = mel_profile("kaldi");
  padded.resize(400);
  const auto want = log_mel(padded, kaldi);
  kaldi.short_rows = ShortRows::pad;
  EXPECT_TRUE(same_bits(log_mel(kRow, kaldi).data, want.data));
}

TEST(ShortRows, ShrunkAreAsScipyTakesThem) {
  const auto got = welch(kRow, {.short_rows = ShortRows::shrink});
  EXPECT_TRUE(same_bits(got.data, welch(kRow, {.nperseg = 50}).data));
  EXPECT_EQ(std::get<WelchOptions>(got.info.definition.options).nperseg, 50);
  const auto scipy = std::get<WelchOptions>(profile("psd", "scipy", 1.0).options);
  EXPECT_TRUE(same_bits(welch(kRow, scipy).data, got.data));
}

TEST(ShortRows, LongRowsAreNotTouched) {
  const auto row = signal<double>(1, 1000);
  const auto want = welch(row);
  for (const ShortRows how : {ShortRows::pad, ShortRows::shrink}) {
    EXPECT_TRUE(same_bits(welch(row, {.short_rows = how}).data, want.data));
  }
}

TEST(ShortRows, TheTailThatFillsNoSegmentIsCounted) {
  const auto row = signal<float>(1, 1000);
  const auto psd = welch(row, {.nperseg = 300, .noverlap = 0});
  EXPECT_EQ(psd.info.frames, 3);
  EXPECT_EQ(psd.info.dropped, 100);
  const std::vector<float> shorter(row.begin(), row.begin() + 900);
  EXPECT_TRUE(same_bits(psd.data, welch(shorter, {.nperseg = 300, .noverlap = 0}).data));
}

}  // namespace
}  // namespace papilio::testing
