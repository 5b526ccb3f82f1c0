// Targets, data and methods put together.
#include "train/recover.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "base/text.h"
#include "papilio/error.h"
#include "train/als.h"
#include "train/descent.h"
#include "train/hierarchical.h"
#include "train/identify.h"
#include "train/outer.h"
#include "train/stack.h"
#include "train/tangent.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Matrix;
using transform::Network;

[[noreturn]] void fail(const std::string& what) { throw UserError("[recover] " + what); }

/// What a method is given: the matrix, or pairs.
struct Given {
  const Matrix* matrix;
  const Pairs* pairs;
  const Model& model;
  const RecoverOptions& options;
};

/// A method's chain, and whether it made use of mirrored rows.
struct Found {
  Chain chain;
  bool mirrored = false;
};

Found by_hierarchical(const Given& given) {
  if (given.matrix == nullptr) {
    fail("the method hierarchical takes the matrix; for pairs give the method identify");
  }
  return {factor_chain(given.model, *given.matrix, given.options.dtype), true};
}

Found by_identify(const Given& given) {
  if (given.matrix != nullptr) {
    fail("the method identify takes pairs; for the matrix give the method hierarchical");
  }
  IdentifyOptions options{.dtype = given.options.dtype,
                          .seed = seed_of(given.options.seed, Purpose::start)};
  if (given.options.iterations >= 0) options.polish_steps = given.options.iterations;
  return {identify(*given.pairs, given.model, options).chain, true};
}

Found by_als(const Given& given) {
  AlsOptions options{.dtype = given.options.dtype,
                     .seed = seed_of(given.options.seed, Purpose::start)};
  if (given.options.iterations >= 0) options.sweeps = given.options.iterations;
  if (given.matrix != nullptr) return {als(*given.matrix, given.model, options).chain, true};
  return {als(*given.pairs, given.model, options).chain, false};
}

/// What a descent stops at is the goal of the row.
Found by_descent(const Given& given, std::int64_t most_columns,
                 Descent (*descend)(const Pairs&, const Model&, const DescentOptions&)) {
  const RecoverOptions& options = given.options;
  const DescentOptions descent{.dtype = options.dtype,
                               .steps = options.iterations,
                               .goal = goal_of(options),
                               .seed = seed_of(options.seed, Purpose::start),
                               .device = options.device};
  if (given.pairs != nullptr) return {descend(*given.pairs, given.model, descent).chain, false};
  const Pairs rows = rows_of(*given.matrix, given.model.real(), most_columns,
                             seed_of(options.seed, Purpose::inputs));
  return {descend(rows, given.model, descent).chain, false};
}

Found by_adam(const Given& given) { return by_descent(given, kMostColumnsAdam, descend_adam); }

Found by_lbfgs(const Given& given) { return by_descent(given, kMostColumnsLbfgs, descend_lbfgs); }

struct Method {
  const char* name;
  Found (*run)(const Given& given);
  bool descends = false;  ///< by compiled gradients, which run on any device
};

constexpr Method kMethods[] = {
    {"hierarchical", by_hierarchical}, {"identify", by_identify}, {"als", by_als},
    {"adam", by_adam, true},           {"lbfgs", by_lbfgs, true},
};

const Method& method_of(const std::string& name) {
  for (const Method& method : kMethods) {
    if (name == method.name) return method;
  }
  fail("there is no method '" + name + "'" + base::did_you_mean(name, method_names()) +
       "; give one of: " + base::join(method_names()));
}

/// Where the data come from: the matrix, pairs, or pairs with noise of so many decibels.
struct Source {
  bool matrix = false;
  std::optional<double> decibels;
};

Source parse_source(const std::string& from) {
  constexpr std::string_view kNoisy = "noisy:";
  if (from == "matrix") return {true, std::nullopt};
  if (from == "pairs") return {false, std::nullopt};
  if (from.starts_with(kNoisy)) {
    double decibels = 0.0;
    const char* const last = from.data() + from.size();
    const auto [end, error] = std::from_chars(from.data() + kNoisy.size(), last, decibels);
    if (error == std::errc() && end == last && std::isfinite(decibels)) return {false, decibels};
  }
  fail("data come from 'matrix', 'pairs' or 'noisy:DB' such as 'noisy:20', not from '" + from +
       "'");
}

double power_of(const Matrix& matrix) {
  double power = 0.0;
  for (const auto value : matrix.values) power += std::norm(value);
  return power;
}

/// The pairs of a source; for noise on one network's outputs, `bound` becomes the row's.
Pairs make_pairs(const Target& target, const Source& source, const RecoverOptions& options,
                 double& bound) {
  const std::int64_t count = options.pairs > 0 ? options.pairs : default_pairs(options.n);
  const bool real = target.model.real();
  Pairs pairs =
      draw_pairs(target.matrix, count, real, options.dtype, seed_of(options.seed, Purpose::inputs));
  if (!source.decibels) return pairs;
  const double variance = noise_variance(target.matrix, *source.decibels);
  add_noise(pairs, variance, real, seed_of(options.seed, Purpose::noise));
  if (target.model.plain() && target.in_model) {
    const Network& network = std::get<Network>(target.model.chain.factors[0]);
    // Of untied free blocks, which are what is fitted, whatever ties the target has.
    const std::int64_t dimension = tangent_dimension(network.spec.layout);
    bound = cramer_rao(variance, dimension, count) / power_of(target.matrix);
  }
  return pairs;
}

void check_precision(DType dtype) {
  if (dtype == DType::f32 || dtype == DType::f64) return;
  fail(std::string("the precision ") + name_of(dtype) + " is neither f32 nor f64; give one");
}

/// The row but for its error, and the chain.
Recovery run(const Given& given, std::string from) {
  const RecoverOptions& options = given.options;
  const Method& method = method_of(options.method);
  check_precision(options.dtype);
  check_device(options);
  const auto start = std::chrono::steady_clock::now();
  Found found = method.run(given);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::string regime = given.model.regime;
  if (found.mirrored && !given.model.mirror.empty()) {
    regime += ", conjugate symmetry of the rows given";
  }
  return {{.transform = options.transform,
           .n = given.model.chain.n,
           .from = std::move(from),
           .method = options.method,
           .seed = options.seed,
           .seconds = taken.count(),
           .regime = std::move(regime),
           .pairs = given.pairs == nullptr ? 0 : given.pairs->samples()},
          std::move(found.chain)};
}

void set_error(Recovery& recovery, double error, const RecoverOptions& options) {
  if (!std::isfinite(error)) {
    fail(options.method +
         " ended in numbers that are not finite; scale the data to numbers near "
         "1, or take another seed or method");
  }
  recovery.row.relative_error = error;
  recovery.row.recovered = error <= goal_of(options);
}

/// What is no butterfly network has no closed form for the nearest one: sweeps from the
/// approximation by splits, and from a random start, end in local minima, the best of which is
/// kept.
void polish(Recovery& recovery, const Given& given) {
  const auto start = std::chrono::steady_clock::now();
  const AlsOptions options{.dtype = given.options.dtype,
                           .seed = seed_of(given.options.seed, Purpose::start)};
  for (Als& found : std::array{als(*given.matrix, given.model, recovery.chain, options),
                               als(*given.matrix, given.model, options)}) {
    recovery.row.polish_sweeps += found.sweeps;
    const double error = relative_distance(chain_matrix(found.chain), *given.matrix);
    if (!(error < recovery.row.relative_error)) continue;
    set_error(recovery, error, given.options);
    recovery.chain = std::move(found.chain);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  recovery.row.seconds += taken.count();
}

std::int64_t pairs_needed(const std::string& method, const Model& model) {
  return method == "identify" ? least_pairs(model) : unknowns_of_row(model);
}

}  // namespace

const std::vector<std::string>& method_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Method& method : kMethods) list.emplace_back(method.name);
    return list;
  }();
  return names;
}

double goal_of(const RecoverOptions& options) {
  if (options.goal > 0.0) return options.goal;
  const bool gradient = options.method == "adam" || options.method == "lbfgs";
  return gradient || options.dtype == DType::f32 ? 1e-6 : 1e-12;
}

void check_device(const RecoverOptions& options) {
  if (method_of(options.method).descends) return;
  if (options.device == "auto" || options.device == "cpu") return;
  fail("the method " + options.method + " computes on the cpu alone; leave out --device " +
       options.device + ", or give --method adam or lbfgs");
}

std::int64_t default_pairs(std::int64_t n) { return std::min<std::int64_t>(4 * n, 512); }

Recovery recover(const RecoverOptions& options) {
  method_of(options.method);
  check_precision(options.dtype);
  const Source source = parse_source(options.from);
  const Target target = make_target({.transform = options.transform,
                                     .n = options.n,
                                     .radices = options.radices,
                                     .form = options.form,
                                     .tying = options.tying,
                                     .outer_structure = options.outer_structure,
                                     .seed = seed_of(options.seed, Purpose::target)});
  if (source.matrix) return recover(target.matrix, target.model, options);
  double bound = 0.0;
  const Pairs pairs = make_pairs(target, source, options, bound);
  Recovery recovery = run({nullptr, &pairs, target.model, options}, options.from);
  recovery.row.bound = bound;
  set_error(recovery, relative_distance(chain_matrix(recovery.chain), target.matrix), options);
  return recovery;
}

Recovery recover(const Matrix& matrix, const Model& model, const RecoverOptions& options) {
  check_range(matrix, options.dtype, "the matrix");
  const Given given{&matrix, nullptr, model, options};
  Recovery recovery = run(given, "matrix");
  set_error(recovery, relative_distance(chain_matrix(recovery.chain), matrix), options);
  const bool closed = options.method == "hierarchical" && model.plain();
  if (closed && !recovery.row.recovered) polish(recovery, given);
  return recovery;
}

Recovery recover(const Pairs& pairs, const Model& model, const RecoverOptions& options) {
  validate(pairs);
  check_range(pairs.x, options.dtype, "the inputs");
  check_range(pairs.y, options.dtype, "the outputs");
  const Halves halves = hold_out(pairs, pairs_needed(options.method, model));
  Recovery recovery = run({nullptr, &halves.given, model, options}, "pairs");
  recovery.row.pairs = pairs.samples();
  recovery.row.held_out = halves.held.samples();
  recovery.row.error_of = "held-out pairs";
  const Batches<double> data = batches_of<double>(halves.held);
  const Stack<double> stack(recovery.chain);
  const double loss = stack.loss(stack.parameters(recovery.chain), data);
  set_error(recovery, std::sqrt(loss / data.power), options);
  return recovery;
}

}  // namespace papilio::train
