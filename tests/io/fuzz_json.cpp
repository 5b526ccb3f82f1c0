// Fuzz target: JSON read and written again; the second writing must give the same bytes.
#include <string>

#include "base/json.h"
#include "io/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio;
  return io::expect_answer([&] {
    const std::string once = base::dump(base::parse_json(io::fuzz_text(data, size), "fuzz"), 2);
    if (base::dump(base::parse_json(once, "again"), 2) != once) __builtin_trap();
  });
}
