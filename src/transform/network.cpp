// Networks: what makes one valid, and which parameters are free.
#include "transform/network.h"

#include <cmath>
#include <string>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

std::string stage_text(int s) { return "stage " + std::to_string(s); }

void check_length(const std::string& what, std::size_t length, std::int64_t wanted) {
  if (static_cast<std::int64_t>(length) == wanted) return;
  fail(what + " has " + std::to_string(length) + " numbers, but the layout needs " +
       std::to_string(wanted) + "; give one list entry per number");
}

bool finite(Complex value) { return std::isfinite(value.real()) && std::isfinite(value.imag()); }

void check_permutation(const Network& network) {
  const std::int64_t n = network.spec.layout.n;
  check_length("the permutation", network.permutation.size(), n);
  if (!is_permutation(network.permutation)) {
    fail("the permutation holds a position twice or out of range; it must hold each of 0 .. " +
         std::to_string(n - 1) + " once");
  }
}

void check_values(const Network& network, int s) {
  const auto& values = network.stages[static_cast<std::size_t>(s)].parameters;
  const std::int64_t per_block =
      held_parameters(network.spec, s) / network.spec.layout.stage(s).blocks();
  const auto where = [&](std::size_t i) {
    return stage_text(s) + ", block " + std::to_string(static_cast<std::int64_t>(i) / per_block);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!finite(values[i])) {
      fail(where(i) + ": a parameter is not finite; go back to the last good parameters");
    }
    if (network.spec.field == Field::real && values[i].imag() != 0.0) {
      fail(where(i) +
           ": a parameter of a real network has an imaginary part; make it 0, or the field "
           "complex");
    }
  }
}

void check_tied(const Network& network, int s) {
  const auto& values = network.stages[static_cast<std::size_t>(s)].parameters;
  const std::size_t free = static_cast<std::size_t>(free_parameters(network.spec, s));
  // The first m blocks hold each free parameter once; the others repeat them in the same order.
  for (std::size_t i = free; i < values.size(); ++i) {
    if (values[i] == values[i % free]) continue;
    const StageShape shape = network.spec.layout.stage(s);
    const std::int64_t block = static_cast<std::int64_t>(i) / (shape.radix - 1);
    fail(stage_text(s) + ": blocks " + std::to_string(shape.phase(block)) + " and " +
         std::to_string(block) +
         " share their twiddles, but hold different ones; make them equal, or the tying untied");
  }
}

void check_gates(const Network& network, int s) {
  const auto& gates = network.stages[static_cast<std::size_t>(s)].gates;
  if (gates.empty()) return;
  check_length(stage_text(s) + "'s list of gates", gates.size(),
               network.spec.layout.stage(s).blocks());
  for (std::size_t b = 0; b < gates.size(); ++b) {
    if (gates[b] >= 0.0 && gates[b] <= 1.0) continue;  // false for NaN
    fail(stage_text(s) + ", block " + std::to_string(b) + ": the gate " + base::to_text(gates[b]) +
         " is not from 0 to 1; clip it");
  }
}

void check_recombination(const Network& network) {
  const bool real_input = network.spec.input == Input::real;
  check_length("the list of recombination twiddles", network.recombination.size(),
               real_input ? network.spec.layout.n : 0);
  for (std::size_t k = 0; k < network.recombination.size(); ++k) {
    if (finite(network.recombination[k])) continue;
    fail("recombination twiddle " + std::to_string(k) +
         " is not finite; go back to the last good parameters");
  }
}

}  // namespace

void validate(const NetworkSpec& spec) {
  validate(spec.layout);
  if (spec.field == Field::real && spec.form == Form::twiddle) {
    fail(
        "real parameters need the block form: a twiddle stands before a complex DFT; give the "
        "form block");
  }
  if (spec.tying == Tying::tied && spec.form == Form::block) {
    fail("blocks cannot be tied, only twiddles can; give the form twiddle or the tying untied");
  }
}

void validate(const Network& network) {
  validate(network.spec);
  if (!std::isfinite(network.scale) || network.scale == 0.0) {
    fail("the scale is " + base::to_text(network.scale) +
         "; give a finite number other than 0, such as 1");
  }
  check_permutation(network);
  if (static_cast<int>(network.stages.size()) != network.spec.layout.stages()) {
    fail("the network has " + std::to_string(network.stages.size()) +
         " stages, but its layout has " + std::to_string(network.spec.layout.stages()) +
         " radices; give one stage per radix");
  }
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    check_length(stage_text(s), network.stages[static_cast<std::size_t>(s)].parameters.size(),
                 held_parameters(network.spec, s));
    check_values(network, s);
    if (network.spec.tying == Tying::tied) check_tied(network, s);
    check_gates(network, s);
  }
  check_recombination(network);
}

double exact_scale(const NetworkSpec& spec) {
  const double n = static_cast<double>(spec.n());
  switch (spec.norm) {
    case Norm::backward:
      return spec.direction == Direction::inverse ? 1.0 / n : 1.0;
    case Norm::ortho:
      return 1.0 / std::sqrt(n);
    case Norm::forward:
      return spec.direction == Direction::forward ? 1.0 / n : 1.0;
    case Norm::none:
      break;
  }
  return 1.0;
}

std::int64_t held_parameters(const NetworkSpec& spec, int s) {
  const StageShape shape = spec.layout.stage(s);
  if (spec.form == Form::block) return shape.n * shape.radix;
  return shape.blocks() * (shape.radix - 1);
}

std::int64_t free_parameters(const NetworkSpec& spec, int s) {
  if (spec.tying == Tying::untied) return held_parameters(spec, s);
  const StageShape shape = spec.layout.stage(s);
  return shape.stride * (shape.radix - 1);
}

std::vector<std::int64_t> parameter_map(const NetworkSpec& spec, int s) {
  // Block b = m g + k holds those of (k, j), so that each g repeats the list of the first m blocks.
  const std::int64_t free = free_parameters(spec, s);
  std::vector<std::int64_t> map(static_cast<std::size_t>(held_parameters(spec, s)));
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::int64_t>(i) % free;
  return map;
}

void set_free(Network& network, int s, std::span<const Complex> values) {
  check_length(stage_text(s) + "'s list of free parameters", values.size(),
               free_parameters(network.spec, s));
  auto& held = network.stages[static_cast<std::size_t>(s)].parameters;
  held.resize(static_cast<std::size_t>(held_parameters(network.spec, s)));
  for (std::size_t i = 0; i < held.size(); ++i) held[i] = values[i % values.size()];
}

std::vector<Complex> get_free(const Network& network, int s) {
  const auto& held = network.stages[static_cast<std::size_t>(s)].parameters;
  return {held.begin(), held.begin() + free_parameters(network.spec, s)};
}

ParameterCounts count_parameters(const Network& network) {
  ParameterCounts counts;
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    counts.held += held_parameters(network.spec, s);
    counts.free += free_parameters(network.spec, s);
    counts.gates +=
        static_cast<std::int64_t>(network.stages[static_cast<std::size_t>(s)].gates.size());
  }
  counts.recombination = static_cast<std::int64_t>(network.recombination.size());
  const std::int64_t reals = network.spec.field == Field::real ? 1 : 2;
  counts.reals = reals * counts.free + counts.gates + 2 * counts.recombination;
  return counts;
}

Network harden(Network network) {
  for (Stage& stage : network.stages) {
    for (double& gate : stage.gates) gate = gate >= 0.5 ? 1.0 : 0.0;
  }
  return network;
}

}  // namespace papilio::transform
