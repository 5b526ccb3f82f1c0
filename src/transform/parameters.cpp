// Tensors of networks and chains. A reader and a writer pass the same places in the same order.
#include "transform/parameters.h"

#include <span>
#include <utility>

#include "papilio/error.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

std::vector<double> interleaved(std::span<const Complex> values) {
  std::vector<double> result;
  for (const Complex value : values) {
    result.push_back(value.real());
    result.push_back(value.imag());
  }
  return result;
}

std::vector<double> real_parts(std::span<const Complex> values) {
  std::vector<double> result;
  for (const Complex value : values) result.push_back(value.real());
  return result;
}

std::vector<Complex> complex_values(const Parameter& parameter) {
  std::vector<Complex> result;
  for (std::size_t i = 0; i < static_cast<std::size_t>(parameter.count()); ++i) {
    const auto& v = parameter.values;
    result.push_back(parameter.complex ? Complex(v[2 * i], v[2 * i + 1]) : Complex(v[i]));
  }
  return result;
}

std::string stage_name(const Network& network, int s) {
  const bool block = network.spec.form == Form::block;
  return "stage." + std::to_string(s) + (block ? ".block" : ".twiddle");
}

/// Hands out tensors in order, each checked against the one whose place it takes.
class Reader {
 public:
  Reader(const std::vector<Parameter>& given, std::vector<Parameter> held)
      : given_(given), held_(std::move(held)) {
    if (given_.size() == held_.size()) return;
    fail("the model has " + std::to_string(held_.size()) + " tensors of parameters, not " +
         std::to_string(given_.size()) + "; give back all that were got");
  }

  const Parameter& next() {
    const Parameter& held = held_[at_];
    const Parameter& given = given_[at_++];
    if (given.complex != held.complex || given.values.size() != held.values.size()) {
      fail(held.name + " has " + std::to_string(held.values.size()) + " real numbers, not " +
           std::to_string(given.values.size()) + "; give back as many as were got");
    }
    return given;
  }

 private:
  const std::vector<Parameter>& given_;
  std::vector<Parameter> held_;
  std::size_t at_ = 0;
};

void write(Network& network, Reader& from) {
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    set_free(network, s, complex_values(from.next()));
    auto& gates = network.stages[static_cast<std::size_t>(s)].gates;
    if (!gates.empty()) gates = from.next().values;
  }
  if (network.spec.input == Input::real) network.recombination = complex_values(from.next());
  network.scale = from.next().values[0];
}

template <typename Kind>
int count_of(const Chain& chain) {
  int count = 0;
  for (const Factor& factor : chain.factors) count += std::holds_alternative<Kind>(factor) ? 1 : 0;
  return count;
}

/// "0.", "1." .. for several of a kind, nothing for one.
template <typename Kind>
class Numbering {
 public:
  explicit Numbering(const Chain& chain) : several_(count_of<Kind>(chain) > 1) {}
  std::string next() { return several_ ? std::to_string(at_++) + "." : ""; }

 private:
  bool several_;
  int at_ = 0;
};

}  // namespace

std::vector<Parameter> get_parameters(const Network& network, const std::string& prefix) {
  validate(network);
  const bool complex = network.spec.field == Field::complex;
  std::vector<Parameter> result;
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    const std::vector<Complex> free = get_free(network, s);
    result.push_back(
        {prefix + stage_name(network, s), complex, complex ? interleaved(free) : real_parts(free)});
    const auto& gates = network.stages[static_cast<std::size_t>(s)].gates;
    if (gates.empty()) continue;
    result.push_back({prefix + "stage." + std::to_string(s) + ".gate", false, gates});
  }
  if (network.spec.input == Input::real) {
    result.push_back({prefix + "recombination.twiddle", true, interleaved(network.recombination)});
  }
  result.push_back({prefix + "scale", false, {network.scale}});
  return result;
}

std::vector<Parameter> get_parameters(const Chain& chain, const std::string& prefix) {
  validate(chain);
  Numbering<Network> networks(chain);
  Numbering<Diagonal> diagonals(chain);
  std::vector<Parameter> result;
  for (const Factor& factor : chain.factors) {
    if (const auto* network = std::get_if<Network>(&factor)) {
      const auto part = get_parameters(*network, prefix + networks.next());
      result.insert(result.end(), part.begin(), part.end());
    }
    if (const auto* diagonal = std::get_if<Diagonal>(&factor)) {
      result.push_back(
          {prefix + diagonals.next() + "diagonal", true, interleaved(diagonal->values)});
    }
  }
  return result;
}

void set_parameters(Network& network, const std::vector<Parameter>& parameters) {
  Reader from(parameters, get_parameters(network));
  write(network, from);
}

void set_parameters(Chain& chain, const std::vector<Parameter>& parameters) {
  Reader from(parameters, get_parameters(chain));
  for (Factor& factor : chain.factors) {
    if (auto* network = std::get_if<Network>(&factor)) write(*network, from);
    if (auto* diagonal = std::get_if<Diagonal>(&factor)) {
      diagonal->values = complex_values(from.next());
    }
  }
}

}  // namespace papilio::transform
