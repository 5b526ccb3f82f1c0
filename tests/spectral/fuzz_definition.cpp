// Fuzz target: any text is a definition or a UserError; what is one is written and read back alike.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "papilio/definition.h"
#include "papilio/error.h"
#include "spectral/definition.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio;
  try {
    const Definition definition = definition_from_json({reinterpret_cast<const char*>(data), size});
    const std::string text = to_json(definition);
    if (to_json(definition_from_json(text)) != text) __builtin_trap();
    spectral::modifications(definition);
  } catch (const UserError&) {
  }
  return 0;
}
