// Streams: whatever the chunks and the threads, the bits of a run on whole rows.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "papilio/error.h"
#include "runtime/support.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {
namespace {

/// Feeds chunks whose sizes `next` gives.
template <typename Next>
Outcome feed(const ir::Graph& graph, const base::TensorView& input, int threads, Next&& next) {
  const auto program = compile(graph);
  const base::ThreadPool pool(threads);
  const auto stream = program->stream(input.shape[0], {&pool, BadSamples::flag});
  for (std::int64_t at = 0; at < input.shape[1];) {
    base::TensorView chunk = input;
    chunk.shape[1] = std::min<std::int64_t>(next(), input.shape[1] - at);
    chunk.data = static_cast<std::byte*>(input.data) + at * input.byte_strides[1];
    stream->push(chunk);
    at += chunk.shape[1];
  }
  stream->finish();
  OutputMemory memory(*program, input.shape[0], stream->samples());
  stream->fetch(memory.views);
  return memory.outcome(stream->status());
}

void expect_same_bits(const ir::Graph& graph, std::int64_t rows, std::int64_t samples,
                      const std::string& what) {
  std::vector<double> values = signal(rows, samples);
  std::vector<float> data(values.begin(), values.end());
  const base::TensorView input = base::dense(data.data(), DType::f32, {rows, samples});
  const Outcome want = run(graph, input, {});
  std::mt19937 random(3);
  const auto same = [&](const Outcome& got, const std::string& how) {
    for (std::size_t i = 0; i < want.bytes.size(); ++i) {
      EXPECT_TRUE(got.bytes[i] == want.bytes[i]) << what << ", " << how;
    }
  };
  for (const int threads : {1, 2, 5, 8}) {
    const std::string name = std::to_string(threads) + " threads";
    same(run(graph, input, {"cpu", {}, threads, BadSamples::flag}), "whole, " + name);
    same(feed(graph, input, threads, [] { return 1; }), "one sample, " + name);
    same(feed(graph, input, threads, [] { return 997; }), "odd, " + name);
    same(feed(graph, input, threads, [] { return 1 << 20; }), "one chunk, " + name);
    same(feed(graph, input, threads, [&] { return 1 + random() % 3000; }), "random, " + name);
  }
}

TEST(Stream, WelchHasTheBitsOfAWholeRun) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    for (const std::int64_t samples : {64, 500, 20000}) {
      WelchOptions options;
      options.nperseg = 64;
      options.average = average;
      const auto graph =
          spectral::build_welch(spectral::fit_welch(options, samples), false, DType::f32);
      expect_same_bits(graph, 3, samples, "welch " + std::to_string(samples));
    }
  }
}

TEST(Stream, PeaksHaveTheBitsOfAWholeRun) {
  PeaksOptions options;
  options.welch.nperseg = 128;
  const auto graph =
      spectral::build_peaks(spectral::fit_peaks(options, 9000, false), false, DType::f32, true);
  expect_same_bits(graph, 2, 9000, "peaks");
}

TEST(Stream, MelOfEveryProfileHasTheBitsOfAWholeRun) {
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    for (const std::int64_t samples : {2500, 12345}) {
      const Definition definition = profile("mel", name, 16000);
      const auto& options = std::get<MelOptions>(definition.options);
      const auto graph =
          spectral::build_log_mel(spectral::fit_mel(options, samples, name), DType::f32);
      expect_same_bits(graph, 2, samples, name + " " + std::to_string(samples));
    }
  }
}

TEST(Stream, KaldiWithoutSnippedEdgesAndPaddedClips) {
  Definition definition = profile("mel", "kaldi", 16000);
  auto options = std::get<MelOptions>(definition.options);
  options.snip_edges = false;
  for (const std::int64_t samples : {400, 4001}) {
    expect_same_bits(spectral::build_log_mel(spectral::fit_mel(options, samples), DType::f32), 2,
                     samples, "kaldi, no snip");
  }
  options = std::get<MelOptions>(profile("mel", "whisper", 16000).options);
  for (const double seconds : {0.1, 0.5}) {
    options.pad_to = seconds;
    expect_same_bits(spectral::build_log_mel(spectral::fit_mel(options, 4000), DType::f32), 2, 4000,
                     "whisper padded");
  }
}

TEST(Stream, FlagsTheFirstBadSampleOfTheRow) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = spectral::build_welch(spectral::fit_welch(options, 20000), false, DType::f32);
  std::vector<float> data(2 * 20000, 1.0F);
  data[20000 + 12345] = std::numeric_limits<float>::infinity();
  data[20000 + 17000] = std::numeric_limits<float>::quiet_NaN();
  const auto input = base::dense(data.data(), DType::f32, {2, 20000});
  const Outcome got = feed(graph, input, 3, [] { return 777; });
  EXPECT_EQ(got.status[0].first_bad, -1);
  EXPECT_EQ(got.status[1].first_bad, 12345);
}

TEST(Stream, RefusesWhatItCannotDo) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = spectral::build_welch(spectral::fit_welch(options, 100), false, DType::f32);
  const auto program = compile(graph);
  const auto stream = program->stream(1, {});
  std::vector<float> data(10);
  stream->push(base::dense(data.data(), DType::f32, {1, 10}));
  EXPECT_THROW(stream->push(base::dense(data.data(), DType::f32, {2, 5})), UserError);
  EXPECT_THROW(stream->finish(), UserError);  // no whole segment
}

}  // namespace
}  // namespace papilio::runtime::testing
