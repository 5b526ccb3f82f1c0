// Fuzz target: .npy files, header and samples, whichever axis is time.
#include "io/convert.h"
#include "io/fuzz.h"
#include "io/npy.h"

namespace papilio::io {
namespace {

// Reads everything in odd chunks, so that sanitizers see every access.
double read_all(SignalReader& reader) {
  double sum = 0.0;
  Block block;
  while (reader.read(7, block) > 0) {
    with_type(block.view.dtype, [&](auto type) {
      for (std::int64_t row = 0; row < block.view.shape[0]; ++row) {
        for (std::int64_t i = 0; i < block.samples(); ++i) {
          sum += widen(element<decltype(type)>(block.view, row, i)).real();
        }
      }
    });
  }
  return sum;
}

}  // namespace
}  // namespace papilio::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio::io;
  volatile double sum = 0.0;
  for (const int axis : {-1, 0, 1}) {
    OpenOptions options;
    options.time_axis = axis;
    expect_answer([&] {
      const ReaderPtr reader = open_npy(fuzz_bytes(data, size), "fuzz", options);
      sum = sum + read_all(*reader);
    });
  }
  return 0;
}
