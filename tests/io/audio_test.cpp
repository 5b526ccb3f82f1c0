// Audio files: integers stay integers, values are those of soundfile, damage is told.
#include "io/audio.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "io/files.h"
#include "io/open.h"

namespace papilio::io {
namespace {

using Rows = std::vector<std::vector<double>>;

std::string refusal(const std::string& name, const std::string& bytes) {
  const TempFolder folder;
  const std::string path = folder.write(name, bytes);
  const std::string message = message_of([&] { drain(*open_signal(path)); });
  expect_parts(message, {"[io] ", name});
  return message;
}

TEST(Audio, SixteenBitsKeepTheirIntegers) {
  const TempFolder folder;
  const std::vector<std::int16_t> values{1, -1, 32767, -32768, 100, -100};
  const auto reader = open_signal(folder.write("x.wav", wav(1, 2, 8000, 16, raw(values))));
  EXPECT_EQ(reader->info().kind, "wav");
  EXPECT_EQ(reader->info().dtype, DType::i16);
  EXPECT_EQ(reader->info().scale, 1.0 / 32768);
  EXPECT_EQ(reader->info().fs, 8000.0);
  EXPECT_EQ(reader->info().samples, 3);
  EXPECT_EQ(reader->info().names, (std::vector<std::string>{"ch0", "ch1"}));
  const Rows expected{{1 / 32768.0, 32767 / 32768.0, 100 / 32768.0},
                      {-1 / 32768.0, -1.0, -100 / 32768.0}};
  EXPECT_EQ(drain(*reader, {2}), expected);
}

TEST(Audio, OtherWidthsAreFullScaleOne) {
  const TempFolder folder;
  const std::string wide = number(1, 3) + number(0xFFFFFF, 3) + number(0x7FFFFF, 3);
  const double unit = 1.0 / 8388608;
  const auto three = open_signal(folder.write("a.wav", wav(1, 1, 8000, 24, wide)));
  EXPECT_EQ(three->info().dtype, DType::i32);
  EXPECT_EQ(drain(*three)[0], (std::vector<double>{unit, -unit, 8388607 * unit}));
  const std::vector<std::int32_t> four{1, -2147483647 - 1};
  EXPECT_EQ(drain(*open_signal(folder.write("b.wav", wav(1, 1, 8000, 32, raw(four)))))[0],
            (std::vector<double>{1.0 / 2147483648.0, -1.0}));
  EXPECT_EQ(drain(*open_signal(
                folder.write("c.wav", wav(1, 1, 8000, 8, "\x80\xff\x00\x81" + std::string()))))[0]
                .front(),
            0.0);
  const std::vector<float> floats{0.25F, -1.5F};
  const auto real = open_signal(folder.write("d.wav", wav(3, 1, 8000, 32, raw(floats))));
  EXPECT_EQ(real->info().dtype, DType::f32);
  EXPECT_EQ(drain(*real)[0], (std::vector<double>{0.25, -1.5}));
  const std::vector<double> doubles{0.1, -1e300};
  const auto exact = open_signal(folder.write("e.wav", wav(3, 1, 8000, 64, raw(doubles))));
  EXPECT_EQ(exact->info().dtype, DType::f64);
  EXPECT_EQ(drain(*exact)[0], doubles);
}

// A second of a chirp-like signal in two channels.
std::vector<short> sound() {
  std::vector<short> values(2 * 8000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<short>(12000 * std::sin(1e-4 * static_cast<double>(i * i % 62832)));
  }
  return values;
}

std::string encode(const TempFolder& folder, const std::string& name, int format) {
  SF_INFO facts{};
  facts.samplerate = 8000;
  facts.channels = 2;
  facts.format = format;
  SNDFILE* file = sf_open((folder / name).c_str(), SFM_WRITE, &facts);
  EXPECT_NE(file, nullptr) << sf_strerror(nullptr);
  const std::vector<short> values = sound();
  sf_writef_short(file, values.data(), static_cast<sf_count_t>(values.size() / 2));
  sf_close(file);
  return folder / name;
}

struct Format {
  const char* name;
  int code;
  DType dtype;
  const char* kind;
};
const Format kFormats[] = {
    {"x.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, DType::i16, "wav"},
    {"ex.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, DType::i32, "wav"},
    {"64.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, DType::i16, "wav"},
    {"be.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, DType::i16, "wav"},
    {"x.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, DType::i16, "flac"},
    {"24.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, DType::i32, "flac"},
    {"x.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, DType::f32, "ogg"},
    {"x.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, DType::i16, "aiff"},
};

TEST(Audio, EveryFormatInChunksOfAnySize) {
  const TempFolder folder;
  const std::vector<short> values = sound();
  for (const Format& format : kFormats) {
    const std::string path = encode(folder, format.name, format.code);
    const auto whole = open_signal(path);
    EXPECT_EQ(whole->info().kind, format.kind) << format.name;
    EXPECT_EQ(whole->info().dtype, format.dtype) << format.name;
    EXPECT_EQ(whole->info().samples, 8000) << format.name;
    const Rows rows = drain(*whole, {8000});
    if (format.dtype != DType::f32) {
      for (std::size_t i = 0; i < 8000; ++i) {
        ASSERT_EQ(rows[1][i], values[2 * i + 1] / 32768.0) << format.name << " " << i;
      }
    }
    for (const std::vector<std::int64_t>& chunks :
         {std::vector<std::int64_t>{1}, {333}, {1, 4096, 77}}) {
      EXPECT_EQ(drain(*open_signal(path), chunks), rows) << format.name;
    }
    whole->seek(5000);
    const Rows tail = drain(*whole, {501});
    EXPECT_EQ(tail[0], std::vector<double>(rows[0].begin() + 5000, rows[0].end())) << format.name;
  }
}

TEST(Audio, DamageIsToldWithItsPosition) {
  const TempFolder folder;
  const std::string path = encode(folder, "x.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // What lies behind three quarters of the file is noise: frames before it decode.
  for (std::size_t i = bytes.size() * 3 / 4; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(i * 73 % 251);
  }
  const std::string message = refusal("y.flac", bytes);
  const std::string told = "decoding stopped after sample ";
  ASSERT_NE(message.find(told), std::string::npos) << message;
  const int sample = std::stoi(message.substr(message.find(told) + told.size()));
  EXPECT_GT(sample, 2000) << message;
  EXPECT_LT(sample, 8000) << message;
}

TEST(Audio, FilesCutShortAreRefusedInEveryFormat) {
  const TempFolder folder;
  for (const Format& format : kFormats) {
    const std::string bytes = slurp(encode(folder, format.name, format.code));
    for (const double part : {0.9, 0.5}) {
      const auto length = static_cast<std::size_t>(part * static_cast<double>(bytes.size()));
      expect_parts(refusal(format.name, bytes.substr(0, length)), {"truncated"});
    }
    refusal(format.name, bytes.substr(0, 30));
  }
}

TEST(Audio, OneMissingByteIsNoticed) {
  const std::string bytes = wav(1, 1, 8000, 16, raw(std::vector<std::int16_t>(100)));
  expect_parts(refusal("x.wav", bytes.substr(0, bytes.size() - 1)),
               {"truncated", "200 bytes", "199"});
}

TEST(Audio, HeadersNeverFinishedRunToTheEnd) {
  const TempFolder folder;
  const std::string data = raw(std::vector<std::int16_t>{1, 2, 3, 4});
  std::string streamed = wav(1, 1, 8000, 16, data);
  streamed.replace(4, 4, number(0xFFFFFFFF, 4));
  streamed.replace(40, 4, number(0xFFFFFFFF, 4));
  EXPECT_EQ(open_signal(folder.write("a.wav", streamed))->info().samples, 4);
  std::string piped = wav(1, 1, 8000, 16, data);
  piped.replace(4, 4, number(0x7FFFF024, 4));
  piped.replace(40, 4, number(0x7FFFF000, 4));
  EXPECT_EQ(open_signal(folder.write("b.wav", piped))->info().samples, 4);
}

TEST(Audio, ChunksAfterAndBeforeTheSamplesDoNotDisturb) {
  const TempFolder folder;
  const std::string data = raw(std::vector<std::int16_t>{1, 2, 3});
  std::string bytes = wav(1, 1, 8000, 16, data);
  bytes.insert(12, "LIST" + number(5, 4) + "junk!" + std::string(1, '\0'));
  bytes += "LIST" + number(4, 4) + "tail";
  bytes.replace(4, 4, number(bytes.size() - 8, 4));
  EXPECT_EQ(open_signal(folder.write("a.wav", bytes))->info().samples, 3);
}

TEST(Audio, WhatIsNoSoundSaysWhatToGive) {
  expect_parts(refusal("x.wav", "this is a text, not a sound, and it is long enough to look at"),
               {"not a readable audio file", ".csv"});
  expect_parts(refusal("noise.bin", std::string(500, 'Q')), {"not a readable audio file"});
  refusal("x.wav", "RIFF");
  refusal("x.wav", "RIFF" + number(4, 4) + "WAVE");
  refusal("x.wav", wav(1, 0, 8000, 16, "abcd"));
  expect_parts(refusal("x.wav", wav(1, 1, 8000, 16, "")), {"no samples"});
  const TempFolder folder;
  expect_parts(refusal("x.au", slurp(encode(folder, "x.au", SF_FORMAT_AU | SF_FORMAT_PCM_16))),
               {"convert it to wav or flac"});
}

}  // namespace
}  // namespace papilio::io
