#include "train/starts.h"

#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "papilio/error.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

// Apart from the rows' seeds, which are streams of the same number.
constexpr std::uint64_t kStartStream = 0x9e37'79b9'7f4a'7c15U;

}  // namespace

const std::vector<std::string>& trainable_names() {
  static const std::vector<std::string> names{"dft", "idft", "hadamard", "dct2", "dct4"};
  return names;
}

transform::Chain exact_transform(std::string_view name, transform::NetworkSpec spec) {
  const std::int64_t n = spec.n();
  if (name == "dft") return {n, {transform::exact_dft(spec)}};
  if (name == "idft") {
    spec.direction = transform::Direction::inverse;
    return {n, {transform::exact_dft(spec)}};
  }
  if (name == "hadamard") return {n, {transform::hadamard(spec)}};
  if (name == "dct2") return transform::dct2(spec);
  if (name == "dct4") return transform::dct4(spec);
  throw UserError("[train] no transform is called " + std::string(name) +
                  base::did_you_mean(std::string(name), trainable_names()) + "; choose one of " +
                  base::join(trainable_names()));
}

transform::Chain exact_inverse(std::string_view name, transform::NetworkSpec spec) {
  if (name == "dft") return exact_transform("idft", spec);
  if (name == "idft") return exact_transform("dft", spec);
  if (name == "hadamard") {
    spec.direction = transform::Direction::inverse;  // its own inverse, but for the scale
    return exact_transform(name, spec);
  }
  throw UserError("[train] no butterfly network undoes " + std::string(name) +
                  ", which takes a real part; give --target dft, idft or hadamard");
}

Start parse_start(std::string_view text) {
  const std::string given(text), perturbed = "perturbed:";
  if (given == "random") return {Start::Kind::random, 0.0, given};
  if (given == "exact") return {Start::Kind::exact, 0.0, given};
  if (given.starts_with(perturbed)) {
    char* end = nullptr;
    const double sigma = std::strtod(given.c_str() + perturbed.size(), &end);
    const bool whole = end != given.c_str() + perturbed.size() && *end == '\0';
    if (whole && std::isfinite(sigma) && sigma >= 0.0) {
      return {Start::Kind::perturbed, sigma, given};
    }
  }
  throw UserError("[train] --init " + given +
                  " is unknown; give random, exact or perturbed:SIGMA such as perturbed:0.3");
}

transform::Chain started(transform::Chain exact, const Start& start, std::uint64_t seed) {
  std::uint64_t own = seed ^ kStartStream;
  for (transform::Factor& factor : exact.factors) {
    auto* network = std::get_if<transform::Network>(&factor);
    if (network == nullptr) continue;
    switch (start.kind) {
      case Start::Kind::exact:
        break;
      case Start::Kind::perturbed:
        *network = transform::perturbed(std::move(*network), start.sigma, own++);
        break;
      case Start::Kind::random: {
        transform::Network random = transform::random_network(network->spec, own++);
        random.permutation = network->permutation;
        random.scale = network->scale;
        *network = std::move(random);
        break;
      }
    }
  }
  return exact;
}

transform::Chain gated(transform::Chain chain, double gate) {
  for (transform::Factor& factor : chain.factors) {
    auto* network = std::get_if<transform::Network>(&factor);
    if (network == nullptr) continue;
    for (int s = 0; s < network->spec.layout.stages(); ++s) {
      const std::int64_t blocks = network->spec.layout.stage(s).blocks();
      auto& gates = network->stages[static_cast<std::size_t>(s)].gates;
      gates.assign(static_cast<std::size_t>(blocks), gate);
    }
  }
  return chain;
}

transform::Chain random_start(transform::NetworkSpec spec, const Power& power, std::uint64_t seed) {
  spec.norm = transform::Norm::none;
  transform::Network network = transform::random_network(spec, seed ^ kStartStream);
  // Its stages are sqrt(r) times unitary, so that outputs have n times the power of inputs.
  network.scale = std::sqrt(power.target / (power.input * static_cast<double>(spec.n())));
  return {spec.n(), {std::move(network)}};
}

}  // namespace papilio::train
