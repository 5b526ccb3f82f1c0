// The resampler: right values, right lengths, and bits that depend on nothing but the row.
#include "io/resample.h"

#include <cmath>
#include <numbers>

#include "io/files.h"
#include "io/open.h"

namespace papilio::io {
namespace {

using Rows = std::vector<std::vector<double>>;

double tone(double hz, double seconds) { return std::sin(2.0 * std::numbers::pi * hz * seconds); }

template <typename T>
std::string tones(std::int64_t samples, double fs, const std::vector<double>& frequencies) {
  std::vector<T> values;
  for (const double hz : frequencies) {
    for (std::int64_t i = 0; i < samples; ++i) {
      values.push_back(static_cast<T>(tone(hz, static_cast<double>(i) / fs)));
    }
  }
  std::string shape = std::to_string(frequencies.size());
  shape = "(" + shape + ", " + std::to_string(samples) + ")";
  return npy_of(sizeof(T) == 4 ? "<f4" : "<f8", false, shape, raw(values));
}

ReaderPtr open_at(const std::string& path, double fs, double rate) {
  InputOptions options;
  options.fs = fs;
  options.resample = rate;
  return open_input(path, options);
}

TEST(Resample, TonesKeepTheirFrequencyAndAmplitude) {
  const TempFolder folder;
  const std::string path = folder.write("x.npy", tones<float>(48000, 48000.0, {440.0, 3000.0}));
  const auto reader = open_at(path, 48000.0, 16000.0);
  EXPECT_EQ(reader->info().fs, 16000.0);
  EXPECT_EQ(reader->info().resampled_from, 48000.0);
  EXPECT_EQ(reader->info().dtype, DType::f32);
  const Rows rows = drain(*reader, {1001});
  for (std::size_t i = 2000; i < 14000; ++i) {
    ASSERT_NEAR(rows[0][i], tone(440.0, static_cast<double>(i) / 16000.0), 2e-5);
    ASSERT_NEAR(rows[1][i], tone(3000.0, static_cast<double>(i) / 16000.0), 2e-5);
  }
}

TEST(Resample, WhatTheNewRateCannotHoldIsRemoved) {
  const TempFolder folder;
  const std::string path = folder.write("x.npy", tones<float>(48000, 48000.0, {11000.0}));
  const Rows rows = drain(*open_at(path, 48000.0, 16000.0), {4096});
  for (std::size_t i = 2000; i < 14000; ++i) ASSERT_LT(std::abs(rows[0][i]), 1e-5);
}

TEST(Resample, LengthIsTheRatioRoundedAndDeliveredInFull) {
  const TempFolder folder;
  // 50000 samples to 44100 Hz are 45937.5: libsoxr rounds what is left after its own division.
  for (const std::int64_t samples : {1, 2, 5, 100, 8191, 8192, 8193, 30011, 50000}) {
    const std::string path = folder.write("x.npy", tones<float>(samples, 48000.0, {440.0}));
    for (const double rate : {16000.0, 44100.0, 96000.0, 22050.0, 47999.0}) {
      const double exact = static_cast<double>(samples) * rate / 48000.0;
      if (exact < 1.0) continue;
      const auto reader = open_at(path, 48000.0, rate);
      const auto length = static_cast<double>(reader->info().samples);
      EXPECT_LE(std::abs(length - exact), 0.5) << samples << " to " << rate;
      EXPECT_EQ(drain(*reader, {777})[0].size(), length) << samples << " to " << rate;
    }
  }
}

TEST(Resample, BitsDependNeitherOnChunksNorOnOtherRows) {
  const TempFolder folder;
  const std::string both = folder.write("b.npy", tones<float>(30000, 44100.0, {440.0, 5000.0}));
  const std::string one = folder.write("o.npy", tones<float>(30000, 44100.0, {5000.0}));
  const Rows whole = drain(*open_at(both, 44100.0, 16000.0), {1 << 20});
  for (const std::vector<std::int64_t>& chunks :
       {std::vector<std::int64_t>{1}, {97}, {5, 8192, 1, 333}, {8192}}) {
    EXPECT_EQ(drain(*open_at(both, 44100.0, 16000.0), chunks), whole);
  }
  EXPECT_EQ(drain(*open_at(one, 44100.0, 16000.0), {1000})[0], whole[1]);
}

TEST(Resample, NonFiniteSamplesStayInTheirRow) {
  const TempFolder folder;
  std::vector<float> values(2 * 4000, 0.5F);
  values[100] = std::nanf("");
  const Rows rows = drain(
      *open_at(folder.write("x.npy", npy_of("<f4", false, "(2, 4000)", raw(values))), 8000, 4000));
  EXPECT_TRUE(std::isnan(rows[0][50]));
  for (const double value : rows[1]) ASSERT_TRUE(std::isfinite(value));
}

TEST(Resample, SeekDeliversWhatReadingOnWouldHave) {
  const TempFolder folder;
  const std::string path = folder.write("x.npy", tones<double>(20000, 8000.0, {440.0}));
  const auto reader = open_at(path, 8000.0, 16000.0);
  EXPECT_EQ(reader->info().dtype, DType::f64);
  const Rows whole = drain(*reader, {5000});
  for (const std::int64_t target : {30000, 12345, 0}) {
    reader->seek(target);
    EXPECT_EQ(drain(*reader, {999})[0],
              std::vector<double>(whole[0].begin() + target, whole[0].end()));
  }
}

TEST(Resample, ComplexRowsAreTheirTwoParts) {
  const TempFolder folder;
  std::vector<std::complex<float>> values;
  std::vector<float> parts(2 * 3000);
  for (int i = 0; i < 3000; ++i) {
    const double at = i / 8000.0;
    values.emplace_back(static_cast<float>(tone(300, at)), static_cast<float>(tone(900, at)));
    parts[i] = values.back().real();
    parts[3000 + i] = values.back().imag();
  }
  const Rows real = drain(
      *open_at(folder.write("r.npy", npy_of("<f4", false, "(2, 3000)", raw(parts))), 8000, 6000));
  const Rows complex = drain(
      *open_at(folder.write("c.npy", npy_of("<c8", false, "(3000,)", raw(values))), 8000, 6000),
      {100});
  ASSERT_EQ(complex[0].size(), 2 * real[0].size());
  for (std::size_t i = 0; i < real[0].size(); ++i) {
    ASSERT_EQ(complex[0][2 * i], real[0][i]);
    ASSERT_EQ(complex[0][2 * i + 1], real[1][i]);
  }
}

TEST(Resample, SameRateIsTheSourceItself) {
  const TempFolder folder;
  const std::string sound =
      folder.write("x.wav", wav(1, 1, 16000, 16, raw(std::vector<std::int16_t>{7})));
  InputOptions options;
  options.resample = 16000.0;
  const auto reader = open_input(sound, options);
  EXPECT_EQ(reader->info().dtype, DType::i16);
  EXPECT_FALSE(reader->info().resampled_from.has_value());
}

TEST(Resample, AbsurdRatesAreRefused) {
  const TempFolder folder;
  const std::string path = folder.write("x.npy", tones<float>(100, 8000.0, {440.0}));
  const auto refusal = [&](double rate) {
    return message_of([&] { open_at(path, 8000.0, rate); });
  };
  for (const double rate : {0.0, -16000.0, 1.0 / 0.0, 0.0 / 0.0}) {
    expect_parts(refusal(rate), {"--resample", "above 0"});
  }
  expect_parts(refusal(1e9), {"256 times"});
  expect_parts(refusal(1.0), {"256 times"});
  expect_parts(refusal(35.0), {"too short"});
  InputOptions rateless;
  rateless.needs_fs = false;
  rateless.resample = 100.0;
  expect_parts(message_of([&] { open_input(path, rateless); }), {"--fs HZ"});
}

}  // namespace
}  // namespace papilio::io
