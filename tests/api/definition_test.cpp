// A result's definition says everything: used again, through JSON, it gives the same bits.
#include "api/support.h"

namespace papilio::testing {
namespace {

Definition through_json(const Definition& definition) {
  return definition_from_json(to_json(definition));
}

template <typename T>
void expect_welch_again(const WelchOptions& options, std::int64_t samples) {
  const auto data = signal<T>(3, samples);
  const View<const T> rows(data.data(), 3, samples);
  const auto first = welch(rows, options);
  EXPECT_EQ(first.info.definition.verb, "psd");
  const auto again = std::get<WelchOptions>(through_json(first.info.definition).options);
  const auto second = welch(rows, again);
  EXPECT_TRUE(same_bits(first.data, second.data));
  EXPECT_EQ(first.frequencies, second.frequencies);
  EXPECT_EQ(to_json(first.info.definition), to_json(second.info.definition));
}

TEST(Definition, OfWelchGivesTheSameBits) {
  const WelchOptions options[] = {
      {},
      {.fs = 44100.0 / 7.0,
       .window = {"kaiser:8.6", {}},
       .nperseg = 100,
       .noverlap = 33,
       .n_fft = 243,
       .detrend = Detrend::linear,
       .scaling = Scaling::spectrum},
      {.fs = 0.1, .nperseg = 90, .average = Average::median, .fmin = 0.01, .fmax = 1.0 / 30.0},
      {.window = {"", signal<double>(1, 64)}, .nperseg = 64, .average = Average::max},
      {.nperseg = 64, .segments = 3, .detrend = Detrend::none, .scaling = Scaling::none},
  };
  for (const WelchOptions& o : options) {
    expect_welch_again<float>(o, 800);
    expect_welch_again<double>(o, 800);
  }
  expect_welch_again<std::complex<float>>({.fs = 3.0, .nperseg = 77, .fmin = 0.5}, 800);
}

TEST(Definition, OfShortRowsGivesTheSameBits) {
  for (const ShortRows short_rows : {ShortRows::pad, ShortRows::shrink}) {
    expect_welch_again<float>({.nperseg = 256, .short_rows = short_rows}, 100);
  }
}

TEST(Definition, OfPeaksGivesTheSameBits) {
  const auto data = signal<float>(4, 900);
  const View<const float> rows(data.data(), 4, 900);
  const PeaksOptions options{.welch = {.fs = 333.3, .nperseg = 200, .fmin = 5.0, .fmax = 150.0},
                             .top = 5,
                             .height = 1e-9,
                             .threshold = 1e-12,
                             .prominence = 1e-8,
                             .min_distance = 7.7};
  for (const TopMode mode : {TopMode::peaks, TopMode::bins}) {
    PeaksOptions o = options;
    o.mode = mode;
    if (mode == TopMode::bins) o.height = o.threshold = o.prominence = o.min_distance = {};
    const auto first = peaks(rows, o);
    const auto again = through_json(first.info.definition);
    EXPECT_EQ(again.verb, "peaks");
    EXPECT_TRUE(same_bits(first.data, peaks(rows, std::get<PeaksOptions>(again.options)).data));
  }
}

TEST(Definition, OfLogMelGivesTheSameBits) {
  const auto data = signal<float>(2, 4000);
  const View<const float> rows(data.data(), 2, 4000);
  std::vector<MelOptions> all;
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    all.push_back(mel_profile(name));
  }
  all.push_back(mel_profile("whisper"));
  all.back().pad_to = 0.1;
  all.push_back(mel_profile("kaldi", 11025.0));
  all.push_back({.log = MelLog::db, .ref = 0.3, .range = 80.0});
  for (const MelOptions& options : all) {
    const auto first = log_mel(rows, options);
    const auto again = through_json(first.info.definition);
    EXPECT_EQ(again.verb, "mel");
    EXPECT_TRUE(same_bits(first.data, log_mel(rows, std::get<MelOptions>(again.options)).data));
  }
}

}  // namespace
}  // namespace papilio::testing
