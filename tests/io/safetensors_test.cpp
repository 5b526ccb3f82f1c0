// .safetensors written and read back: the same bits, one canonical file, nothing left behind by a
// write that fails.
#include "io/safetensors.h"

#include <limits>

#include "io/files.h"
#include "io/safetensors_files.h"

namespace papilio::io {
namespace {

template <typename T>
NamedTensor tensor_of(const std::string& name, std::vector<std::int64_t> shape,
                      const std::vector<T>& values) {
  return make_tensor<T>(name, std::move(shape), values);
}

std::string written(const Safetensors& contents) {
  std::string bytes;
  write_safetensors(contents, [&](std::string_view part) { bytes += part; });
  return bytes;
}

std::span<const std::byte> view(const std::string& bytes) {
  return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void expect_same(const Safetensors& got, const Safetensors& want) {
  EXPECT_EQ(got.metadata, want.metadata);
  ASSERT_EQ(got.tensors.size(), want.tensors.size());
  for (const NamedTensor& tensor : want.tensors) {
    SCOPED_TRACE(tensor.name);
    const NamedTensor& twin = got.at(tensor.name);
    EXPECT_EQ(twin.type, tensor.type);
    EXPECT_EQ(twin.shape, tensor.shape);
    EXPECT_EQ(text_of(twin.bytes), text_of(tensor.bytes));
  }
}

// NaNs with a payload, signed zeros and subnormal numbers are bits like any others.
Safetensors every_value() {
  Safetensors contents;
  contents.path = "every.safetensors";
  contents.metadata = {
      {"kind", "test"}, {"", "empty key"}, {"quotes", "\"\\\n\t\x01 \u00e9\u20ac"}};
  const auto nan32 = std::bit_cast<float>(0x7FC12345U);
  const auto nan64 = std::bit_cast<double>(0xFFF8000000001234U);
  contents.tensors.push_back(
      tensor_of<float>("float", {2, 3}, {1.5F, -0.0F, nan32, 1e-45F, 3e38F, -1.0F}));
  contents.tensors.push_back(tensor_of<double>("double", {3}, {nan64, 5e-324, -0.0}));
  contents.tensors.push_back(tensor_of<std::int8_t>("byte", {3}, {-128, 0, 127}));
  contents.tensors.push_back(tensor_of<std::uint8_t>("octet", {1, 1, 2}, {0, 255}));
  contents.tensors.push_back(tensor_of<std::int32_t>("int", {1}, {-2147483647}));
  contents.tensors.push_back(
      tensor_of<std::int64_t>("long", {}, {std::numeric_limits<std::int64_t>::min()}));
  contents.tensors.push_back(tensor_of<double>("nothing", {4, 0, 2}, {}));
  contents.tensors.push_back(tensor_of<float>("\u00fc \"name\"", {1}, {2.0F}));
  return contents;
}

TEST(Safetensors, RoundTripKeepsEveryBit) {
  const TempFolder folder;
  const std::string path = folder / "every.safetensors";
  const Safetensors contents = every_value();
  write_safetensors(contents, path);
  const Safetensors read = read_safetensors(path);
  expect_same(read, contents);
  EXPECT_EQ(read.path, path);
  EXPECT_EQ(written(read), slurp(path));
  EXPECT_EQ(raw(read.values<float>("float")), text_of(contents.at("float").bytes));
  EXPECT_EQ(raw(read.values<double>("double")), text_of(contents.at("double").bytes));
  EXPECT_EQ(read.values<std::int8_t>("byte"), (std::vector<std::int8_t>{-128, 0, 127}));
  EXPECT_EQ(read.values<std::uint8_t>("octet"), (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(read.values<std::int32_t>("int"), std::vector<std::int32_t>{-2147483647});
  EXPECT_EQ(read.values<std::int64_t>("long"),
            std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()});
  EXPECT_TRUE(read.values<double>("nothing").empty());
}

TEST(Safetensors, TensorsOutliveTheFileAndItsName) {
  NamedTensor kept;
  {
    const TempFolder folder;
    write_safetensors(every_value(), folder / "x");
    kept = read_safetensors(folder / "x").at("byte");
  }
  EXPECT_EQ(text_of(kept.bytes), std::string("\x80\x00\x7f", 3));
}

TEST(Safetensors, EveryTypeOfTheFormatIsCopied) {
  Safetensors contents;
  int type = 0;
  for (const auto& [name, bytes] : kTypesAndBytesOfEight) {
    const std::optional<TensorType> known = tensor_type(name);
    ASSERT_TRUE(known) << name;
    EXPECT_EQ(static_cast<int>(*known), type++);
    EXPECT_STREQ(name_of(*known), name);
    const auto size = static_cast<std::size_t>(bytes);
    auto data = std::make_shared<std::string>(size, static_cast<char>(type));
    contents.tensors.push_back({std::string("t") + name, *known, {2, 4}, view(*data), data});
  }
  const std::string file = written(contents);
  expect_same(parse_safetensors(view(file), "x"), contents);
  EXPECT_FALSE(tensor_type("F80"));
  EXPECT_FALSE(tensor_type("f32"));
}

TEST(Safetensors, GoldenBytes) {
  Safetensors contents;
  contents.metadata = {{"n", "2"}};
  contents.tensors.push_back(tensor_of<std::uint8_t>("a", {3}, {1, 2, 3}));
  contents.tensors.push_back(tensor_of<float>("c", {}, {1.0F}));
  contents.tensors.push_back(tensor_of<float>("b", {1, 2}, {0.5F, -2.0F}));
  // Named in order; the floats lie before the bytes, b before c. Four blanks fill it up.
  const std::string header = R"({"__metadata__":{"n":"2"},)"
                             R"("a":{"dtype":"U8","shape":[3],"data_offsets":[12,15]},)"
                             R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                             R"("c":{"dtype":"F32","shape":[],"data_offsets":[8,12]}})"
                             "    ";
  ASSERT_EQ(header.size() % 8, 0U);
  const std::string golden = number(header.size(), 8) + header +
                             std::string("\0\0\0\x3f\0\0\0\xc0\0\0\x80\x3f\x01\x02\x03", 15);
  EXPECT_EQ(written(contents), golden);
  expect_same(parse_safetensors(view(golden), "golden"), contents);
}

TEST(Safetensors, TheOrderOfTensorsDoesNotMatter) {
  Safetensors contents = every_value();
  const std::string file = written(contents);
  std::reverse(contents.tensors.begin(), contents.tensors.end());
  EXPECT_EQ(written(contents), file);
  for (const NamedTensor& tensor : parse_safetensors(view(file), "x").tensors) {
    const auto at = tensor.bytes.data() - view(file).data();
    EXPECT_EQ(8 * at % bits_of(tensor.type), 0) << tensor.name;
  }
}

TEST(Safetensors, FilesWithoutTensors) {
  Safetensors contents;
  EXPECT_EQ(written(contents), number(8, 8) + "{}      ");
  contents.metadata = {{"a", "b"}};
  const std::string file = written(contents);
  expect_same(parse_safetensors(view(file), "x"), contents);
}

TEST(Safetensors, WhatOtherWritersMayDo) {
  // Data in any order and at odd addresses, blanks anywhere in the JSON, keys in any order, escapes
  // in names, empty metadata.
  const std::string header =
      "{ \"b\" :{\"data_offsets\":[1, 5],\n\"shape\":[1],\"dtype\":\"F32\"},"
      "\"\\u0061\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]},\"__metadata__\":{}}\n ";
  const std::string file = number(header.size(), 8) + header + std::string("\xff\0\0\x80\x3f", 5);
  const Safetensors read = parse_safetensors(view(file), "x");
  EXPECT_EQ(read.values<std::int8_t>("a"), std::vector<std::int8_t>{-1});
  EXPECT_EQ(read.values<float>("b"), std::vector<float>{1.0F});
  EXPECT_TRUE(read.metadata.empty());
}

TEST(Safetensors, RealsAreOfEitherWidth) {
  Safetensors contents;
  contents.tensors.push_back(tensor_of<float>("f", {2}, {0.1F, -3.0F}));
  contents.tensors.push_back(tensor_of<double>("d", {1}, {0.1}));
  EXPECT_EQ(contents.reals("f"), (std::vector<double>{0.1F, -3.0}));
  EXPECT_EQ(contents.reals("d"), std::vector<double>{0.1});
}

TEST(Safetensors, WhatIsNotHandedOut) {
  const auto data = std::make_shared<std::string>(16, '\0');
  Safetensors contents;
  contents.path = "m.safetensors";
  contents.tensors.push_back({"half", TensorType::f16, {8}, view(*data), data});
  contents.tensors.push_back({"int", TensorType::i32, {4}, view(*data), data});
  const auto refusal = [&](auto&& body) {
    const std::string message = message_of(body);
    expect_parts(message, {"[safetensors] m.safetensors"});
    return message;
  };
  expect_parts(refusal([&] { contents.values<float>("half"); }),
               {"tensor 'half' holds F16, and F32 is needed; save it as float32"});
  expect_parts(refusal([&] { contents.values<std::int64_t>("int"); }),
               {"tensor 'int' holds I32, and I64 is needed; save it as int64"});
  expect_parts(refusal([&] { contents.reals("int"); }),
               {"holds I32, and F32 or F64 is needed; save it as float32 or float64"});
  expect_parts(refusal([&] { contents.at("halt"); }),
               {"has no tensor 'halt' (it has 'half'); give"});
  expect_parts(refusal([&] { contents.at("else\n"); }), {"has no tensor 'else?'; give"});
  contents.tensors[1].shape = {5};
  EXPECT_THROW(contents.values<std::int32_t>("int"), InternalError);
}

std::string write_refusal(const Safetensors& contents) {
  const TempFolder folder;
  const std::string path = folder.write("old.safetensors", "precious");
  const std::string message = message_of([&] { write_safetensors(contents, path); });
  EXPECT_EQ(slurp(path), "precious");
  EXPECT_EQ(folder.list().size(), 1U);
  expect_parts(message, {"[safetensors] ", "old.safetensors cannot be written: "});
  return message;
}

std::string write_refusal(std::vector<NamedTensor> tensors) {
  Safetensors contents;
  contents.tensors = std::move(tensors);
  return write_refusal(contents);
}

TEST(Safetensors, TensorsThatNoFileCanHold) {
  const NamedTensor good = tensor_of<float>("good", {1}, {1.0F});
  expect_parts(write_refusal({good, tensor_of<double>("good", {1}, {1.0})}),
               {"two tensors are called 'good'; rename one"});
  expect_parts(write_refusal({good, tensor_of<float>("__metadata__", {1}, {1.0F})}),
               {"'__metadata__' has a reserved name; rename it"});
  expect_parts(write_refusal({good, tensor_of<float>("short", {2, 2}, {1.0F})}),
               {"'short' needs 16 bytes for its shape of F32 and has 4; correct"});
  expect_parts(write_refusal({good, tensor_of<float>("less", {-1}, {1.0F})}),
               {"'less' has a shape that no file can hold"});
  const std::int64_t wide = std::int64_t{1} << 62;
  expect_parts(write_refusal({good, tensor_of<float>("wide", {wide, 0, wide}, {})}),
               {"'wide' has a shape that no file can hold"});
  expect_parts(write_refusal({good, tensor_of<float>("\xff\x01", {1}, {1.0F})}),
               {"'\uFFFD?' is not UTF-8; rename it"});
  NamedTensor nibble{"nibble", TensorType::f4, {3}, {}, nullptr};
  expect_parts(write_refusal({good, nibble}), {"'nibble' has a shape that no file can hold"});
}

TEST(Safetensors, MetadataThatNoFileCanHold) {
  Safetensors contents;
  contents.metadata = {{"k\xc3", "v"}};
  expect_parts(write_refusal(contents), {"metadata 'k\uFFFD' is not UTF-8"});
  contents.metadata = {{"k", "v\xc3"}};
  expect_parts(write_refusal(contents), {"the text of metadata 'k'", "is not UTF-8"});
  // Six bytes each in JSON.
  contents.metadata = {{"k", std::string(17'000'000, '\x01')}};
  expect_parts(write_refusal(contents), {"100000000 is the limit; shorten the metadata"});
}

TEST(Safetensors, WritesThroughLinksAndIntoFoldersThatAreThere) {
  const TempFolder folder;
  const std::string file = folder.write("x.safetensors", "old");
  const std::string link = folder / "link";
  std::filesystem::create_symlink("x.safetensors", link);
  write_safetensors(every_value(), link);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(slurp(file), written(every_value()));
  EXPECT_EQ(folder.list().size(), 2U);
  // A file may be read and replaced at once: the mapped one stays what it was.
  const Safetensors read = read_safetensors(link);
  Safetensors next = read;
  next.metadata["step"] = "2";
  write_safetensors(next, link);
  expect_same(read, every_value());
  expect_same(read_safetensors(file), next);
  expect_parts(message_of([&] { write_safetensors(next, folder / "no/x"); }),
               {"[out] ", "does not exist"});
}

}  // namespace
}  // namespace papilio::io
