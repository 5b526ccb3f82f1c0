// .safetensors files that lie: each is a UserError that names the file, the tensor and what is
// wrong, never a crash, never memory by a number of the file.
#include <random>

#include "io/safetensors.h"
#include "io/safetensors_files.h"

namespace papilio::io {
namespace {

Safetensors parse(const std::string& bytes) {
  return parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "x.safetensors");
}

std::string refusal(const std::string& bytes) {
  const std::string message = message_of([&] { parse(bytes); });
  expect_parts(message, {"[safetensors] x.safetensors: ", "; "});
  return message;
}

// The header's braces are added; eight bytes of data.
std::string headed(const std::string& inside) {
  return refusal(safetensors_of("{" + inside + "}", 8));
}

std::string good_file() {
  Safetensors contents;
  contents.metadata = {{"kind", "test"}};
  const std::vector<float> floats{1.0F, 2.0F, 3.0F};
  const std::vector<std::uint8_t> bytes{7, 8};
  contents.tensors.push_back(make_tensor<float>("floats", {3}, floats));
  contents.tensors.push_back(make_tensor<std::uint8_t>("bytes", {2, 1}, bytes));
  contents.tensors.push_back(make_tensor<float>("none", {0}, {}));
  std::string file;
  write_safetensors(contents, [&](std::string_view part) { file += part; });
  return file;
}

TEST(SafetensorsHostile, LengthsThatLie) {
  expect_parts(refusal(""), {"no .safetensors file (it has 0 bytes"});
  expect_parts(refusal(number(2, 7)), {"no .safetensors file (it has 7 bytes"});
  expect_parts(refusal(number(100'000'001, 8) + "{}"), {"a header of 100000001 bytes"});
  expect_parts(refusal(number(~std::uint64_t{0}, 8) + "{}"), {"of 18446744073709551615 bytes"});
  expect_parts(refusal(number(3, 8) + "{}"),
               {"is truncated: its header has 3 bytes, 2 are there; copy or write it again"});
  expect_parts(refusal(number(0, 8)), {"does not begin with '{'"});
}

TEST(SafetensorsHostile, HeadersThatAreNoJson) {
  for (const char* text :
       {"{", "{]", "{\"a\"}", "{}x", "{} {}", "{\"a\":1e999}", "{\"\xff\":{}}", "{\"\\ud800\":{}}",
        "{\"__metadata__\":{\"a\":nan}}", "{\"__metadata__\":{\"a\":\"b\",}}", "{/**/}", "{\"a"}) {
    SCOPED_TRACE(text);
    expect_parts(refusal(safetensors_of(text, 0)),
                 {"is not valid JSON (at byte", "write it again with save_file"});
  }
  expect_parts(refusal(safetensors_of("[]", 0)), {"does not begin with '{'"});
  expect_parts(refusal(safetensors_of(" {}", 0)), {"does not begin with '{'"});
  expect_parts(refusal(safetensors_of("\xEF\xBB\xBF{}", 0)), {"does not begin with '{'"});
  expect_parts(refusal(safetensors_of(std::string("{}\0 hidden", 10), 0)), {"NUL byte"});
}

TEST(SafetensorsHostile, DeepNestingIsRefusedAtItsFirstLevel) {
  const std::string deep = "{\"a\":" + std::string(1'000'000, '[');
  expect_parts(refusal(safetensors_of(deep, 0)), {"tensor 'a': must be an object of dtype"});
  std::string objects = "{";
  for (int i = 0; i < 100'000; ++i) objects += "\"a\":{";
  expect_parts(refusal(safetensors_of(objects, 0)), {"tensor 'a': key 'a' is unknown"});
}

TEST(SafetensorsHostile, KeysThatStandTwice) {
  const std::string a = entry_of("a", "F32", "[1]", "[0,4]");
  expect_parts(headed(a + "," + entry_of("a", "F32", "[1]", "[4,8]")),
               {"'a' stands twice in the header"});
  expect_parts(headed(a + "," + entry_of("\\u0061", "F32", "[1]", "[4,8]")),
               {"'a' stands twice in the header"});
  expect_parts(headed("\"__metadata__\":{},\"__metadata__\":{}"),
               {"'__metadata__' stands twice in the header"});
  expect_parts(headed(R"("__metadata__":{"k":"1","k":"2"})"), {"metadata key 'k' stands twice"});
  expect_parts(headed(R"("a":{"dtype":"F32","dtype":"F32"})"), {"tensor 'a': dtype stands twice"});
}

TEST(SafetensorsHostile, MetadataThatAreNoStrings) {
  for (const char* value : {"1", "-1", "1.5", "null", "true", "[]", "{}", "\"x\""}) {
    SCOPED_TRACE(value);
    if (value != std::string("{}")) {
      expect_parts(headed(std::string("\"__metadata__\":") + value),
                   {"__metadata__ must be an object of strings"});
    }
    if (value != std::string("\"x\"")) {
      expect_parts(headed(std::string("\"__metadata__\":{\"k\":") + value + "}"),
                   {"metadata 'k' must be a string"});
    }
  }
}

TEST(SafetensorsHostile, EntriesOfAWrongForm) {
  for (const char* value : {"1", "null", "\"F32\"", "[]", "false", "-2", "0.5"}) {
    expect_parts(headed(std::string("\"a\":") + value),
                 {"tensor 'a': must be an object of dtype, shape and data_offsets"});
  }
  expect_parts(headed("\"a\":{}"), {"'a': dtype, shape and data_offsets must all be there"});
  expect_parts(headed(R"("a":{"dtype":"F32","shape":[]})"), {"must all be there"});
  expect_parts(headed(R"("a":{"dtype":"F32","strides":[]})"), {"'a': key 'strides' is unknown"});
  expect_parts(headed(entry_of("a", "F80", "[1]", "[0,8]")), {"'a': dtype 'F80' is unknown"});
  expect_parts(headed(entry_of("a", "", "[1]", "[0,8]")), {"'a': dtype '' is unknown"});
  for (const char* value : {"1", "null", "[]", "[0,8]", "{}", "true"}) {
    expect_parts(headed(std::string(R"("a":{"dtype":)") + value),
                 {"tensor 'a': dtype must be a string"});
  }
  for (const char* shape : {"8", "\"8\"", "null", "{}", "[-1]", "[-0]", "[1.0]", "[1e2]", "[null]",
                            "[[8]]", "[\"8\"]", "[true]", "[18446744073709551616]", "[{}]"}) {
    SCOPED_TRACE(shape);
    expect_parts(headed(entry_of("a", "U8", shape, "[0,8]")),
                 {"tensor 'a': shape must be a list of whole numbers from 0 up"});
  }
  for (const char* offsets : {"8", "[]", "[8]", "[0,4,8]", "[0,-8]", "[0,8.0]", "[\"0\",8]",
                              "[[0,8]]", "{}", "[0,null]", "null"}) {
    SCOPED_TRACE(offsets);
    expect_parts(headed(entry_of("a", "U8", "[8]", offsets)),
                 {"tensor 'a': data_offsets must be two whole numbers from 0 up"});
  }
}

TEST(SafetensorsHostile, ShapesThatNoFileCanHold) {
  const auto shaped = [](const std::string& shape, const char* dtype = "U8") {
    return headed(entry_of("a", dtype, shape, "[0,8]"));
  };
  const std::string too_large = "tensor 'a': its shape is too large for any file";
  expect_parts(shaped("[9223372036854775808]"), {too_large});
  expect_parts(shaped("[18446744073709551615]"), {too_large});
  expect_parts(shaped("[9223372036854775807,2]"), {too_large});
  // 2^32 x 2^32 = 0 for those who multiply blindly, and 2^61 + 1 elements of 8 bytes are 8 bytes.
  expect_parts(shaped("[4294967296,4294967296,8]"), {too_large});
  expect_parts(shaped("[2305843009213693953]", "F64"), {too_large});
  expect_parts(shaped("[4611686018427387904,4611686018427387904,0]"), {too_large});
  expect_parts(shaped("[3]", "F4"), {"ends inside a byte"});
  std::string many = "[1";
  for (int i = 0; i < 64; ++i) many += ",1";
  expect_parts(shaped(many + "]"), {"more than 64 axes"});
}

TEST(SafetensorsHostile, OffsetsThatDoNotFit) {
  expect_parts(headed(entry_of("a", "F32", "[2]", "[8,0]")), {"'a': data_offsets end before"});
  expect_parts(headed(entry_of("a", "F32", "[1]", "[0,8]")),
               {"'a': its shape and dtype F32 need 4 bytes, its data_offsets hold 8 bytes"});
  expect_parts(headed(entry_of("a", "F32", "[]", "[0,0]")), {"need 4 bytes", "hold 0 bytes"});
  expect_parts(headed(entry_of("a", "F32", "[4]", "[0,16]")),
               {"'a': is truncated: it ends at byte 16 of the data, of which 8 bytes are there"});
  expect_parts(headed(entry_of("a", "U8", "[8]", "[18446744073709551607,18446744073709551615]")),
               {"'a': is truncated"});
  expect_parts(headed(entry_of("a", "U8", "[4]", "[4,8]")),
               {"'a': 4 bytes before it belong to no tensor"});
  expect_parts(headed(entry_of("a", "U8", "[4]", "[0,4]")),
               {"4 bytes after the last tensor belong to none"});
  expect_parts(headed(""), {"8 bytes after the last tensor belong to none"});
}

TEST(SafetensorsHostile, TensorsThatOverlapOrLeaveHoles) {
  const std::string a = entry_of("a", "U8", "[4]", "[0,4]") + ",";
  expect_parts(headed(a + entry_of("b", "U8", "[5]", "[3,8]")),
               {"tensor 'b': overlaps the tensor before it by 1 bytes"});
  expect_parts(headed(a + entry_of("b", "U8", "[4]", "[0,4]")), {"'b': overlaps", "4 bytes"});
  expect_parts(headed(a + entry_of("b", "U8", "[3]", "[5,8]")), {"'b': 1 bytes before it"});
  // Nothing at all may lie between tensors, not inside them.
  const std::string b = "," + entry_of("b", "U8", "[4]", "[4,8]");
  EXPECT_EQ(parse(safetensors_of("{" + a + entry_of("n", "U8", "[0]", "[4,4]") + b + "}", 8))
                .tensors.size(),
            3U);
  expect_parts(headed(a + entry_of("n", "U8", "[0]", "[2,2]") + b),
               {"'n': overlaps the tensor before it by 2 bytes"});
}

TEST(SafetensorsHostile, NamesDoNotCutOrFloodTheMessage) {
  const std::string message =
      headed("\"a\\u0000\\n" + std::string(1000, 'y') + "\":{\"dtype\":\"F32\"}");
  expect_parts(message, {"tensor 'a??yyyy", "y...': dtype, shape and data_offsets", "save_file"});
  EXPECT_LT(message.size(), 250U);
}

TEST(SafetensorsHostile, TruncationAtEveryByteIsRefused) {
  const std::string file = good_file();
  EXPECT_EQ(parse(file).tensors.size(), 3U);
  for (std::size_t length = 0; length < file.size(); ++length) {
    SCOPED_TRACE(length);
    const std::string message = refusal(file.substr(0, length));
    expect_parts(message, {length < 8 ? "no .safetensors file" : "is truncated"});
  }
  expect_parts(refusal(file + '\0'), {"1 bytes after the last tensor"});
}

TEST(SafetensorsHostile, FlippedBytesAreRefusedOrReadWhole) {
  const std::string file = good_file();
  std::mt19937 random(1);
  int refused = 0;
  for (int turn = 0; turn < 5000; ++turn) {
    std::string bytes = file;
    for (int flips = 1 + turn % 3; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    try {
      std::size_t held = 0;
      for (const NamedTensor& tensor : parse(bytes).tensors) {
        held += tensor.bytes.size();
        EXPECT_EQ(tensor_bytes(tensor.type, tensor.shape),
                  static_cast<std::int64_t>(tensor.bytes.size()));
      }
      EXPECT_EQ(held, 14U);
    } catch (const UserError&) {
      ++refused;
    }
  }
  // Most of the file is header, and most of the header is no free text.
  EXPECT_GT(refused, 2500);
  EXPECT_LT(refused, 5000);
}

TEST(SafetensorsHostile, PathsThatAreNoFiles) {
  const TempFolder folder;
  expect_parts(message_of([&] { read_safetensors(folder / "none"); }), {"no such file"});
  expect_parts(message_of([&] { read_safetensors(folder.path()); }), {"is a folder"});
  const std::string path = folder.write("x.safetensors", good_file().substr(0, 30));
  expect_parts(message_of([&] { read_safetensors(path); }),
               {"[safetensors] " + path + ": is truncated"});
}

}  // namespace
}  // namespace papilio::io
