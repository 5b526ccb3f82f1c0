// Fuzz target: .safetensors. The bytes are tried as a whole file and, since no fuzzer guesses a
// length, as the header of one with a few bytes of data. What is read is written again: that file
// must hold the same, and its own writing must give the same bytes.
#include <string>

#include "io/fuzz.h"
#include "io/safetensors.h"

namespace papilio::io {
namespace {

std::string written(const Safetensors& contents) {
  std::string file;
  write_safetensors(contents, [&](std::string_view part) { file += part; });
  return file;
}

std::span<const std::byte> view(const std::string& file) {
  return std::as_bytes(std::span(file.data(), file.size()));
}

bool same(const Safetensors& a, const Safetensors& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const NamedTensor& x = a.tensors[i];
    const NamedTensor& y = b.tensors[i];
    if (x.name != y.name || x.type != y.type || x.shape != y.shape) return false;
    if (!std::equal(x.bytes.begin(), x.bytes.end(), y.bytes.begin(), y.bytes.end())) return false;
  }
  return true;
}

// What was read cannot be refused when it is written, so that a refusal below is a crash.
void write_again(const Safetensors& contents) {
  try {
    const std::string file = written(contents);
    const Safetensors again = parse_safetensors(view(file), "again");
    if (!same(contents, again) || written(again) != file) __builtin_trap();
  } catch (const UserError&) {
    __builtin_trap();
  }
}

void read_all(std::span<const std::byte> bytes) {
  const Safetensors contents = parse_safetensors(bytes, "fuzz");
  for (const NamedTensor& tensor : contents.tensors) {
    expect_answer([&] { contents.reals(tensor.name); });
  }
  write_again(contents);
}

}  // namespace
}  // namespace papilio::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio::io;
  expect_answer([&] { read_all(fuzz_bytes(data, size)); });
  for (const std::size_t tail : {0, 8}) {
    std::string file;
    for (int i = 0; i < 8; ++i) file += static_cast<char>(size >> (8 * i) & 0xFF);
    file += fuzz_text(data, size);
    file.append(tail, 'x');
    expect_answer([&] { read_all(view(file)); });
  }
  return 0;
}
