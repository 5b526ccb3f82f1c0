// Chains: each factor is a value with one step() and one check().
#include "transform/chain.h"

#include <cmath>
#include <string>

#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/blocks.h"

namespace papilio::transform {
namespace {

using Signal = std::vector<Complex>;

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

Signal step(const Permutation& permutation, const Signal& x) {
  Signal y;
  y.reserve(x.size());
  for (const std::int32_t source : permutation.source) {
    y.push_back(x[static_cast<std::size_t>(source)]);
  }
  return y;
}

Signal step(const Network& network, const Signal& x) { return apply_network(network, x); }

Signal step(const Diagonal& diagonal, Signal x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = product(diagonal.values[i], x[i]);
  return x;
}

Signal step(const RealPart&, Signal x) {
  for (Complex& value : x) value = value.real();
  return x;
}

void check_length(const std::string& where, std::size_t length, std::int64_t n) {
  if (static_cast<std::int64_t>(length) == n) return;
  fail(where + " is of " + std::to_string(length) + " numbers, but the chain is of " +
       std::to_string(n) + "; give factors of one length");
}

void check(const Permutation& permutation, const std::string& where, std::int64_t n) {
  check_length(where, permutation.source.size(), n);
  if (!is_permutation(permutation.source)) {
    fail(where + " is no permutation; it must hold each of 0 .. " + std::to_string(n - 1) +
         " once");
  }
}

bool is_real_input(const Factor& factor) {
  const auto* network = std::get_if<Network>(&factor);
  return network != nullptr && network->spec.input == Input::real;
}

void check(const Network& network, const std::string& where, std::int64_t n) {
  validate(network);
  check_length(where, static_cast<std::size_t>(network.spec.n()), n);
}

void check(const Diagonal& diagonal, const std::string& where, std::int64_t n) {
  check_length(where, diagonal.values.size(), n);
  for (const Complex value : diagonal.values) {
    if (std::isfinite(value.real()) && std::isfinite(value.imag())) continue;
    fail(where + " holds a number that is not finite; go back to the last good parameters");
  }
}

void check(const RealPart&, const std::string&, std::int64_t) {}

}  // namespace

bool Chain::real_input() const { return factors.size() == 1 && is_real_input(factors.front()); }

void validate(const Chain& chain) {
  for (std::size_t f = 0; f < chain.factors.size(); ++f) {
    const std::string where = "factor " + std::to_string(f) + " of the chain";
    if (is_real_input(chain.factors[f]) && chain.factors.size() > 1) {
      fail(where +
           " is a real-input network, whose result has another length; give a complex one, or it "
           "alone");
    }
    std::visit([&](const auto& factor) { check(factor, where, chain.n); }, chain.factors[f]);
  }
}

std::vector<Complex> apply_chain(const Chain& chain, std::span<const Complex> x) {
  validate(chain);
  check_length("the signal", x.size(), chain.n);
  Signal y(x.begin(), x.end());
  for (const Factor& factor : chain.factors) {
    y = std::visit([&](const auto& one) { return step(one, y); }, factor);
  }
  return y;
}

Matrix dense(const Chain& chain) {
  Matrix matrix(chain.outputs(), chain.n);
  for (std::int64_t column = 0; column < chain.n; ++column) {
    Signal unit(static_cast<std::size_t>(chain.n));
    unit[static_cast<std::size_t>(column)] = 1.0;
    const Signal y = apply_chain(chain, unit);
    for (std::int64_t row = 0; row < matrix.rows; ++row) {
      matrix.at(row, column) = y[static_cast<std::size_t>(row)];
    }
  }
  return matrix;
}

}  // namespace papilio::transform
