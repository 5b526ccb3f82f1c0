// Writes a small corpus of well-formed files, one folder per fuzz target: fuzz_seeds FOLDER.
#include <filesystem>
#include <fstream>
#include <string>

#include "io/npy.h"
#include "io/result.h"
#include "io/safetensors.h"

namespace papilio::io {
namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string chunk(const std::string& id, const std::string& content) {
  return id + number(content.size(), 4) + content;
}

std::string wav() {
  const std::string fmt = number(1, 2) + number(1, 2) + number(8000, 4) + number(16000, 4) +
                          number(2, 2) + number(16, 2);
  return chunk("RIFF", "WAVE" + chunk("fmt ", fmt) + chunk("data", std::string(20, 'x')));
}

std::string ogg_page() { return "OggS" + std::string(22, '\0') + "\x02\x05\x03" + "12345678"; }

std::string npz() {
  Result result;
  result.arrays.push_back(own<double>("data", {1, 2}, {1.0, 2.0}));
  result.arrays.push_back(texts("names", {"left"}));
  result.meta = {{"fs", 8000.0}};
  std::string bytes;
  write_npz(result, [&](std::string_view part) { bytes += part; });
  return bytes;
}

std::string safetensors() {
  const std::vector<float> floats{1.0F, 2.0F};
  const std::vector<std::uint8_t> octets{1, 2, 3};
  Safetensors contents;
  contents.metadata = {{"n", "2"}, {"kind", "seed"}};
  contents.tensors.push_back(make_tensor<float>("stage.0.twiddle", {1, 1, 2}, floats));
  contents.tensors.push_back(make_tensor<std::uint8_t>("octets", {3}, octets));
  contents.tensors.push_back(make_tensor<double>("none", {0, 2}, {}));
  std::string bytes;
  write_safetensors(contents, [&](std::string_view part) { bytes += part; });
  return bytes;
}

void seed(const std::filesystem::path& folder, const std::string& name, const std::string& bytes) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << bytes;
}

void seed_all(const std::filesystem::path& root) {
  const std::vector<std::int64_t> shape{2, 3};
  const std::vector<std::int64_t> cube{2, 2, 2};
  seed(root / "npy", "c.npy", make_npy_header("<f4", shape) + std::string(24, 'a'));
  seed(root / "npy", "big.npy", make_npy_header(">i2", cube) + std::string(16, 'b'));
  std::string fortran = make_npy_header("<f8", cube) + std::string(64, 'c');
  fortran.replace(fortran.find("False"), 5, "True ");
  seed(root / "npy", "f.npy", fortran);
  seed(root / "npz", "x.npz", npz());
  seed(root / "npz", "meta.npy", make_npy_header("<U2", {}) + number('{', 4) + number('}', 4));
  // Two that once brought a reader down: products of extents beside a 0, text of no width.
  const std::vector<std::int64_t> hollow{2, 1, 2555, 55, 5555, 55, 5555553, 0};
  std::string columns = make_npy_header("<f8", hollow);
  columns.replace(columns.find("False"), 5, "True ");
  seed(root / "npy", "hollow.npy", columns);
  const std::vector<std::int64_t> endless{66666666666666};
  seed(root / "npz", "endless.npy", make_npy_header("<U0", endless));
  seed(root / "safetensors", "x.safetensors", safetensors());
  seed(root / "safetensors", "header.json",
       R"({"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"k":"v"}})");
  seed(root / "csv", "time.csv", "time,\"a \"\"b\"\"\",c\n0,1,2\n0.5,nan,-3e-4\n1.0,inf,+7\n");
  seed(root / "csv", "plain.csv", "1;2\r\n3;4\r\n");
  seed(root / "wav", "x.wav", wav());
  seed(root / "wav", "x.ogg", ogg_page());
  seed(root / "json", "x.json", R"({"a": [1, 2.5, -3e8, null], "b": {"c": "\u00e9", "d": true}})");
}

}  // namespace
}  // namespace papilio::io

int main(int count, char** arguments) {
  if (count != 2) return 2;
  papilio::io::seed_all(arguments[1]);
  return 0;
}
