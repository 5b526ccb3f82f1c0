// The public reader: whole files and chunks give the same samples, scaled as audio is.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "papilio/error.h"
#include "papilio/io.h"

namespace papilio::io {
namespace {

void put(std::ofstream& file, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) file.put(static_cast<char>(value >> (8 * i) & 255U));
}

/// A 16-bit stereo wav at 8000 Hz; left counts up, right counts down.
std::string stereo_wav(std::uint32_t samples) {
  const std::string path = ::testing::TempDir() + "papilio_signal_file.wav";
  std::ofstream file(path, std::ios::binary);
  file << "RIFF";
  put(file, 36 + 4 * samples, 4);
  file << "WAVEfmt ";
  put(file, 16, 4);
  put(file, 1, 2);
  put(file, 2, 2);
  put(file, 8000, 4);
  put(file, 32000, 4);
  put(file, 4, 2);
  put(file, 16, 2);
  file << "data";
  put(file, 4 * samples, 4);
  for (std::uint32_t i = 0; i < samples; ++i) {
    put(file, i, 2);
    put(file, 0xFFFFU - i, 2);
  }
  return path;
}

TEST(SignalFile, LoadsAWholeFileScaledToOne) {
  const Signal<float> signal = load<float>(stereo_wav(1000));
  EXPECT_EQ(signal.shape, (std::array<std::int64_t, 2>{2, 1000}));
  EXPECT_EQ(signal.facts.fs, 8000.0);
  EXPECT_EQ(signal.facts.dtype, DType::i16);
  EXPECT_EQ(signal.data[999], 999.0F / 32768.0F);
  EXPECT_EQ(signal.data[1000 + 10], -11.0F / 32768.0F);
  EXPECT_EQ(signal.view().samples(), 1000);
}

TEST(SignalFile, ChunksOfAnySizeGiveTheSameSamples) {
  const std::string path = stereo_wav(500);
  const Signal<double> whole = load<double>(path, {.start = 0.01, .resample = 6000.0});
  SignalFile<double> file(path, {.start = 0.01, .resample = 6000.0});
  std::vector<double> chunk(2 * 7);
  std::int64_t at = 0;
  while (const std::int64_t got = file.read(View<double>(chunk.data(), 2, 7))) {
    for (std::int64_t row = 0; row < 2; ++row) {
      for (std::int64_t i = 0; i < got; ++i) {
        EXPECT_EQ(chunk[static_cast<std::size_t>(row * 7 + i)],
                  whole.data[static_cast<std::size_t>(row * whole.shape[1] + at + i)]);
      }
    }
    at += got;
  }
  EXPECT_EQ(at, whole.shape[1]);
  EXPECT_GT(at, 300);
}

TEST(SignalFile, RefusesMemoryOfAnotherShapeAndMissingFiles) {
  SignalFile<float> file(stereo_wav(10));
  std::vector<float> one(10);
  EXPECT_THROW(file.read(View<float>(one.data(), 1, 10)), UserError);
  EXPECT_THROW(load<float>("/no/such/file.wav"), UserError);
}

}  // namespace
}  // namespace papilio::io
