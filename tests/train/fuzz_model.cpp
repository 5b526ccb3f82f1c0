// Fuzz target: model files. What is loaded must be a valid model: its networks compute.
#include <complex>
#include <vector>

#include "io/fuzz.h"
#include "train/model_file.h"
#include "transform/apply.h"

namespace papilio::train {
namespace {

// A refusal of what loading accepted is a crash.
void compute(const ModelFile& model) {
  try {
    for (const ModelPart& part : model.parts) {
      const std::vector<std::complex<double>> x(static_cast<std::size_t>(part.network.spec.n()));
      transform::apply_network(part.network, x);
    }
  } catch (const UserError&) {
    __builtin_trap();
  }
}

}  // namespace
}  // namespace papilio::train

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return papilio::io::expect_answer([&] {
    papilio::train::compute(papilio::train::parse_model(papilio::io::fuzz_bytes(data, size), "x"));
  });
}
