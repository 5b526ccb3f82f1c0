// welch, peaks and log_mel against the reference device, for every element type. The reference
// computes in double, so an f32 result may differ by what numerics.md allows.
#include <algorithm>

#include "api/support.h"

namespace papilio::testing {
namespace {

const Execution kReference{.device = "reference"};

/// Rows of T in double, or complex double.
template <typename T>
auto widened(const std::vector<T>& data) {
  if constexpr (kIsComplex<T>) {
    return std::vector<std::complex<double>>(data.begin(), data.end());
  } else {
    return std::vector<double>(data.begin(), data.end());
  }
}

template <typename T>
class EveryType : public ::testing::Test {
 protected:
  using R = compute_t<T>;
  static constexpr bool kDouble = std::is_same_v<R, double>;
  /// Bounds of numerics.md: powers 1e-6 (f32), 1e-14 (f64; a row of many bins adds a little).
  static constexpr double kBound = kDouble ? 1e-14 : 1e-6;
};

using Types =
    ::testing::Types<float, double, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t,
                     std::int32_t, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(EveryType, Types);

TYPED_TEST(EveryType, WelchIsTheReferences) {
  using T = TypeParam;
  const auto data = signal<T>(5, 3000);
  const auto wide = widened(data);
  for (const Average average : {Average::mean, Average::median, Average::max}) {
    for (const Detrend detrend : {Detrend::none, Detrend::constant, Detrend::linear}) {
      const WelchOptions options{
          .fs = 250.0, .nperseg = 200, .n_fft = 256, .detrend = detrend, .average = average};
      const auto got = welch(View<const T>(data.data(), 5, 3000), options);
      using W = typename decltype(wide)::value_type;
      const auto want = welch(View<const W>(wide.data(), 5, 3000), options, kReference);
      EXPECT_EQ(got.shape, want.shape);
      EXPECT_EQ(got.frequencies, want.frequencies);
      EXPECT_LE(worst_row(as_double(got.data), want.data, 5), TestFixture::kBound);
      EXPECT_EQ(got.info.frames, (3000 - 200) / 100 + 1);
      EXPECT_EQ(got.info.dropped, 0);
      EXPECT_EQ(got.info.flags, std::vector<std::int64_t>(5, -1));
      EXPECT_EQ(want.info.strategy, "reference");
      EXPECT_EQ(got.info.strategy.substr(0, 4), "cpu ");
    }
  }
}

TYPED_TEST(EveryType, PeaksAreTheReferences) {
  using T = TypeParam;
  const auto data = signal<T>(5, 3000);
  const auto wide = widened(data);
  for (const TopMode mode : {TopMode::peaks, TopMode::bins}) {
    const PeaksOptions options{.welch = {.fs = 250.0, .nperseg = 256}, .top = 2, .mode = mode};
    const auto got = peaks(View<const T>(data.data(), 5, 3000), options);
    using W = typename decltype(wide)::value_type;
    const auto want = peaks(View<const W>(wide.data(), 5, 3000), options, kReference);
    ASSERT_EQ(got.shape, want.shape);
    EXPECT_EQ(got.count, want.count);
    EXPECT_EQ(got.frequencies, want.frequencies);
    for (std::size_t slot = 0; slot < want.data.size(); slot += 4) {
      EXPECT_EQ(got.data[slot], want.data[slot]) << "bin of slot " << slot / 4;
      for (std::size_t field = 1; field < 4; ++field) {
        EXPECT_NEAR(got.data[slot + field] / want.data[slot + field], 1.0,
                    TestFixture::kDouble ? 1e-12 : 1e-5)
            << "slot " << slot / 4 << " field " << field;
      }
    }
  }
}

TYPED_TEST(EveryType, LogMelIsTheReferencesOrRefusesComplex) {
  using T = TypeParam;
  const auto data = signal<T>(3, 4000);
  const View<const T> rows(data.data(), 3, 4000);
  if constexpr (kIsComplex<T>) {
    expect_refusal([&] { log_mel(rows); }, {"[mel]", "complex", "real samples"});
  } else {
    for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
      const MelOptions options = mel_profile(name);
      const auto got = log_mel(rows, options);
      const auto want =
          log_mel(View<const double>(widened(data).data(), 3, 4000), options, kReference);
      EXPECT_EQ(got.shape, want.shape) << name;
      EXPECT_EQ(got.times, want.times) << name;
      EXPECT_EQ(got.mel_frequencies, want.mel_frequencies) << name;
      EXPECT_LE(worst_row(as_double(got.data), want.data, 3), TestFixture::kDouble ? 1e-12 : 1e-5)
          << name;
    }
  }
}

TEST(Features, AToneIsFoundWhereItIs) {
  std::vector<double> tone(4096);
  for (std::size_t i = 0; i < tone.size(); ++i) {
    tone[i] = 3.0 * std::sin(2.0 * 3.14159265358979323846 * 50.3 * static_cast<double>(i) / 1000.0);
  }
  const WelchOptions options{.fs = 1000.0, .nperseg = 512, .scaling = Scaling::spectrum};
  const auto found = peaks(tone, {.welch = options, .top = 1});
  EXPECT_EQ(found.count[0], 1);
  EXPECT_EQ(found.data[0], std::round(50.3 * 512 / 1000));
  EXPECT_NEAR(found.data[2], 50.3, 0.05);
  EXPECT_NEAR(found.data[3], 4.5, 0.1);  // the mean square of amplitude 3
}

}  // namespace
}  // namespace papilio::testing
