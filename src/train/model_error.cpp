// Models beside exact transforms.
#include "train/model_error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/rng.h"
#include "base/text.h"
#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

using transform::Complex;
using transform::Direction;
using transform::Input;
using transform::Matrix;
using transform::NetworkSpec;

// The lane of random numbers that no recovery or training draws from: Split::test of noise.h, which
// readers of model files do without.
constexpr unsigned kTestLane = 3;
constexpr std::int64_t kProbes = 16;

[[noreturn]] void fail(const std::string& what) { throw UserError("[model] " + what); }

bool bare(const ModelFile& model) {
  return model.parts.size() == 1 && model.parts[0].diagonal.empty() && !model.real_part;
}

double power_of(const std::vector<Complex>& values) {
  double power = 0.0;
  for (const Complex value : values) power += std::norm(value);
  return power;
}

double distance_of(std::span<const Complex> a, std::span<const Complex> b) {
  double power = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) power += std::norm(a[i] - b[i]);
  return power;
}

ModelFile exact_dft_of(const ModelFile& model, Direction direction) {
  NetworkSpec spec = model.parts.front().network.spec;
  spec.form = transform::Form::twiddle;
  spec.field = transform::Field::complex;
  spec.direction = direction;
  return model_of(exact_dft(spec));
}
ModelFile dft(const ModelFile& model) { return exact_dft_of(model, Direction::forward); }
ModelFile idft(const ModelFile& model) { return exact_dft_of(model, Direction::inverse); }

/// Of the model's n, in stages of prime radices: all that matters is the matrix.
NetworkSpec spec_of(const ModelFile& model) {
  const NetworkSpec& own = model.parts.front().network.spec;
  if (own.input == Input::real) {
    fail("a network with real input gives n/2 + 1 bins; compare it with dft or idft");
  }
  NetworkSpec spec;
  spec.layout = transform::default_layout(model.n());
  return spec;
}
ModelFile dct2(const ModelFile& model) { return model_of(transform::dct2(spec_of(model))); }
ModelFile dct4(const ModelFile& model) { return model_of(transform::dct4(spec_of(model))); }
/// The exact encoder and decoder undo each other.
ModelFile identity(const ModelFile& model) {
  NetworkSpec spec = spec_of(model);
  ModelFile pair;
  pair.kind = ModelKind::encdec;
  pair.parts.push_back({"encoder", exact_dft(spec), {}});
  spec.direction = Direction::inverse;
  pair.parts.push_back({"decoder", exact_dft(spec), {}});
  return pair;
}
ModelFile hadamard(const ModelFile& model) { return model_of(transform::hadamard(spec_of(model))); }

/// Columns are what `run` makes of unit vectors, several at a time.
Matrix matrix_of(const RowMap& run, std::int64_t outputs, std::int64_t n) {
  constexpr std::int64_t kAtOnce = 256;
  Matrix matrix(outputs, n);
  for (std::int64_t first = 0; first < n; first += kAtOnce) {
    const std::int64_t count = std::min(kAtOnce, n - first);
    std::vector<Complex> units(static_cast<std::size_t>(count * n));
    for (std::int64_t i = 0; i < count; ++i) {
      units[static_cast<std::size_t>(i * n + first + i)] = 1.0;
    }
    const std::vector<Complex> columns = run(units);
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t k = 0; k < outputs; ++k) {
        matrix.at(k, first + i) = columns[static_cast<std::size_t>(i * outputs + k)];
      }
    }
  }
  return matrix;
}

struct Row {
  const char* name;
  ModelFile (*make)(const ModelFile& model);
};
constexpr Row kExact[] = {{"dft", dft},   {"idft", idft},         {"dct2", dct2},
                          {"dct4", dct4}, {"hadamard", hadamard}, {"identity", identity}};

}  // namespace

std::vector<Complex> apply_model(const ModelFile& model, std::span<const Complex> x) {
  if (bare(model)) return apply_network(model.parts[0].network, x);
  return apply_chain(chain_of(model), x);
}

bool takes_real(const ModelFile& model) {
  return model.real_part || model.parts[0].network.spec.input == Input::real;
}

Matrix model_matrix(const ModelFile& model) {
  if (bare(model)) return dense(model.parts[0].network);
  return dense(chain_of(model));
}

const std::vector<std::string>& exact_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Row& row : kExact) list.emplace_back(row.name);
    return list;
  }();
  return names;
}

std::string default_exact(const ModelFile& model) {
  const auto said = model.training.find("transform");
  if (said != model.training.end() && said->is_string()) {
    const auto& names = exact_names();
    const auto name = std::find(names.begin(), names.end(), said->get<std::string>());
    return name != names.end() ? *name : "";  // of the user's own, or random: it has no name
  }
  if (model.kind == ModelKind::encdec) return "identity";
  if (model.parts.size() > 1) return "";
  const bool inverse = model.parts[0].network.spec.direction == Direction::inverse;
  return inverse ? "idft" : "dft";
}

ModelFile exact_model(const ModelFile& model, const std::string& name) {
  for (const Row& row : kExact) {
    if (name == row.name) return row.make(model);
  }
  fail("there is no exact transform '" + name + "'" + base::did_you_mean(name, exact_names()) +
       "; give one of: " + base::join(exact_names()));
}

double relative_error(double difference, double power) {
  if (!(power > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  // An overflow may leave NaN behind: inf - inf.
  return std::isfinite(difference) ? std::sqrt(difference / power)
                                   : std::numeric_limits<double>::infinity();
}

namespace {

MatrixError compared(const Matrix& got, const Matrix& wanted) {
  return {relative_error(distance_of(got.values, wanted.values), power_of(wanted.values)), 0};
}

MatrixError estimated(const RowMap& run, const ModelFile& exact, bool real, std::uint64_t seed) {
  double difference = 0.0;
  double power = 0.0;
  for (std::int64_t row = 0; row < kProbes; ++row) {
    const std::vector<Complex> x = test_row(exact.n(), real, seed, row);
    const std::vector<Complex> wanted = apply_model(exact, x);
    difference += distance_of(run(x), wanted);
    power += power_of(wanted);
  }
  return {relative_error(difference, power), kProbes};
}

}  // namespace

MatrixError matrix_error(const ModelFile& model, const ModelFile& exact, std::uint64_t seed) {
  if (model.n() <= kMostDense) return compared(model_matrix(model), model_matrix(exact));
  const auto run = [&](std::span<const Complex> row) { return apply_model(model, row); };
  return estimated(run, exact, takes_real(model, exact), seed);
}

MatrixError matrix_error(const RowMap& run, const ModelFile& exact, bool real, std::uint64_t seed) {
  if (exact.n() > kMostDense) return estimated(run, exact, real, seed);
  const Matrix wanted = model_matrix(exact);
  return compared(matrix_of(run, wanted.rows, wanted.columns), wanted);
}

std::vector<Complex> test_row(std::int64_t n, bool real, std::uint64_t seed, std::int64_t row) {
  base::Rng rng(seed, static_cast<std::uint64_t>(row), kTestLane);
  std::vector<Complex> x(static_cast<std::size_t>(n));
  for (Complex& value : x) {
    const double re = rng.normal();
    value = real ? Complex(re) : std::sqrt(0.5) * Complex(re, rng.normal());
  }
  return x;
}

DataError::DataError(const ModelFile& exact) : exact_(exact) {
  const auto outputs = static_cast<std::size_t>(exact.parts.back().network.spec.outputs());
  difference_.resize(outputs);
  power_.resize(outputs);
}

void DataError::add(std::span<const Complex> rows, std::span<const Complex> results) {
  const auto n = static_cast<std::size_t>(exact_.n());
  const std::size_t outputs = power_.size();
  for (std::size_t row = 0; row < rows.size() / n; ++row) {
    add_row(rows.subspan(row * n, n), results.subspan(row * outputs, outputs));
  }
}

void DataError::add_row(std::span<const Complex> row, std::span<const Complex> got) {
  for (const Complex value : row) {
    if (std::isfinite(value.real()) && std::isfinite(value.imag())) continue;
    fail("row " + std::to_string(rows_.size()) +
         " of the data holds a number that is not finite; leave that part out");
  }
  const std::vector<Complex> wanted = apply_model(exact_, row);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    difference_[k] += std::norm(got[k] - wanted[k]);
    power_[k] += std::norm(wanted[k]);
  }
  const double power = power_of(wanted);
  if (!std::isfinite(power)) {
    fail("row " + std::to_string(rows_.size()) +
         " of the data holds numbers so large that the power of the exact result is beyond "
         "double; scale them to numbers near 1");
  }
  rows_.push_back(relative_error(distance_of(got, wanted), power));
}

std::vector<double> DataError::bins() const {
  std::vector<double> errors;
  for (std::size_t k = 0; k < power_.size(); ++k) {
    errors.push_back(relative_error(difference_[k], power_[k]));
  }
  return errors;
}

}  // namespace papilio::train
