// The tree of splits and the rank-one approximations at its nodes.
#include "train/hierarchical.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/fill.h"

namespace papilio::train {
namespace {

using transform::Layout;
using transform::Matrix;
using transform::Network;

/// Power iterations of one block. Where the two largest singular values are so near to each other
/// that these are not enough, the approximations by either vector are almost as good.
constexpr int kMaxIterations = 100;

[[noreturn]] void fail(const std::string& what) { throw UserError("[recover] " + what); }

template <typename T>
std::complex<T> multiply(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

template <typename T>
using Values = std::vector<std::complex<T>>;

template <typename Range>
double power_of(const Range& values) {
  double power = 0.0;
  for (const auto& value : values) power += static_cast<double>(std::norm(value));
  return power;
}

/// block [rows, columns] ~ left right^T. Sums are taken in double, which costs little and keeps
/// rounding of f32 from piling up where all terms are alike (Hadamard).
template <typename T>
class RankOne {
 public:
  RankOne(std::size_t rows, std::size_t columns)
      : block(rows * columns), left(rows), right(columns), sums_(columns) {}

  void solve() {
    start();
    double largest = 0.0;
    for (int i = 0; i < kMaxIterations; ++i) {
      multiply_right();
      multiply_left();
      operations += 2 * static_cast<std::int64_t>(block.size());
      // left has the norm 1 but for rounding, so that this is the singular value.
      const double singular = std::sqrt(power_of(right));
      const double rounding = 4.0 * static_cast<double>(std::numeric_limits<T>::epsilon());
      const bool settled = std::abs(singular - largest) <= rounding * singular;
      largest = singular;
      if (settled) break;
    }
    share();
  }

  Values<T> block;
  Values<T> left;
  Values<T> right;
  std::int64_t operations = 0;

 private:
  /// The strongest row, which is no worse than the mean of all: the iteration cannot start
  /// orthogonal to what it looks for.
  void start() {
    double strongest = -1.0;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::span<const std::complex<T>> row(block.data() + i * right.size(), right.size());
      const double power = power_of(row);
      if (power <= strongest) continue;
      strongest = power;
      std::copy(row.begin(), row.end(), right.begin());
    }
  }

  /// left = block conj(right), normalised.
  void multiply_right() {
    Values<double> sums(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      std::complex<double> sum = 0.0;
      for (std::size_t j = 0; j < right.size(); ++j) {
        sum += multiply(wide(i, j), std::conj(std::complex<double>(right[j])));
      }
      sums[i] = sum;
    }
    const double norm = std::sqrt(power_of(sums));
    for (std::size_t i = 0; i < left.size(); ++i) {
      left[i] = norm > 0.0 ? std::complex<T>(sums[i] / norm) : std::complex<T>(0);
    }
  }

  /// right = block^T conj(left) / |left|^2: the best one for this left, its rounding included.
  void multiply_left() {
    std::fill(sums_.begin(), sums_.end(), 0.0);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::complex<double> factor = std::conj(std::complex<double>(left[i]));
      for (std::size_t j = 0; j < right.size(); ++j) sums_[j] += multiply(wide(i, j), factor);
    }
    const double power = power_of(left);
    for (std::size_t j = 0; j < right.size(); ++j) {
      right[j] = power > 0.0 ? std::complex<T>(sums_[j] / power) : std::complex<T>(0);
    }
  }

  /// Gives both sides entries of about one size, by a power of two, which rounds nothing.
  void share() {
    const double ratio = power_of(right) * static_cast<double>(left.size()) /
                         (power_of(left) * static_cast<double>(right.size()));
    if (!(ratio > 0.0)) return;
    const int exponent = static_cast<int>(std::lround(std::log2(ratio) / 4.0));
    for (auto& value : left) value *= std::ldexp(T(1), exponent);
    for (auto& value : right) value *= std::ldexp(T(1), -exponent);
  }

  std::complex<double> wide(std::size_t i, std::size_t j) const {
    return std::complex<double>(block[i * right.size() + j]);
  }

  Values<double> sums_;
};

/// The stages first .. last - 1 of the rows with the digits `low` before them and the columns with
/// the digits `high` after them.
struct Node {
  int first = 0;
  int last = 0;
  std::size_t low = 0;
  std::size_t high = 0;
};

template <typename T>
class Tree {
 public:
  explicit Tree(Network& network) : network_(network) {}

  /// `matrix` is p x p, p the product of the node's radices, its digits in order.
  void factor(const Node& node, const Values<T>& matrix) {
    if (node.last - node.first == 1) {
      write(node, matrix);
      return;
    }
    const int middle = balanced_split(node);
    const std::size_t low = radices(node.first, middle);
    const std::size_t high = radices(middle, node.last);
    // [u_low][u_high][v_high] and [v_high][u_low][v_low]
    Values<T> later(low * high * high);
    Values<T> earlier(high * low * low);
    split(matrix, low, high, later, earlier);
    const std::size_t stride = radices(0, node.first);
    for (std::size_t u = 0; u < low; ++u) {
      const auto part = later.begin() + static_cast<std::ptrdiff_t>(u * high * high);
      factor({middle, node.last, node.low + stride * u, node.high},
             {part, part + static_cast<std::ptrdiff_t>(high * high)});
    }
    for (std::size_t v = 0; v < high; ++v) {
      const auto part = earlier.begin() + static_cast<std::ptrdiff_t>(v * low * low);
      factor({node.first, middle, node.low, v + high * node.high},
             {part, part + static_cast<std::ptrdiff_t>(low * low)});
    }
  }

  std::int64_t operations() const { return operations_; }

 private:
  std::size_t radices(int first, int last) const {
    std::size_t product = 1;
    for (int s = first; s < last; ++s) {
      product *=
          static_cast<std::size_t>(network_.spec.layout.radices[static_cast<std::size_t>(s)]);
    }
    return product;
  }

  /// The split whose larger side is smallest.
  int balanced_split(const Node& node) const {
    int best = node.first + 1;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (int t = node.first + 1; t < node.last; ++t) {
      const std::size_t larger = std::max(radices(node.first, t), radices(t, node.last));
      if (larger < least) {
        least = larger;
        best = t;
      }
    }
    return best;
  }

  void split(const Values<T>& matrix, std::size_t low, std::size_t high, Values<T>& later,
             Values<T>& earlier) {
    RankOne<T> local(high, low);
    const std::size_t width = low * high;
    for (std::size_t u = 0; u < low; ++u) {
      for (std::size_t v = 0; v < high; ++v) {
        for (std::size_t i = 0; i < high; ++i) {
          const auto* row = matrix.data() + (u + low * i) * width + low * v;
          std::copy(row, row + low, local.block.data() + i * low);
        }
        local.solve();
        for (std::size_t i = 0; i < high; ++i) later[(u * high + i) * high + v] = local.left[i];
        std::copy(local.right.begin(), local.right.end(), earlier.data() + (v * low + u) * low);
      }
    }
    operations_ += local.operations;
  }

  void write(const Node& node, const Values<T>& matrix) {
    const std::size_t block = radices(0, node.first) * node.high + node.low;
    auto& parameters = network_.stages[static_cast<std::size_t>(node.first)].parameters;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
      parameters[block * matrix.size() + i] = std::complex<double>(matrix[i]);
    }
  }

  Network& network_;
  std::int64_t operations_ = 0;
};

void check(const Matrix& matrix, const Layout& layout, std::span<const std::int32_t> permutation) {
  validate(layout);
  const std::string n = std::to_string(layout.n);
  if (matrix.rows != layout.n || matrix.columns != layout.n) {
    fail("the matrix is " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) +
         ", but the radices " + radices_text(layout) + " have the product " + n +
         "; give radices of the matrix's size");
  }
  if (static_cast<std::int64_t>(permutation.size()) != layout.n ||
      !transform::is_permutation(permutation)) {
    fail("the list of positions is no permutation of 0 .. " + n + " - 1; give each once");
  }
  bool zero = true;
  for (const auto value : matrix.values) {
    if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) {
      fail("the matrix holds a number that is not finite; give finite ones");
    }
    zero = zero && value == 0.0;
  }
  if (zero) fail("the matrix is zero, so that there is nothing to recover; give another");
}

template <typename T>
std::int64_t factor(const Matrix& matrix, Network& network) {
  // Column i of what the stages make is the column of `matrix` that position i reads.
  const std::size_t n = static_cast<std::size_t>(matrix.rows);
  Values<T> values(n * n);
  for (std::size_t row = 0; row < n; ++row) {
    const auto* from = matrix.values.data() + row * n;
    for (std::size_t i = 0; i < n; ++i) {
      values[row * n + i] = std::complex<T>(from[network.permutation[i]]);
    }
  }
  Tree<T> tree(network);
  tree.factor({0, network.spec.layout.stages(), 0, 0}, values);
  return tree.operations();
}

}  // namespace

Factorisation hierarchical(const Matrix& matrix, const Layout& layout,
                           std::span<const std::int32_t> permutation, DType dtype) {
  if (dtype != DType::f32 && dtype != DType::f64) {
    fail(std::string("the precision ") + name_of(dtype) + " is neither f32 nor f64; give one");
  }
  check(matrix, layout, permutation);
  Factorisation result;
  result.network = transform::frame_of(
      {.layout = layout, .form = transform::Form::block, .norm = transform::Norm::none});
  result.network.permutation.assign(permutation.begin(), permutation.end());
  for (int s = 0; s < layout.stages(); ++s) {
    result.network.stages[static_cast<std::size_t>(s)].parameters.resize(
        static_cast<std::size_t>(held_parameters(result.network.spec, s)));
  }
  result.operations = dtype == DType::f32 ? factor<float>(matrix, result.network)
                                          : factor<double>(matrix, result.network);
  result.relative_error = relative_distance(dense(result.network), matrix);
  return result;
}

double relative_distance(const Matrix& a, const Matrix& b) {
  if (a.rows != b.rows || a.columns != b.columns) fail("two matrices of one shape are needed");
  double difference = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < b.values.size(); ++i) {
    difference += std::norm(a.values[i] - b.values[i]);
    power += std::norm(b.values[i]);
  }
  if (!(power > 0.0)) fail("an error relative to a zero matrix has no meaning; give another");
  return std::sqrt(difference / power);
}

}  // namespace papilio::train
