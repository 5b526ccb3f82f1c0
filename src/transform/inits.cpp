// Exact numbers from roots of unity, random ones from one stream per stage.
#include "transform/inits.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"
#include "transform/blocks.h"
#include "transform/fill.h"
#include "transform/matrix.h"
#include "transform/random_unitary.h"
#include "transform/roots.h"

namespace papilio::transform {
namespace {

constexpr double kSpread = 1.25;  // of a random target's moduli, up and down

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

Complex random_phase(base::Rng& rng) {
  return std::polar(1.0, 2.0 * std::numbers::pi * rng.uniform());
}

double random_modulus(base::Rng& rng, double spread) {
  return std::exp((2.0 * rng.uniform() - 1.0) * std::log(spread));
}

/// sqrt(r) U diag(d) V^H, with d in [1/spread, spread]; sqrt(r) U for spread 1.
Matrix random_block(std::int64_t radix, double spread, Field field, base::Rng& rng) {
  const Matrix u = random_unitary(radix, field, rng);
  const Matrix v = random_unitary(radix, field, rng);
  Matrix block(radix, radix);
  for (std::int64_t k = 0; k < radix; ++k) {
    const double d = std::sqrt(static_cast<double>(radix)) * random_modulus(rng, spread);
    for (std::int64_t i = 0; i < radix; ++i) {
      for (std::int64_t j = 0; j < radix; ++j) {
        block.at(i, j) += d * product(u.at(i, k), std::conj(v.at(j, k)));
      }
    }
  }
  return block;
}

std::vector<Complex> random_parameters(const NetworkSpec& spec, int s, double spread,
                                       base::Rng& rng) {
  const std::int64_t count = free_parameters(spec, s);
  std::vector<Complex> values;
  values.reserve(static_cast<std::size_t>(count));
  while (static_cast<std::int64_t>(values.size()) < count) {
    if (spec.form == Form::twiddle) {
      const double modulus = random_modulus(rng, spread);
      values.push_back(modulus * random_phase(rng));
    } else {
      const Matrix block = random_block(spec.layout.stage(s).radix, spread, spec.field, rng);
      values.insert(values.end(), block.values.begin(), block.values.end());
    }
  }
  return values;
}

Network random_of(const NetworkSpec& spec, double spread, std::uint64_t seed) {
  Network network = frame_of(spec);
  const int stages = spec.layout.stages();
  for (int s = 0; s < stages; ++s) {
    base::Rng rng(seed, static_cast<std::uint64_t>(s));
    set_free(network, s, random_parameters(spec, s, spread, rng));
  }
  if (spec.input == Input::real) {
    base::Rng rng(seed, static_cast<std::uint64_t>(stages));
    for (std::int64_t k = 0; k < spec.layout.n; ++k) {
      network.recombination.push_back(random_phase(rng));
    }
  }
  return network;
}

}  // namespace

Network exact_dft(const NetworkSpec& spec) {
  if (spec.field == Field::real) {
    fail("the DFT has no real parameters; give the field complex, or the Hadamard init");
  }
  Network network = frame_of(spec);
  const std::int64_t sign = spec.direction == Direction::inverse ? -1 : 1;
  for (int s = 0; s < spec.layout.stages(); ++s) {
    const StageShape shape = spec.layout.stage(s);
    const std::int64_t turn = shape.radix * shape.stride;
    // DFT_r(q, j) w_j is one root: q m turns of m / (r m).
    fill_stage(network, s, [&](std::int64_t q, std::int64_t j, std::int64_t k) {
      return unit_root(sign * j * (k + q * shape.stride), turn);
    });
  }
  if (spec.input == Input::real) {
    for (std::int64_t k = 0; k < spec.layout.n; ++k) {
      network.recombination.push_back(unit_root(sign * k, spec.n()));
    }
  }
  return network;
}

Network hadamard(const NetworkSpec& spec) {
  Network network = frame_of(spec);
  if (spec.input == Input::real) {
    fail("the Hadamard transform has no bins to recombine; give the input complex");
  }
  for (const int radix : spec.layout.radices) {
    const bool power_of_two = (radix & (radix - 1)) == 0;
    if (radix == 2 || (power_of_two && spec.form == Form::block)) continue;
    fail("the Hadamard transform has no stage of radix " + std::to_string(radix) +
         " in this form; give radices 2, or powers of two in the form block");
  }
  std::iota(network.permutation.begin(), network.permutation.end(), 0);
  for (int s = 0; s < spec.layout.stages(); ++s) {
    fill_stage(network, s, [](std::int64_t q, std::int64_t j, std::int64_t) {
      const bool odd = __builtin_parityll(static_cast<unsigned long long>(q & j)) != 0;
      return Complex(odd ? -1.0 : 1.0);
    });
  }
  return network;
}

Network random_network(const NetworkSpec& spec, std::uint64_t seed) {
  return random_of(spec, 1.0, seed);
}

Network random_butterfly(const NetworkSpec& spec, std::uint64_t seed) {
  return random_of(spec, kSpread, seed);
}

Network perturbed(Network network, double sigma, std::uint64_t seed) {
  validate(network);
  if (!std::isfinite(sigma) || sigma < 0.0) {
    fail("sigma is " + base::to_text(sigma) + "; give radians, 0 or more, such as 0.3");
  }
  const bool real = network.spec.field == Field::real;
  const int stages = network.spec.layout.stages();
  for (int s = 0; s < stages; ++s) {
    base::Rng rng(seed, static_cast<std::uint64_t>(s));
    std::vector<Complex> values = get_free(network, s);
    for (Complex& value : values) {
      const double error = sigma * rng.normal();
      value = real ? value * (1.0 + error) : product(value, std::polar(1.0, error));
    }
    set_free(network, s, values);
  }
  base::Rng rng(seed, static_cast<std::uint64_t>(stages));
  for (Complex& w : network.recombination) {
    w = product(w, std::polar(1.0, sigma * rng.normal()));
  }
  return network;
}

}  // namespace papilio::transform
