// Results in the caller's memory: the shape is known beforehand, every value is written, nothing
// beyond is touched.
#include "api/support.h"

namespace papilio::testing {
namespace {

template <typename R>
struct Guarded {
  explicit Guarded(std::size_t count) : memory(count + 2 * kGuard, kMark) {}
  std::span<R> inside() { return {memory.data() + kGuard, memory.size() - 2 * kGuard}; }
  bool untouched_outside() const {
    for (std::size_t i = 0; i < kGuard; ++i) {
      if (memory[i] != kMark || memory[memory.size() - 1 - i] != kMark) return false;
    }
    return true;
  }
  std::vector<R> values() { return {inside().begin(), inside().end()}; }

  static constexpr std::size_t kGuard = 64;
  static constexpr R kMark = R(-12345);
  std::vector<R> memory;
};

template <std::size_t rank>
std::size_t count_of(const std::array<std::int64_t, rank>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return static_cast<std::size_t>(count);
}

TEST(Into, WelchEqualsTheOneShot) {
  for (const bool band : {false, true}) {
    WelchOptions options{.fs = 100.0, .nperseg = 60, .n_fft = 75};
    if (band) options.fmin = 10.0, options.fmax = 20.0;
    const auto data = signal<double>(37, 500);
    const View<const double> rows(data.data(), 37, 500);
    const auto want = welch(rows, options);
    const auto shape = welch_shape(options, 37, 500);
    EXPECT_EQ(shape, want.shape);
    EXPECT_EQ(shape[1], static_cast<std::int64_t>(want.frequencies.size()));
    Guarded<double> out(count_of(shape));
    const ResultInfo info = welch_into(rows, out.inside(), options);
    EXPECT_TRUE(same_bits(out.values(), want.data));
    EXPECT_TRUE(out.untouched_outside());
    EXPECT_EQ(info.frames, want.info.frames);
    EXPECT_EQ(info.dropped, want.info.dropped);
    EXPECT_EQ(to_json(info.definition), to_json(want.info.definition));
  }
}

TEST(Into, WelchOfComplexRowsIsTwoSided) {
  const WelchOptions options{.nperseg = 50};
  const auto data = signal<std::complex<float>>(3, 500);
  const View<const std::complex<float>> rows(data.data(), 3, 500);
  const auto shape = welch_shape(options, 3, 500, true);
  EXPECT_EQ(shape, (std::array<std::int64_t, 2>{3, 50}));
  Guarded<float> out(count_of(shape));
  welch_into(rows, out.inside(), options);
  const auto want = welch(rows, options);
  EXPECT_EQ(want.shape, shape);
  EXPECT_TRUE(same_bits(out.values(), want.data));
  EXPECT_TRUE(out.untouched_outside());
}

TEST(Into, PeaksEqualTheOneShot) {
  const PeaksOptions options{.welch = {.nperseg = 64}, .top = 30};
  const auto data = signal<std::int16_t>(19, 500);
  const View<const std::int16_t> rows(data.data(), 19, 500);
  const auto want = peaks(rows, options);
  const auto shape = peaks_shape(options, 19);
  EXPECT_EQ(shape, want.shape);
  Guarded<float> out(count_of(shape));
  peaks_into(rows, out.inside(), options);
  EXPECT_TRUE(same_bits(out.values(), want.data));  // unused slots too: -1 and NaN
  EXPECT_TRUE(out.untouched_outside());
  EXPECT_LT(want.count[0], 30);
}

TEST(Into, LogMelEqualsTheOneShotInBothLayouts) {
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    for (const Layout layout : {Layout::bands_frames, Layout::frames_bands}) {
      MelOptions options = mel_profile(name);
      options.layout = layout;
      const auto data = signal<float>(5, 3000);
      const View<const float> rows(data.data(), 5, 3000);
      const auto want = log_mel(rows, options);
      const auto shape = log_mel_shape(options, 5, 3000);
      EXPECT_EQ(shape, want.shape) << name;
      const bool bands_first = layout == Layout::bands_frames;
      EXPECT_EQ(shape[bands_first ? 1 : 2], options.n_mels);
      EXPECT_EQ(shape[bands_first ? 2 : 1], want.info.frames);
      EXPECT_EQ(want.times.size(), static_cast<std::size_t>(want.info.frames));
      Guarded<float> out(count_of(shape));
      log_mel_into(rows, out.inside(), options);
      EXPECT_TRUE(same_bits(out.values(), want.data)) << name;
      EXPECT_TRUE(out.untouched_outside()) << name;
    }
  }
}

TEST(Into, LayoutsAreTransposesOfOneAnother) {
  MelOptions options = mel_profile("whisper");
  const auto row = signal<float>(1, 3000);
  const auto bands_frames = log_mel(row, options);
  options.layout = Layout::frames_bands;
  const auto frames_bands = log_mel(row, options);
  const auto bands = static_cast<std::size_t>(options.n_mels);
  const auto frames = static_cast<std::size_t>(bands_frames.info.frames);
  for (std::size_t b = 0; b < bands; ++b) {
    for (std::size_t f = 0; f < frames; ++f) {
      EXPECT_EQ(bands_frames.data[b * frames + f], frames_bands.data[f * bands + b]);
    }
  }
}

TEST(Into, AnyOtherSizeIsRefusedAndNothingIsWritten) {
  const WelchOptions options{.nperseg = 64};
  const auto data = signal<float>(2, 500);
  const View<const float> rows(data.data(), 2, 500);
  for (const std::size_t size : {std::size_t{0}, std::size_t{65}, std::size_t{67}}) {
    std::vector<float> out(size, 7.0F);
    expect_refusal([&] { welch_into(rows, std::span<float>(out), options); },
                   {"[psd]", std::to_string(size) + " values", "66"});
    EXPECT_EQ(out, std::vector<float>(size, 7.0F));
  }
  std::vector<float> out(10);
  expect_refusal([&] { peaks_into(rows, std::span<float>(out), {.welch = options, .top = 3}); },
                 {"[peaks]", "10 values", "24"});
  expect_refusal([&] { log_mel_into(rows, std::span<float>(out), mel_profile("whisper")); },
                 {"[mel]", "10 values", "480"});
}

TEST(Into, ShapesRefuseWhatTheCallsRefuse) {
  expect_refusal([] { welch_shape({.nperseg = 64}, 2, 63); }, {"[psd]", "nperseg 64", "63"});
  expect_refusal([] { welch_shape({.nperseg = 64}, -1, 100); }, {"[psd]", "-1 rows"});
  expect_refusal([] { log_mel_shape(mel_profile("kaldi"), 2, 399); }, {"[mel]", "400", "399"});
  expect_refusal([] { peaks_shape({.top = 0}, 2); }, {"[peaks]", "top is 0"});
  expect_refusal([] { peaks_shape({}, -2); }, {"[peaks]", "-2 rows"});
}

}  // namespace
}  // namespace papilio::testing
