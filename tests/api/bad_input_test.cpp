// What the C++ API refuses, in which words; and that a refusal harms nothing.
#include "api/feature.h"
#include "api/support.h"

namespace papilio::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const std::vector<float> kRow = signal<float>(1, 2000);

TEST(BadInput, OptionsOfWelch) {
  const auto refuse = [](const WelchOptions& options, std::initializer_list<std::string> parts) {
    expect_refusal([&] { welch(kRow, options); }, parts);
    expect_refusal([&] { welch(kRow, options); }, {"[psd] "});
    expect_refusal([&] { peaks(kRow, {.welch = options, .top = 2}); }, {"[peaks] "});
  };
  refuse({.nperseg = 2001}, {"nperseg 2001", "2000 samples", "shorter --nperseg"});
  refuse({.nperseg = 0}, {"nperseg is 0", "--nperseg"});
  refuse({.nperseg = -5}, {"nperseg is -5"});
  refuse({.nperseg = std::int64_t{1} << 62}, {"nperseg is 4611686018427387904"});
  refuse({.nperseg = 64, .noverlap = 64}, {"noverlap 64", "nperseg - 1 = 63"});
  refuse({.noverlap = -1}, {"noverlap -1", "--noverlap"});
  refuse({.n_fft = 255}, {"n_fft 255", "nperseg 256", "--n-fft"});
  refuse({.segments = 0}, {"segments is 0"});
  refuse({.segments = 100}, {"100 segments", "12928", "2000"});
  refuse({.fs = 0.0}, {"sample rate is 0", "--fs"});
  refuse({.fs = -1.0}, {"sample rate is -1"});
  refuse({.fs = kNaN}, {"sample rate is nan"});
  refuse({.fs = kInf}, {"sample rate is inf"});
  refuse({.window = {"hannn", {}}}, {"unknown window 'hannn'", "did you mean hann?"});
  refuse({.window = {"kaiser", {}}}, {"kaiser:8.6"});
  refuse({.window = {"tukey:2", {}}}, {"tukey", "'2'", "from 0 to 1"});
  refuse({.window = {"", {1.0, 2.0}}}, {"2 values", "256"});
  refuse({.window = {"", std::vector<double>(256, kNaN)}}, {"not finite"});
  refuse({.window = {"", std::vector<double>(256, 0.0)}}, {"zero everywhere"});
  refuse({.fmin = kNaN}, {"fmin is nan", "--fmin"});
  refuse({.fmin = 0.3, .fmax = 0.2}, {"fmin 0.3", "fmax 0.2", "swap"});
  refuse({.fmin = 0.6}, {"fmin 0.6", "Nyquist (0.5 Hz)"});
  refuse({.fmin = 0.001, .fmax = 0.002}, {"no bin", "--n-fft"});
}

TEST(BadInput, OptionsOfPeaks) {
  const auto refuse = [](PeaksOptions options, std::initializer_list<std::string> parts) {
    expect_refusal([&] { peaks(kRow, options); }, {"[peaks] "});
    expect_refusal([&] { peaks(kRow, options); }, parts);
  };
  refuse({.top = 130}, {"top 130", "129 bins", "--top"});
  refuse({.top = 0}, {"top is 0"});
  refuse({.top = -3}, {"top is -3"});
  refuse({.height = -1.0}, {"height is -1", "--height"});
  refuse({.height = kNaN}, {"height is nan"});
  refuse({.threshold = kInf}, {"threshold is inf"});
  refuse({.prominence = -0.5}, {"prominence is -0.5"});
  refuse({.min_distance = -2.0}, {"min_distance is -2", "--min-distance"});
  refuse({.mode = TopMode::bins, .height = 1.0}, {"--height", "--mode peaks"});
}

TEST(BadInput, OptionsOfLogMel) {
  const auto refuse = [](auto change, std::initializer_list<std::string> parts) {
    MelOptions options = mel_profile("whisper");
    change(options);
    expect_refusal([&] { log_mel(kRow, options); }, {"[mel] "});
    expect_refusal([&] { log_mel(kRow, options); }, parts);
  };
  refuse([](MelOptions& o) { o.fs = 48000.0; }, {"needs 16000 Hz", "48000", "--resample 16000"});
  refuse([](MelOptions& o) { o.n_mels = 0; }, {"n_mels is 0"});
  refuse([](MelOptions& o) { o.n_mels = 1 << 20; }, {"n_mels is 1048576", "65536"});
  refuse([](MelOptions& o) { o.n_fft = -400; }, {"n_fft is -400"});
  refuse([](MelOptions& o) { o.hop_length = 0; }, {"hop_length is 0", "--hop-length"});
  refuse([](MelOptions& o) { o.win_length = 500; }, {"win_length 500", "n_fft 400"});
  refuse([](MelOptions& o) { o.fmax = 9000.0; }, {"fmax 9000", "Nyquist (8000 Hz)"});
  refuse([](MelOptions& o) { o.fmin = 8000.0; }, {"fmin 8000", "not below fmax"});
  refuse([](MelOptions& o) { o.fmin = kNaN; }, {"fmin is nan"});
  refuse([](MelOptions& o) { o.power = 3; }, {"power is 3", "1 or 2"});
  refuse([](MelOptions& o) { o.preemphasis = 2.0; }, {"preemphasis is 2"});
  refuse([](MelOptions& o) { o.range = -1.0; }, {"range is -1"});
  refuse([](MelOptions& o) { o.log_floor = kNaN; }, {"log_floor is nan"});
  refuse([](MelOptions& o) { o.output_mul = kInf; }, {"output_mul is inf"});
  refuse([](MelOptions& o) { o.pad_to = -1.0; }, {"pad_to is -1"});
  refuse([](MelOptions& o) { o.pad_to = 1e300; }, {"pad_to is 1e+300"});
  refuse([](MelOptions& o) { o.nonfinite = Nonfinite::skip; }, {"--nonfinite skip"});
}

TEST(BadInput, Profiles) {
  expect_refusal([] { profile("mel", "wisper", 16000.0); },
                 {"[mel]", "unknown profile 'wisper'", "did you mean whisper?", "librosa"});
  expect_refusal([] { profile("psd", "whisper", 16000.0); }, {"[psd]", "unknown profile", "scipy"});
  expect_refusal([] { profile("fft", "scipy", 1.0); }, {"[fft]", "no profiles"});
  expect_refusal([] { profile("mel", "kaldi", kNaN); }, {"[mel]", "kaldi", "nan"});
}

TEST(BadInput, Devices) {
  expect_refusal([] { welch(kRow, {}, {.device = "cpi"}); }, {"cpi", "did you mean cpu?"});
  expect_refusal<DeviceError>([] { welch(kRow, {}, {.device = "cuda"}); },
                              {"CUDA", "--device cpu"});
  expect_refusal<DeviceError>([] { welch(kRow, {}, {.device = "null"}); },
                              {"null", "--device cpu"});
  expect_refusal([] { welch(kRow, {}, {.threads = -1}); }, {"[psd]", "threads is -1"});
  expect_refusal([] { welch(kRow, {}, {.threads = 1 << 30}); }, {"[psd]", "threads is 1073741824"});
  expect_refusal([] { welch(kRow, {}, {.max_memory = -1}); }, {"[psd]", "max_memory is -1"});
  expect_refusal([] { Fft<float>(8, {}, {.threads = -1}); }, {"[fft]", "threads is -1"});
}

TEST(BadInput, Views) {
  const std::vector<float> empty;
  expect_refusal([&] { welch(empty); }, {"[psd]", "no samples"});
  expect_refusal([&] { peaks(empty); }, {"[peaks]", "no samples"});
  expect_refusal([&] { log_mel(empty); }, {"[mel]", "no samples"});
  expect_refusal([] { welch(View<const float>(nullptr, 2, 1000)); }, {"[psd]", "2000", "no data"});
  expect_refusal([] { welch(View<const float>(kRow.data(), -1, 1000)); },
                 {"[psd]", "negative extent -1"});
  expect_refusal([] { peaks(View<const float>(kRow.data(), 1, -1000)); },
                 {"[peaks]", "negative extent -1000"});
  const std::int64_t huge = std::int64_t{1} << 40;
  expect_refusal([&] { log_mel(View<const float>(kRow.data(), huge, huge)); },
                 {"[mel]", "more elements"});
  View<const float> scaled(kRow);
  scaled.scale = kNaN;
  expect_refusal([&] { welch(scaled); }, {"[psd]", "scale is nan"});
}

TEST(BadInput, AThrowLeavesTheNextCallAlone) {
  const auto want = welch(kRow);
  for (int round = 0; round < 3; ++round) {
    EXPECT_THROW(welch(kRow, {.nperseg = 5000}), UserError);
    EXPECT_THROW(welch(kRow, {}, {.device = "cuda"}), DeviceError);
    EXPECT_TRUE(same_bits(welch(kRow).data, want.data));
  }
}

api::FeatureSpec stream_spec() {
  api::FeatureSpec spec;
  spec.definition = {"psd", "", {}, WelchOptions{.nperseg = 64}};
  return spec;
}

base::TensorView chunk_of(const std::vector<float>& row, std::int64_t begin, std::int64_t count) {
  return base::dense(const_cast<float*>(row.data()) + begin, DType::f32, {1, count});
}

TEST(BadInput, AStreamGoesOnAfterAChunkThatDoesNotFit) {
  for (const std::int64_t known : {std::int64_t{-1}, std::int64_t{2000}}) {
    api::FeatureSpec spec = stream_spec();
    spec.samples = known;
    api::FeatureStream stream(spec);
    const auto refuse_all = [&] {
      base::TensorView two_rows = chunk_of(kRow, 0, 10);
      two_rows.shape[0] = 2;
      expect_refusal([&] { stream.push(two_rows); }, {"[psd]", "1 rows"});
      base::TensorView complex = chunk_of(kRow, 0, 10);
      complex.dtype = DType::c64;
      expect_refusal([&] { stream.push(complex); }, {"complex", "real"});
      base::TensorView nothing = chunk_of(kRow, 0, 10);
      nothing.data = nullptr;
      expect_refusal([&] { stream.push(nothing); }, {"[psd]", "no data"});
    };
    refuse_all();
    stream.push(chunk_of(kRow, 0, 30));
    refuse_all();
    base::TensorView other_type = chunk_of(kRow, 0, 10);
    other_type.dtype = DType::i16;
    EXPECT_THROW(stream.push(other_type), UserError);
    stream.push(chunk_of(kRow, 30, 1000));
    refuse_all();
    stream.push(chunk_of(kRow, 1030, 970));
    const api::FeatureResult got = stream.finish();
    const auto want = welch(kRow, {.nperseg = 64});
    ASSERT_EQ(got.bytes.size(), want.data.size() * sizeof(float));
    EXPECT_EQ(0, std::memcmp(got.bytes.data(), want.data.data(), got.bytes.size()));
  }
}

TEST(BadInput, AStreamThatIsTooShortCanStillBeFed) {
  api::FeatureStream stream(stream_spec());
  expect_refusal([&] { stream.finish(); }, {"[psd]", "no samples"});
  stream.push(chunk_of(kRow, 0, 40));
  expect_refusal([&] { stream.finish(); }, {"[psd]", "nperseg 64", "40 samples"});
  stream.push(chunk_of(kRow, 40, 1960));
  const api::FeatureResult got = stream.finish();
  const auto want = welch(kRow, {.nperseg = 64});
  EXPECT_EQ(0, std::memcmp(got.bytes.data(), want.data.data(), got.bytes.size()));
}

TEST(BadInput, AStreamWithABadSampleIsAnErrorWhenAskedFor) {
  auto row = kRow;
  row[1500] = std::numeric_limits<float>::infinity();
  for (const std::string device : {"cpu", "reference"}) {
    api::FeatureSpec spec = stream_spec();
    std::get<WelchOptions>(spec.definition.options).nonfinite = Nonfinite::error;
    spec.execution.device = device;
    spec.source = "x.wav";
    api::FeatureStream stream(spec);
    expect_refusal(
        [&] {
          stream.push(chunk_of(row, 0, 1000));
          stream.push(chunk_of(row, 1000, 1000));
          stream.finish();
        },
        {"[psd]", "x.wav", "row 0", "sample 1500"});
  }
}

}  // namespace
}  // namespace papilio::testing
