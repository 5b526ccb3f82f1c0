// One row per transform.
#include "train/targets.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/fill.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Complex;
using transform::Form;
using transform::Layout;
using transform::Network;
using transform::NetworkSpec;

constexpr const char* kPlainRegime = "permutation known";

/// The network's frame in block form, zeros for numbers.
Network unknown(const Layout& layout, std::vector<std::int32_t> permutation) {
  Network network =
      transform::frame_of({.layout = layout, .form = Form::block, .norm = transform::Norm::none});
  network.permutation = std::move(permutation);
  for (int s = 0; s < layout.stages(); ++s) {
    network.stages[static_cast<std::size_t>(s)].parameters.resize(
        static_cast<std::size_t>(held_parameters(network.spec, s)));
  }
  return network;
}

NetworkSpec spec_of(const TargetOptions& options) {
  NetworkSpec spec;
  spec.layout = options.radices.empty() ? transform::default_layout(options.n)
                                        : transform::layout_of(options.radices);
  if (spec.layout.n != options.n) {
    throw UserError("[recover] the radices " + radices_text(spec.layout) + " have the product " +
                    std::to_string(spec.layout.n) + ", not n = " + std::to_string(options.n) +
                    "; give radices whose product is n");
  }
  return spec;
}

Target network_target(const Network& network) {
  return {dense(network), plain_model(network.spec.layout, network.permutation), true};
}

Target dft(const TargetOptions& options) {
  return network_target(transform::exact_dft(spec_of(options)));
}

Target idft(const TargetOptions& options) {
  NetworkSpec spec = spec_of(options);
  spec.direction = transform::Direction::inverse;
  return network_target(transform::exact_dft(spec));
}

Target hadamard(const TargetOptions& options) {
  NetworkSpec spec = spec_of(options);
  spec.form = Form::block;
  return network_target(transform::hadamard(spec));
}

Target random_target(const TargetOptions& options) {
  NetworkSpec spec = spec_of(options);
  spec.form = options.form;
  spec.tying = options.tying;
  return network_target(transform::random_butterfly(spec, options.seed));
}

/// The exact chain with its networks' numbers forgotten.
Chain forget(Chain chain) {
  for (transform::Factor& factor : chain.factors) {
    if (auto* network = std::get_if<Network>(&factor)) {
      *network = unknown(network->spec.layout, network->permutation);
    }
  }
  return chain;
}

Target chain_target(const TargetOptions& options, Chain exact, std::string regime,
                    std::vector<std::int32_t> mirror) {
  Target target{dense(exact), {}, true};
  if (options.outer_structure) {
    target.model = {forget(std::move(exact)), std::move(mirror), std::move(regime)};
  } else {
    const Layout layout = spec_of(options).layout;
    target.model = plain_model(layout, transform::digit_reversal(layout));
    target.in_model = false;
  }
  return target;
}

/// Row k + 1 mirrors row n - 1 - k for shift 0, row k mirrors row n - 1 - k for shift 1.
std::vector<std::int32_t> mirrored_rows(std::int64_t n, std::int64_t shift) {
  std::vector<std::int32_t> mirror;
  for (std::int64_t k = 0; k < n; ++k) {
    mirror.push_back(static_cast<std::int32_t>((2 * n - shift - k) % n));
  }
  return mirror;
}

constexpr const char* kDctRegime = "permutations, diagonal and real part given";

Target dct2(const TargetOptions& options) {
  return chain_target(options, transform::dct2(spec_of(options)), kDctRegime,
                      mirrored_rows(options.n, 0));
}

Target dct4(const TargetOptions& options) {
  return chain_target(options, transform::dct4(spec_of(options)), kDctRegime,
                      mirrored_rows(options.n, 1));
}

/// A product of two networks: a diagonal between them is no more than blocks can hold.
Target convolution(const TargetOptions& options) {
  base::Rng rng(options.seed);
  std::vector<Complex> kernel;
  for (std::int64_t t = 0; t < options.n; ++t) {
    kernel.push_back(rng.normal() / std::sqrt(static_cast<double>(options.n)));
  }
  Chain exact = transform::circular_convolution(spec_of(options), kernel);
  Target target = chain_target(options, std::move(exact),
                               "product of two networks, their permutations known", {});
  if (options.outer_structure) {
    // The inverse DFT's scale and the diagonal belong to what is not known.
    auto& factors = target.model.chain.factors;
    std::erase_if(factors, [](const transform::Factor& factor) {
      return std::holds_alternative<transform::Diagonal>(factor);
    });
  }
  return target;
}

struct Row {
  const char* name;
  Target (*make)(const TargetOptions& options);
};

constexpr Row kRows[] = {
    {"dft", dft},
    {"idft", idft},
    {"dct2", dct2},
    {"dct4", dct4},
    {"hadamard", hadamard},
    {"conv", convolution},
    {"random-butterfly", random_target},
};

}  // namespace

bool Model::real() const {
  return std::any_of(chain.factors.begin(), chain.factors.end(), [](const auto& factor) {
    return std::holds_alternative<transform::RealPart>(factor);
  });
}

bool Model::plain() const {
  return chain.factors.size() == 1 && std::holds_alternative<Network>(chain.factors[0]);
}

const std::vector<std::string>& transform_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Row& row : kRows) list.emplace_back(row.name);
    return list;
  }();
  return names;
}

Target make_target(const TargetOptions& options) {
  for (const Row& row : kRows) {
    if (options.transform == row.name) return row.make(options);
  }
  throw UserError("[recover] there is no transform '" + options.transform + "'" +
                  base::did_you_mean(options.transform, transform_names()) +
                  "; give one of: " + base::join(transform_names()));
}

Model plain_model(const Layout& layout, std::vector<std::int32_t> permutation) {
  validate(layout);
  return {{layout.n, {unknown(layout, std::move(permutation))}}, {}, kPlainRegime};
}

}  // namespace papilio::train
