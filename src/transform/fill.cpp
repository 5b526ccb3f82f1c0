// Frames of networks, and stages from formulas.
#include "transform/fill.h"

namespace papilio::transform {

Network frame_of(const NetworkSpec& spec) {
  validate(spec);
  Network network;
  network.spec = spec;
  network.scale = exact_scale(spec);
  network.permutation = digit_reversal(spec.layout);
  network.stages.resize(spec.layout.radices.size());
  return network;
}

void fill_stage(Network& network, int s,
                base::FunctionRef<Complex(std::int64_t, std::int64_t, std::int64_t)> value) {
  const StageShape shape = network.spec.layout.stage(s);
  const bool twiddle = network.spec.form == Form::twiddle;
  auto& parameters = network.stages[static_cast<std::size_t>(s)].parameters;
  parameters.clear();
  parameters.reserve(static_cast<std::size_t>(held_parameters(network.spec, s)));
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    for (std::int64_t q = 0; q < (twiddle ? 1 : shape.radix); ++q) {
      for (std::int64_t j = twiddle ? 1 : 0; j < shape.radix; ++j) {
        parameters.push_back(value(q, j, shape.phase(b)));
      }
    }
  }
}

}  // namespace papilio::transform
