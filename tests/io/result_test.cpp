// Results as files: round trip through .npz, exact text of CSV and JSON, same result same bytes.
#include "io/result.h"

#include <sys/mman.h>

#include <cstdlib>
#include <limits>

#include "io/crc32.h"
#include "io/files.h"
#include "io/npz.h"

namespace papilio::io {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN();
const double kInf = std::numeric_limits<double>::infinity();

Result psd() {
  Result result;
  result.verb = "psd";
  result.file = "a,b.wav";
  result.axes = {Axis::row, Axis::frequency};
  result.arrays.push_back(own<float>("data", {2, 3}, {0.1F, 2.0F, kNan, 1e-30F, 0.25F, 3.0F}));
  result.arrays.push_back(own<double>("frequencies", {3}, {0.0, 0.1, 4000.0}));
  result.arrays.push_back(texts("names", {"left", "z\xC3\xBC\xF0\x9F\x8E\xB5"}));
  result.arrays.push_back(own<std::int64_t>("count", {2}, {3, -1}));
  result.meta = {{"schema", "papilio.result"}, {"version", 1}, {"fs", 8000.0}, {"nan", kInf}};
  return result;
}

std::string text_of(const Result& result, void (*write)(const Result&, const Sink&)) {
  std::string text;
  write(result, [&](std::string_view bytes) { text += bytes; });
  return text;
}
void csv(const Result& result, const Sink& sink) { write_csv(result, sink); }

TEST(Npz, RoundTripKeepsEveryArray) {
  const std::string bytes = text_of(psd(), write_npz);
  const NpzReader reader(std::as_bytes(std::span(bytes.data(), bytes.size())), "x.npz");
  EXPECT_EQ(reader.names(),
            (std::vector<std::string>{"data", "frequencies", "names", "count", "meta"}));
  EXPECT_EQ(reader.header("data").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(reader.numbers("data")[0], static_cast<double>(0.1F));
  EXPECT_TRUE(std::isnan(reader.numbers("data")[2]));
  EXPECT_EQ(reader.numbers("frequencies"), (std::vector<double>{0.0, 0.1, 4000.0}));
  EXPECT_EQ(reader.numbers("count"), (std::vector<double>{3, -1}));
  EXPECT_EQ(reader.strings("names"),
            (std::vector<std::string>{"left", "z\xC3\xBC\xF0\x9F\x8E\xB5"}));
  EXPECT_EQ(reader.meta()["fs"].get<double>(), 8000.0);
  EXPECT_EQ(reader.meta().begin().key(), "schema");
  EXPECT_TRUE(reader.header("meta").shape.empty());
}

TEST(Npz, SameResultSameBytes) { EXPECT_EQ(text_of(psd(), write_npz), text_of(psd(), write_npz)); }

TEST(Npz, ForeignOrDamagedFilesAreRefused) {
  const std::string good = text_of(psd(), write_npz);
  const TempFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    const std::string path = folder.write("x.npz", bytes);
    return message_of([&] { NpzReader(path).meta(); });
  };
  expect_parts(refusal(good.substr(0, good.size() / 2)), {"[io]", "x.npz", "directory"});
  expect_parts(refusal("PK"), {"too short"});
  std::string flipped = good;
  char& bit = flipped[flipped.find("NUMPY") + 20];
  bit = static_cast<char>(bit ^ 1);
  const std::string damaged = folder.write("d.npz", flipped);
  EXPECT_EQ(NpzReader(damaged).meta()["version"].get<int>(), 1);
  expect_parts(message_of([&] { NpzReader(damaged).numbers("data"); }), {"data", "checksum"});
  std::string packed = good;
  packed[packed.find("PK\x01\x02") + 10] = 8;
  expect_parts(refusal(packed), {"compressed"});
  std::string far = good;
  far.replace(far.size() - 6, 4, "\xf0\xff\xff\xff");
  expect_parts(refusal(far), {"cut off"});
  Result bare;
  bare.arrays.push_back(own<float>("data", {1}, {1.0F}));
  const std::string path = folder.write("y.npz", text_of(bare, write_npz));
  expect_parts(message_of([&] { NpzReader(path).numbers("frequencies"); }), {"'frequencies'"});
}

TEST(Npz, TextWithoutWidthIsNoListOfNumbers) {
  Result result;
  result.arrays.push_back(texts("names", {"a"}));
  std::string bytes = text_of(result, write_npz);
  // As many texts as one likes take no byte of the file: the checksum of the header is made right.
  const std::size_t begin = bytes.find("\x93NUMPY"), end = bytes.find("PK", begin);
  const auto sum = [&] {
    return number(crc32(0, std::as_bytes(std::span(bytes).subspan(begin, end - begin))), 4);
  };
  const std::string before = sum();
  const auto put = [&](const std::string& old, const std::string& text) {
    const std::size_t at = bytes.find(old);
    ASSERT_NE(at, std::string::npos) << old;
    bytes.replace(at, text.size(), text);
  };
  put("'<U1'", "'<U0'");
  put("(1,), }           ", "(66666666666666,),}");
  const std::string after = sum();
  put(before, after);
  put(before, after);
  const NpzReader reader(std::as_bytes(std::span(bytes.data(), bytes.size())), "x.npz");
  expect_parts(message_of([&] { reader.numbers("names"); }), {"names", "no real numbers"});
  EXPECT_TRUE(reader.strings("names").empty());
}

TEST(Npz, MembersBeyondFourGigabytesUseZip64) {
  if (std::getenv("PAPILIO_LONG") == nullptr) GTEST_SKIP() << "needs 4 GB of disk: PAPILIO_LONG=1";
  // Untouched pages of an anonymous mapping are zeros that take no memory.
  constexpr std::size_t bytes = (std::size_t{1} << 32) + 64;
  void* zeros = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(zeros, MAP_FAILED);
  Result result;
  result.arrays.push_back(borrow<std::uint8_t>(
      "data", {bytes}, std::span(static_cast<const std::uint8_t*>(zeros), bytes)));
  result.arrays.push_back(own<double>("after", {1}, {7.5}));
  result.meta = {{"fs", 1.0}};
  const TempFolder folder;
  write_result(result, Kind::npz, folder / "x.npz");
  const NpzReader reader(folder / "x.npz");
  EXPECT_EQ(reader.data("data").size(), bytes);
  EXPECT_EQ(reader.numbers("after"), std::vector<double>{7.5});
  EXPECT_EQ(reader.meta()["fs"].get<double>(), 1.0);
  munmap(zeros, bytes);
}

TEST(Npz, InvalidTextBecomesReplacementCharacters) {
  Result result;
  result.arrays.push_back(texts("names", {"\xff\xc0\x80", ""}));
  const std::string bytes = text_of(result, write_npz);
  const NpzReader reader(std::as_bytes(std::span(bytes.data(), bytes.size())), "x");
  EXPECT_EQ(reader.strings("names"),
            (std::vector<std::string>{"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", ""}));
}

TEST(Npy, BareDataIsReadBack) {
  const TempFolder folder;
  const auto reader = open_npy(folder.write("x.npy", text_of(psd(), write_npy)), {});
  EXPECT_EQ(drain(*reader)[1], (std::vector<double>{static_cast<double>(1e-30F), 0.25, 3.0}));
  EXPECT_EQ(text_of(psd(), write_npy).find('\n') % 64, 63u);
}

TEST(Json, HoldsTheSameWithNullForNan) {
  EXPECT_EQ(text_of(psd(), write_json),
            R"({"meta": {"schema": "papilio.result", "version": 1, "fs": 8000.0, "nan": null}, )"
            R"("data": [[0.1, 2.0, null], [1e-30, 0.25, 3.0]], "frequencies": [0.0, 0.1, 4000.0], )"
            "\"names\": [\"left\", \"z\xC3\xBC\xF0\x9F\x8E\xB5\"], \"count\": [3, -1]}");
  Result complex;
  complex.arrays.push_back(own<std::complex<float>>("data", {1, 1}, {{1.5F, -0.0F}}));
  EXPECT_EQ(text_of(complex, write_json), R"({"meta": null, "data": [[[1.5, -0.0]]]})");
}

TEST(Csv, PsdIsTidy) {
  EXPECT_EQ(
      text_of(psd(), csv),
      "file,row,name,time_s,frequency_hz,power\n"
      "\"a,b.wav\",0,left,0,0,0.1\n\"a,b.wav\",0,left,0,0.1,2\n\"a,b.wav\",0,left,0,4000,nan\n"
      "\"a,b.wav\",1,z\xC3\xBC\xF0\x9F\x8E\xB5,0,0,1e-30\n"
      "\"a,b.wav\",1,z\xC3\xBC\xF0\x9F\x8E\xB5,0,0.1,0.25\n"
      "\"a,b.wav\",1,z\xC3\xBC\xF0\x9F\x8E\xB5,0,4000,3\n");
}

TEST(Csv, PeaksHaveOneLinePerSlot) {
  Result result;
  result.verb = "peaks";
  result.file = "x";
  result.axes = {Axis::row, Axis::rank, Axis::field};
  result.arrays.push_back(own<double>(
      "data", {2, 2, 4}, {5, 0.5, 100.25, 0.6, -1, kNan, kNan, kNan, 7, 1, 2, 3, 8, 4, 5, 6}));
  result.arrays.push_back(texts("flags", {"nonfinite 12", ""}));
  EXPECT_EQ(text_of(result, csv),
            "file,row,name,time_s,rank,bin,frequency_hz,power,peak_power,flag\n"
            "x,0,ch0,0,1,5,100.25,0.5,0.6,nonfinite 12\nx,0,ch0,0,2,-1,nan,nan,nan,nonfinite 12\n"
            "x,1,ch1,0,1,7,2,1,3,\nx,1,ch1,0,2,8,5,4,6,\n");
}

TEST(Csv, MelKnowsBothLayoutsAndLeadingAxesAreOneRowNumber) {
  Result result;
  result.verb = "mel";
  result.file = "x";
  result.axes = {Axis::row, Axis::row, Axis::mel, Axis::time};
  result.arrays.push_back(own<float>("data", {1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  result.arrays.push_back(own<double>("mel_frequencies", {2}, {100, 200}));
  result.arrays.push_back(own<double>("times", {2}, {0, 0.01}));
  const std::string text = text_of(result, csv);
  expect_parts(text, {"file,row,name,time_s,mel_frequency_hz,value\nx,0,ch0,0,100,1\n",
                      "x,0,ch0,0.01,100,2\n", "x,1,ch1,0.01,200,8\n"});
  result.axes = {Axis::row, Axis::row, Axis::time, Axis::mel};
  expect_parts(text_of(result, csv), {"x,0,ch0,0,200,2\n", "x,1,ch1,0.01,100,7\n"});
}

TEST(Csv, FftGivesBothParts) {
  Result result;
  result.verb = "fft";
  result.file = "x";
  result.axes = {Axis::row, Axis::bin};
  result.arrays.push_back(own<std::complex<double>>("data", {1, 2}, {{1, 2}, {0.5, -3}}));
  EXPECT_EQ(text_of(result, csv),
            "file,row,name,bin,frequency_hz,re,im\nx,0,ch0,0,,1,2\nx,0,ch0,1,,0.5,-3\n");
  result.axes = {Axis::row, Axis::sample};
  result.arrays[0] = own<float>("data", {1, 2}, {1, 2});
  EXPECT_EQ(text_of(result, csv), "file,row,name,sample,re,im\nx,0,ch0,0,1,0\nx,0,ch0,1,2,0\n");
}

TEST(Csv, CellsThatWouldBreakTheTableAreQuoted) {
  Result result = psd();
  result.arrays[2] = texts("names", {"say \"hi\"\nthere", " blank "});
  expect_parts(text_of(result, csv), {",\"say \"\"hi\"\"\nthere\",0,0,0.1\n", ",\" blank \","});
}

TEST(Csv, InvalidTextBecomesReplacementCharacters) {
  Result result = psd();
  result.file = "a\xFF.wav";
  result.arrays[2] = texts("names", {"\xC3(", "z\xC3\xBC"});
  const std::string text = text_of(result, csv);
  expect_parts(text, {"\na\xEF\xBF\xBD.wav,0,\xEF\xBF\xBD(,", ",1,z\xC3\xBC,"});
  EXPECT_EQ(text.find('\xFF'), std::string::npos);
}

TEST(Kinds, ComeFromTheFlagOrTheEnding) {
  EXPECT_EQ(kind_of("out/x.npz", {}), Kind::npz);
  EXPECT_EQ(kind_of("x.y.csv", {}), Kind::csv);
  EXPECT_EQ(kind_of("x.csv", "json"), Kind::json);
  EXPECT_EQ(kind_of("-", "npy"), Kind::npy);
  expect_parts(message_of([] { kind_of("-", {}); }), {"[out]", "--kind"});
  expect_parts(message_of([] { kind_of("a.b/x", {}); }), {"--kind"});
  expect_parts(message_of([] { kind_of("x.txt", {}); }), {"x.txt", "--kind"});
  expect_parts(message_of([] { kind_of("x", "jsom"); }), {"jsom", "did you mean json?"});
}

TEST(Write, EveryKindAppearsWhole) {
  const TempFolder folder;
  for (const auto& [name, kind] :
       {std::pair{"x.npz", Kind::npz}, std::pair{"x.npy", Kind::npy},
        std::pair{"x.json", Kind::json}, std::pair{"x.csv", Kind::csv}}) {
    write_result(psd(), kind, folder / name);
    EXPECT_FALSE(slurp(folder / name).empty());
  }
  EXPECT_EQ(folder.list().size(), 4u);
  EXPECT_EQ(slurp(folder / "x.csv"), text_of(psd(), csv));
  for (const Kind kind : {Kind::npz, Kind::npy, Kind::json, Kind::csv}) {
    expect_parts(message_of([&] { write_result(psd(), kind, "/dev/full"); }),
                 {"[out] cannot write /dev/full", "No space left on device"});
  }
}

}  // namespace
}  // namespace papilio::io
