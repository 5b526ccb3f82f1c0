// Sweeps over the stages of a network given its matrix, and over those of any chain given pairs.
#include "train/als.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "papilio/error.h"
#include "train/gauss_newton.h"
#include "train/outer.h"
#include "transform/inits.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Matrix;
using transform::Network;

constexpr double kLeastProgress = 1e-3;
constexpr double kStageTolerance = 1e-3;

template <typename T>
using Values = std::vector<std::complex<T>>;

template <typename T>
std::complex<T> multiply(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// The chain with random networks. Their scale says nothing of what is looked for.
Chain random_start(Chain chain, std::uint64_t seed) {
  base::Rng seeds(seed);
  for (transform::Factor& factor : chain.factors) {
    auto* network = std::get_if<Network>(&factor);
    if (network == nullptr) continue;
    std::vector<std::int32_t> permutation = std::move(network->permutation);
    *network = transform::random_network(network->spec, seeds.bits());
    network->permutation = std::move(permutation);
  }
  return chain;
}

/// One network and its matrix behind the permutation. Digits: `low` are those of a row up to a
/// stage, `high` those of a column from it on.
template <typename T>
class Sweeper {
 public:
  Sweeper(Network& network, const Matrix& matrix) : network_(network), n_(size(matrix.rows)) {
    values_.resize(n_ * n_);
    for (std::size_t row = 0; row < n_; ++row) {
      for (std::size_t i = 0; i < n_; ++i) {
        const auto value = matrix.values[row * n_ + size(network.permutation[i])];
        values_[row * n_ + i] = std::complex<T>(value);
        power_ += std::norm(value);
      }
    }
    for (const auto& stage : network.stages) {
      stages_.emplace_back(stage.parameters.begin(), stage.parameters.end());
    }
  }

  /// Sets every stage once; the sum of squares that is left, relative to the matrix.
  double sweep() {
    const std::vector<Values<T>> later = products_of_later_stages();
    Values<T> sums = values_;
    std::vector<double> powers(n_, 1.0);
    double explained = 0.0;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      explained = update(s, later[s], sums, powers);
      std::tie(sums, powers) = take_up(s, sums, powers);
    }
    return std::max(0.0, 1.0 - explained / power_);
  }

  void write() const {
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      auto& parameters = network_.stages[s].parameters;
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        parameters[i] = std::complex<double>(stages_[s][i]);
      }
    }
  }

 private:
  static std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }

  std::size_t radix(std::size_t s) const { return size(network_.spec.layout.radices[s]); }
  std::size_t stride(std::size_t s) const {
    return size(network_.spec.layout.stage(static_cast<int>(s)).stride);
  }
  /// Where the r numbers of stage s lie for row o and the later digits `high` of the column.
  std::size_t place(std::size_t s, std::size_t o, std::size_t high) const {
    const std::size_t m = stride(s);
    const std::size_t r = radix(s);
    return ((m * high + o % m) * r + o / m % r) * r;
  }

  /// For each stage s the product l of the factors after it, [n][n / m_{s+1}].
  std::vector<Values<T>> products_of_later_stages() const {
    std::vector<Values<T>> products(stages_.size());
    products.back().assign(n_, std::complex<T>(1));
    for (std::size_t s = stages_.size() - 1; s > 0; --s) {
      const std::size_t r = radix(s);
      const std::size_t width = n_ / (stride(s) * r);
      products[s - 1].resize(n_ * width * r);
      for (std::size_t o = 0; o < n_; ++o) {
        for (std::size_t high = 0; high < width; ++high) {
          const std::complex<T>* f = stages_[s].data() + place(s, o, high);
          const std::complex<T> l = products[s][o * width + high];
          for (std::size_t j = 0; j < r; ++j) {
            products[s - 1][(o * width + high) * r + j] = multiply(l, f[j]);
          }
        }
      }
    }
    return products;
  }

  /// Best values of stage s. sums [n][n / m_s] = sum of conj(r) A over the earlier digits of the
  /// column, powers [n / m_s][m_s] = sum of |r|^2. By how much they lower |A|^2 - |A - A'|^2.
  double update(std::size_t s, const Values<T>& later, const Values<T>& sums,
                const std::vector<double>& powers) {
    const std::size_t r = radix(s);
    const std::size_t m = stride(s);
    const std::size_t width = n_ / (m * r);
    Values<double> numerators(stages_[s].size());
    std::vector<double> later_powers(stages_[s].size() / r);
    for (std::size_t o = 0; o < n_; ++o) {
      for (std::size_t high = 0; high < width; ++high) {
        const std::size_t first = place(s, o, high);
        const std::complex<T> l = std::conj(later[o * width + high]);
        later_powers[first / r] += static_cast<double>(std::norm(l));
        for (std::size_t j = 0; j < r; ++j) {
          const std::complex<T> product = multiply(l, sums[(o * width + high) * r + j]);
          numerators[first + j] += std::complex<double>(product);
        }
      }
    }
    double explained = 0.0;
    for (std::size_t i = 0; i < numerators.size(); ++i) {
      const std::size_t block = i / (r * r);
      const double power = later_powers[i / r] * powers[(block / m * r + i % r) * m + block % m];
      if (!(power > 0)) continue;
      stages_[s][i] = std::complex<T>(numerators[i] / power);
      explained += std::norm(numerators[i]) / power;
    }
    return explained;
  }

  /// sums and powers for stage s + 1.
  std::pair<Values<T>, std::vector<double>> take_up(std::size_t s, const Values<T>& sums,
                                                    const std::vector<double>& powers) const {
    const std::size_t r = radix(s);
    const std::size_t m = stride(s);
    const std::size_t width = n_ / (m * r);
    Values<T> next(n_ * width, std::complex<T>(0));
    std::vector<double> next_powers(n_, 0.0);
    for (std::size_t o = 0; o < n_; ++o) {
      for (std::size_t high = 0; high < width; ++high) {
        const std::complex<T>* f = stages_[s].data() + place(s, o, high);
        for (std::size_t j = 0; j < r; ++j) {
          next[o * width + high] += multiply(std::conj(f[j]), sums[(o * width + high) * r + j]);
          if (o >= m * r) continue;
          next_powers[high * m * r + o] +=
              static_cast<double>(std::norm(f[j])) * powers[(high * r + j) * m + o % m];
        }
      }
    }
    return {std::move(next), std::move(next_powers)};
  }

  Network& network_;
  std::size_t n_;
  double power_ = 0.0;
  Values<T> values_;
  std::vector<Values<T>> stages_;
};

/// Sweeps until one lowers the sum of squares by less than kLeastProgress, or rounding is reached,
/// but for the first: from a random start it may lose digits that the second brings back.
template <typename Sweep>
int repeat(int sweeps, double rounding, const Sweep& sweep) {
  double last = std::numeric_limits<double>::infinity();
  for (int done = 0; done < sweeps; ++done) {
    const double left = sweep();
    const bool reached = done > 0 && left <= rounding;
    if (reached || !(left < (1.0 - kLeastProgress) * last)) return done + 1;
    last = left;
  }
  return sweeps;
}

template <typename T>
Als from_matrix(const Matrix& matrix, Chain start, int sweeps, const Model& model) {
  Als result{std::move(start), 0};
  Sweeper<T> sweeper(first_network(result.chain), inner_matrix(model, matrix));
  const double rounding = 4.0 * static_cast<double>(std::numeric_limits<T>::epsilon());
  result.sweeps = repeat(sweeps, rounding, [&] { return sweeper.sweep(); });
  sweeper.write();
  return result;
}

template <typename T>
Als from_pairs(const Pairs& pairs, const Model& model, const AlsOptions& options) {
  Als result{random_start(model.chain, options.seed), 0};
  const Stack<T> stack(result.chain);
  const Batches<T> data = batches_of<T>(pairs);
  Parameters<T> values = stack.parameters(result.chain);
  const auto sweep = [&] {
    for (const std::size_t s : stack.stages()) {
      const Parameters<T> step = solve_step(stack, values, data, {s, s + 1}, kStageTolerance, 0.0);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += step[i];
      balance(stack, values);
    }
    return stack.loss(values, data) / data.power;
  };
  const double rounding = std::pow(0.5 * std::numeric_limits<T>::epsilon(), 2);
  result.sweeps = repeat(options.sweeps, rounding, sweep);
  result.chain = stack.with(std::move(result.chain), values);
  return result;
}

void check_size(std::int64_t columns, const Model& model) {
  if (columns == model.chain.n) return;
  throw UserError("[recover] the data are of n = " + std::to_string(columns) +
                  ", but the model is of n = " + std::to_string(model.chain.n) +
                  "; give a model of that n");
}

}  // namespace

Als als(const Matrix& matrix, const Model& model, const AlsOptions& options) {
  check_size(matrix.columns, model);
  check_size(matrix.rows, model);
  const Pairs columns = columns_of(matrix);
  validate(columns);
  if (!model.closed_form()) return als(columns, model, options);
  return als(matrix, model, random_start(model.chain, options.seed), options);
}

Als als(const Matrix& matrix, const Model& model, Chain start, const AlsOptions& options) {
  if (options.dtype == DType::f32) {
    return from_matrix<float>(matrix, std::move(start), options.sweeps, model);
  }
  return from_matrix<double>(matrix, std::move(start), options.sweeps, model);
}

Als als(const Pairs& pairs, const Model& model, const AlsOptions& options) {
  validate(pairs);
  check_size(pairs.x.columns, model);
  if (options.dtype == DType::f32) return from_pairs<float>(pairs, model, options);
  return from_pairs<double>(pairs, model, options);
}

}  // namespace papilio::train
