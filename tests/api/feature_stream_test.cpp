// Features on a stream of chunks: the bits of a run on whole rows, whatever the chunks, whether or
// not the length is known beforehand.
#include "api/feature.h"
#include "api/support.h"

namespace papilio::testing {
namespace {

using api::FeatureResult;
using api::FeatureSpec;

base::TensorView part_of(const base::TensorView& rows, std::int64_t begin, std::int64_t count) {
  base::TensorView part = rows;
  part.shape[1] = count;
  part.data = static_cast<std::byte*>(rows.data) + begin * rows.byte_strides[1];
  return part;
}

template <typename Next>
FeatureResult feed(const FeatureSpec& spec, const base::TensorView& rows, Next&& next) {
  api::FeatureStream stream(spec);
  const std::int64_t samples = rows.shape[1];
  for (std::int64_t at = 0; at < samples;) {
    const std::int64_t count = std::min<std::int64_t>(next(), samples - at);
    stream.push(part_of(rows, at, count));
    at += count;
  }
  return stream.finish();
}

void expect_same(const FeatureResult& got, const FeatureResult& want, const std::string& what) {
  EXPECT_EQ(got.shape, want.shape) << what;
  ASSERT_EQ(got.bytes.size(), want.bytes.size()) << what;
  EXPECT_EQ(0, std::memcmp(got.bytes.data(), want.bytes.data(), want.bytes.size())) << what;
  EXPECT_EQ(got.frequencies, want.frequencies) << what;
  EXPECT_EQ(got.mel_frequencies, want.mel_frequencies) << what;
  EXPECT_EQ(got.times, want.times) << what;
  EXPECT_EQ(got.count, want.count) << what;
  EXPECT_EQ(got.frames, want.frames) << what;
  EXPECT_EQ(got.samples, want.samples) << what;
  EXPECT_EQ(got.dropped, want.dropped) << what;
  EXPECT_EQ(to_json(got.definition), to_json(want.definition)) << what;
  for (std::size_t row = 0; row < want.status.size(); ++row) {
    EXPECT_EQ(got.status[row].first_bad, want.status[row].first_bad) << what;
    EXPECT_EQ(got.status[row].skipped, want.status[row].skipped) << what;
  }
}

template <typename T>
void expect_stream_is_run(const Definition& definition, std::int64_t rows, std::int64_t samples,
                          bool spoil = false) {
  auto data = signal<T>(rows, samples);
  if constexpr (std::is_same_v<T, float>) {
    if (spoil) data[data.size() / 2 + 7] = std::numeric_limits<float>::quiet_NaN();
  }
  const base::TensorView view = base::dense(data.data(), dtype_of<T>(), {rows, samples});
  FeatureSpec spec;
  spec.definition = definition;
  spec.rows = rows;
  spec.complex = kIsComplex<T>;
  spec.compute = dtype_of<compute_t<T>>();
  spec.execution.threads = 1;
  const FeatureResult want = api::run_feature(spec, view);
  std::mt19937 random(static_cast<unsigned>(samples));
  for (const std::int64_t known : {samples, std::int64_t{-1}}) {
    spec.samples = known;
    for (const int threads : {1, 3}) {
      spec.execution.threads = threads;
      const std::string what = definition.verb + " " + definition.profile + ", " +
                               std::to_string(samples) + " samples, known " +
                               std::to_string(known) + ", threads " + std::to_string(threads);
      expect_same(feed(spec, view, [&] { return 1 + random() % 700; }), want, what + ", random");
      expect_same(feed(spec, view, [] { return 257; }), want, what + ", odd");
      expect_same(feed(spec, view, [&] { return samples; }), want, what + ", whole");
    }
    if (samples < 2000) expect_same(feed(spec, view, [] { return 1; }), want, "one sample");
  }
}

TEST(FeatureStream, PsdHasTheBitsOfARun) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    for (const std::int64_t samples : {64, 500, 9000}) {
      const WelchOptions options{.nperseg = 64, .average = average};
      expect_stream_is_run<float>({"psd", "", {}, options}, 3, samples);
    }
  }
  expect_stream_is_run<std::complex<double>>({"psd", "", {}, WelchOptions{.nperseg = 50}}, 2, 3000);
  expect_stream_is_run<std::int16_t>({"psd", "", {}, WelchOptions{.nperseg = 50}}, 2, 3000);
}

TEST(FeatureStream, PsdOfShortRowsAndOfANumberOfSegments) {
  for (const ShortRows short_rows : {ShortRows::pad, ShortRows::shrink}) {
    for (const std::int64_t samples : {1, 100, 255, 256, 1000}) {
      expect_stream_is_run<float>({"psd", "", {}, WelchOptions{.short_rows = short_rows}}, 2,
                                  samples);
    }
  }
  const WelchOptions three{.nperseg = 64, .segments = 3};
  expect_stream_is_run<float>({"psd", "", {}, three}, 2, 1000);
}

TEST(FeatureStream, PeaksHaveTheBitsOfARun) {
  for (const TopMode mode : {TopMode::peaks, TopMode::bins}) {
    const PeaksOptions options{.welch = {.nperseg = 128}, .top = 7, .mode = mode};
    expect_stream_is_run<float>({"peaks", "", {}, options}, 3, 5000);
  }
}

TEST(FeatureStream, MelHasTheBitsOfARun) {
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    for (const std::int64_t samples : {1500, 6001}) {
      expect_stream_is_run<float>(profile("mel", name, 16000.0), 2, samples);
    }
  }
  Definition padded = profile("mel", "whisper", 16000.0);
  std::get<MelOptions>(padded.options).pad_to = 0.2;
  for (const std::int64_t samples : {100, 3200, 5000}) {
    expect_stream_is_run<float>(padded, 2, samples);
  }
  Definition rlx = profile("mel", "rlx", 16000.0);
  expect_stream_is_run<float>(rlx, 2, 1024);
}

TEST(FeatureStream, NonfiniteSamplesHaveTheBitsOfARun) {
  for (const Nonfinite how : {Nonfinite::flag, Nonfinite::skip}) {
    for (const Average average : {Average::mean, Average::max, Average::median}) {
      const WelchOptions options{.nperseg = 64, .average = average, .nonfinite = how};
      expect_stream_is_run<float>({"psd", "", {}, options}, 3, 5000, true);
    }
  }
}

}  // namespace
}  // namespace papilio::testing
