// Which reader a path gets, paths that cannot be read, and the rules of the sample rate.
#include "io/open.h"

#include <sys/stat.h>

#include "io/files.h"

namespace papilio::io {
namespace {

TEST(Open, PathsThatCannotBeRead) {
  const TempFolder folder;
  const auto refusal = [&](const std::string& path) {
    return message_of([&] { open_signal(path); });
  };
  for (const char* name : {"none.wav", "none.npy", "none.csv"}) {
    expect_parts(refusal(folder / name), {"[io]", name, "no such file"});
  }
  for (const char* name : {"e.wav", "e.npy", "e.csv", "e"}) {
    expect_parts(refusal(folder.write(name, "")), {"[io]", name, "empty"});
  }
  expect_parts(refusal(folder.path().string()), {"folder"});
  expect_parts(refusal(""), {"empty"});
  const std::string pipe = folder / "pipe.npy";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_parts(refusal(pipe), {"not a regular file"});
  expect_parts(refusal(folder.write("x.npz", "PK")), {".npy"});
}

TEST(Open, ContentDecidesWhereTheEndingDoesNot) {
  const TempFolder folder;
  const std::string array = npy_of("<f4", false, "(2,)", raw(std::vector<float>{1, 2}));
  EXPECT_EQ(open_signal(folder.write("array.dat", array))->info().kind, "npy");
  EXPECT_EQ(open_signal(folder.write("array", array))->info().kind, "npy");
  EXPECT_EQ(open_signal(folder.write("X.CSV", "1,2\n"))->info().kind, "csv");
  EXPECT_EQ(open_signal(folder.write("x.tsv", "1\t2\n"))->info().rows, 2);
  const std::string sound = wav(1, 1, 8000, 16, "abcd");
  EXPECT_EQ(open_signal(folder.write("sound.bin", sound))->info().kind, "wav");
}

SignalInfo stated(std::optional<double> fs, const std::string& kind) {
  SignalInfo info;
  info.path = "x." + kind;
  info.kind = kind;
  info.fs = fs;
  return info;
}

TEST(Rate, FilesAreBelievedAndOthersNeedFs) {
  EXPECT_EQ(resolve_rate(stated(48000.0, "wav"), {}, false, true), 48000.0);
  EXPECT_EQ(resolve_rate(stated(48000.0, "wav"), 48000.0, false, true), 48000.0);
  EXPECT_EQ(resolve_rate(stated({}, "npy"), 250.0, false, true), 250.0);
  EXPECT_EQ(resolve_rate(stated({}, "npy"), {}, false, false), std::nullopt);
  expect_parts(message_of([] { resolve_rate(stated({}, "npy"), {}, false, true); }),
               {"[io] x.npy", "give --fs HZ (--fs 1 for cycles per sample)"});
}

TEST(Rate, ConflictIsAnErrorUnlessForced) {
  expect_parts(message_of([] { resolve_rate(stated(48000.0, "wav"), 44100.0, false, true); }),
               {"48000", "44100", "--force-fs"});
  EXPECT_EQ(resolve_rate(stated(48000.0, "wav"), 44100.0, true, true), 44100.0);
  EXPECT_EQ(resolve_rate(stated(250.01, "csv"), 250.0, false, true), 250.0);
  message_of([] { resolve_rate(stated(250.01, "wav"), 250.0, false, true); });
}

TEST(Rate, AbsurdRatesAreRefused) {
  for (const double rate : {0.0, -1.0, 1.0 / 0.0, 0.0 / 0.0}) {
    expect_parts(message_of([&] { resolve_rate(stated({}, "npy"), rate, true, true); }), {"--fs"});
  }
}

}  // namespace
}  // namespace papilio::io
