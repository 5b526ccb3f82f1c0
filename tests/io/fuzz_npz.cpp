// Fuzz target: .npz results. The bytes are tried as a whole file and, since no fuzzer guesses a
// checksum, as the content of a `meta` member in a well-formed one.
#include <string>

#include "io/crc32.h"
#include "io/fuzz.h"
#include "io/npz.h"

namespace papilio::io {
namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string wrapped(std::span<const std::byte> content) {
  const std::string name = "meta.npy";
  const std::string facts = number(20, 2) + number(0, 4) + number(0x210000, 4) +
                            number(crc32(0, content), 4) + number(content.size(), 4) +
                            number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
  std::string file = number(0x04034B50, 4) + facts + name;
  file.append(reinterpret_cast<const char*>(content.data()), content.size());
  const std::size_t directory = file.size();
  file += number(0x02014B50, 4) + number(20, 2) + facts + std::string(14, '\0') + name;
  const std::size_t length = file.size() - directory;
  file += number(0x06054B50, 4) + number(0, 4) + number(1, 2) + number(1, 2) + number(length, 4) +
          number(directory, 4) + number(0, 2);
  return file;
}

void read_all(std::span<const std::byte> bytes) {
  const NpzReader reader(bytes, "fuzz");
  for (const std::string& name : reader.names()) {
    expect_answer([&] { reader.numbers(name); });
    expect_answer([&] { reader.strings(name); });
  }
  reader.meta();
}

}  // namespace
}  // namespace papilio::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio::io;
  const auto bytes = fuzz_bytes(data, size);
  expect_answer([&] { read_all(bytes); });
  const std::string file = wrapped(bytes);
  return expect_answer([&] { read_all(std::as_bytes(std::span(file.data(), file.size()))); });
}
