// .npy files that lie: each is a UserError that names the file and what is wrong, never a crash,
// never a pickle.
#include "io/files.h"
#include "io/open.h"

namespace papilio::io {
namespace {

std::string refusal(const std::string& bytes) {
  const TempFolder folder;
  const std::string path = folder.write("x.npy", bytes);
  const std::string message = message_of([&] { drain(*open_signal(path)); });
  expect_parts(message, {"[io] ", "x.npy"});
  return message;
}

std::string header(const std::string& literal) { return npy(literal, std::string(64, '\0')); }

std::string shaped(const std::string& shape) {
  return npy_of("<f4", false, shape, std::string(64, '\0'));
}

TEST(NpyHostile, ShapesThatNoFileCanHold) {
  expect_parts(refusal(shaped("(9223372036854775807, 2)")), {"too large"});
  expect_parts(refusal(shaped("(4611686018427387904, 4611686018427387904, 0)")), {"too large"});
  expect_parts(refusal(shaped("(99999999999999999999999,)")), {"64 bits"});
  expect_parts(refusal(shaped("(-1, 4)")), {"negative"});
  expect_parts(refusal(shaped("(1000000,)")), {"truncated", "4000000", "64"});
  std::string many = "(";
  for (int i = 0; i < 70; ++i) many += "1, ";
  expect_parts(refusal(shaped(many + ")")), {"64 axes"});
}

TEST(NpyHostile, ArraysWithoutSamples) {
  expect_parts(refusal(shaped("()")), {"single number"});
  expect_parts(refusal(shaped("(0,)")), {"no samples"});
  expect_parts(refusal(shaped("(0, 4)")), {"no samples", "0 rows"});
  expect_parts(refusal(shaped("(4, 0)")), {"no samples"});
  // Strides of axes that hold nothing are not multiplied further than the header's own check.
  const std::string long_axes = "(2, 1, 2555, 55, 5555, 55, 5555553, 0)";
  expect_parts(refusal(npy_of("<f8", true, long_axes, "")), {"no samples"});
}

TEST(NpyHostile, HeadersThatAreNoDictionary) {
  for (const char* literal :
       {"", "{", "[]", "None", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} tail",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4x', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}"}) {
    expect_parts(refusal(header(literal)), {"damaged .npy header", "numpy.save"});
  }
}

TEST(NpyHostile, ControlCharactersDoNotCutTheMessage) {
  const std::string nul("f\0\n4", 4);
  expect_parts(refusal(npy_of("<" + nul, false, "(4,)", "")),
               {"descr '<f??4' is no numpy type", "numpy.save"});
  expect_parts(refusal(header("{'" + nul + "': 1}")), {"unknown key 'f??4'", "numpy.save"});
}

TEST(NpyHostile, PreamblesThatLie) {
  const std::string good = shaped("(4,)");
  expect_parts(refusal("NUMPY but not really"), {"not an .npy file"});
  expect_parts(refusal(good.substr(0, 7)), {"not an .npy file"});
  std::string version = good;
  version[6] = 9;
  expect_parts(refusal(version), {"version 9"});
  std::string length = good;
  length[8] = length[9] = static_cast<char>(0xFF);
  expect_parts(refusal(length), {"longer than the file"});
  expect_parts(refusal(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12) + "{}"),
               {"longer than 65536"});
  expect_parts(refusal(good.substr(0, good.size() - 60)), {"truncated", "16 bytes"});
}

TEST(NpyHostile, TypesThatAreNotReadNameTheConversion) {
  const auto of = [](const std::string& descr) {
    return refusal(npy_of(descr, false, "(2,)", std::string(64, '\0')));
  };
  expect_parts(of("<f2"), {"float16", "astype('float32')"});
  expect_parts(of("<i8"), {"int64", "astype('float64')"});
  expect_parts(of("<u4"), {"uint32", "astype('float64')"});
  expect_parts(of("<u8"), {"uint64", "astype('float64')"});
  expect_parts(of("<f16"), {"float128", "astype('float64')"});
  expect_parts(of("|b1"), {"bool", "astype('uint8')"});
  expect_parts(of("<U3"), {"text", "array of numbers"});
  expect_parts(of("|S3"), {"text"});
  expect_parts(of("<M8[ns]"), {"dates"});
  expect_parts(of("|O"), {"pickled Python objects", "never loads"});
  expect_parts(refusal(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}")),
               {"structured array", "x['field']"});
}

TEST(NpyHostile, VersionsTwoAndThreeAreRead) {
  const TempFolder folder;
  const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
  for (const char version : {'\x02', '\x03'}) {
    const std::string bytes = std::string("\x93NUMPY") + version + '\0' + number(text.size(), 4) +
                              text + raw(std::vector<float>{1, 2});
    EXPECT_EQ(drain(*open_signal(folder.write("x.npy", bytes)))[0], (std::vector<double>{1, 2}));
  }
}

}  // namespace
}  // namespace papilio::io
