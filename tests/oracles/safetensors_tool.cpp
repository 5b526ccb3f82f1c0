// What the oracle of .safetensors drives: `dump FILE...` prints one line of JSON per file, contents
// or error, and `copy IN OUT` rebuilds every tensor from its values and writes the file.
#include <cstdio>
#include <cstring>
#include <string>

#include "base/json.h"
#include "io/safetensors.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

using base::Json;

std::string hex(std::span<const std::byte> bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<int>(byte) >> 4];
    text += digits[std::to_integer<int>(byte) & 15];
  }
  return text;
}

Json described(const std::string& path) {
  try {
    const Safetensors contents = read_safetensors(path);
    Json tensors = Json::object();
    for (const NamedTensor& tensor : contents.tensors) {
      tensors[tensor.name] = {
          {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}, {"hex", hex(tensor.bytes)}};
    }
    return {{"metadata", contents.metadata}, {"tensors", tensors}};
  } catch (const UserError& error) {
    return {{"error", error.what()}};
  }
}

template <typename T>
bool rebuild(const Safetensors& contents, NamedTensor& tensor) {
  if (tensor.type != tensor_type_of<T>()) return false;
  const std::vector<T> values = contents.values<T>(tensor.name);
  tensor = make_tensor<T>(tensor.name, tensor.shape, values);
  return true;
}

void copy(const std::string& from, const std::string& to) {
  const Safetensors contents = read_safetensors(from);
  Safetensors copy = contents;
  for (NamedTensor& tensor : copy.tensors) {
    // A type that is not handed out stays as it was mapped.
    [[maybe_unused]] const bool rebuilt =
        rebuild<float>(contents, tensor) || rebuild<double>(contents, tensor) ||
        rebuild<std::int8_t>(contents, tensor) || rebuild<std::uint8_t>(contents, tensor) ||
        rebuild<std::int32_t>(contents, tensor) || rebuild<std::int64_t>(contents, tensor);
  }
  write_safetensors(copy, to);
}

}  // namespace
}  // namespace papilio::io

int main(int count, char** arguments) {
  using namespace papilio::io;
  if (count < 3) return 2;
  if (std::strcmp(arguments[1], "dump") == 0) {
    for (int i = 2; i < count; ++i) {
      std::puts(papilio::base::dump(described(arguments[i])).c_str());
    }
    return 0;
  }
  if (std::strcmp(arguments[1], "copy") != 0 || count != 4) return 2;
  try {
    copy(arguments[2], arguments[3]);
  } catch (const papilio::UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
