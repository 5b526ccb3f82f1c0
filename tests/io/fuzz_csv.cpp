// Fuzz target: CSV text with detected and given delimiters.
#include "io/csv.h"
#include "io/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio::io;
  for (const char delimiter : {'\0', ';'}) {
    expect_answer([&] {
      const CsvTable table = parse_csv(fuzz_text(data, size), "fuzz", delimiter);
      const auto cells = static_cast<std::size_t>(table.lines) * table.names.size();
      if (table.values.size() != cells) __builtin_trap();
    });
  }
  return 0;
}
