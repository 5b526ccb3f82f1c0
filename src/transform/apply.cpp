// Readings of a network: one function gives the matrix of a block, everything else is the order in
// which stages are visited. Arrays are [positions, columns], one signal per column.
#include "transform/apply.h"

#include <algorithm>
#include <string>
#include <utility>

#include "papilio/error.h"
#include "transform/blocks.h"
#include "transform/recombination.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

Matrix transposed(const Matrix& a) {
  Matrix result(a.columns, a.rows);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < a.columns; ++j) result.at(j, i) = a.at(i, j);
  }
  return result;
}

/// Which matrix the stages are multiplied to: A as held, its transpose, inverse, or both.
struct Product {
  bool transposed = false;
  bool inverted = false;
};

/// The rows of one block of x, times its matrix.
void multiply_rows(const Matrix& matrix, const StageShape& shape, std::int64_t block,
                   std::span<Complex> x, std::int64_t columns, std::vector<Complex>& column) {
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t j = 0; j < shape.radix; ++j) {
      column[static_cast<std::size_t>(j)] =
          x[static_cast<std::size_t>(shape.position(block, j) * columns + c)];
    }
    for (std::int64_t q = 0; q < shape.radix; ++q) {
      Complex sum = 0.0;
      for (std::int64_t j = 0; j < shape.radix; ++j) {
        sum += product(matrix.at(q, j), column[static_cast<std::size_t>(j)]);
      }
      x[static_cast<std::size_t>(shape.position(block, q) * columns + c)] = sum;
    }
  }
}

void run_stage(const Network& network, int s, Product wanted, std::span<Complex> x,
               std::int64_t columns) {
  const StageBlocks blocks(network, s);
  const StageShape& shape = blocks.shape();
  Matrix matrix(shape.radix, shape.radix);
  std::vector<Complex> column(static_cast<std::size_t>(shape.radix));
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    blocks.fill(b, matrix);
    if (wanted.inverted) {
      matrix = invert_block(matrix, "stage " + std::to_string(s) + ", block " + std::to_string(b));
    }
    if (wanted.transposed) matrix = transposed(matrix);
    multiply_rows(matrix, shape, b, x, columns, column);
  }
}

/// Rows are gathered by the permutation, or scattered back.
std::vector<Complex> permute(const Network& network, bool undo, std::span<const Complex> x,
                             std::int64_t columns) {
  std::vector<Complex> result(x.size());
  for (std::int64_t i = 0; i < network.spec.layout.n; ++i) {
    const std::int64_t source = network.permutation[static_cast<std::size_t>(i)];
    const auto* from = x.data() + (undo ? i : source) * columns;
    std::copy(from, from + columns, result.data() + (undo ? source : i) * columns);
  }
  return result;
}

/// The complex network without its scale. A = B_S .. B_1 B_0 P; its transpose and its inverse start
/// with the last stage, the inverse of the transpose with the first again.
std::vector<Complex> run(const Network& network, Product wanted, std::span<const Complex> x,
                         std::int64_t columns) {
  if (network.spec.order == Order::dif) wanted.transposed = !wanted.transposed;
  const int stages = network.spec.layout.stages();
  if (wanted.transposed == wanted.inverted) {
    std::vector<Complex> y = permute(network, false, x, columns);
    for (int s = 0; s < stages; ++s) run_stage(network, s, wanted, y, columns);
    return y;
  }
  std::vector<Complex> y(x.begin(), x.end());
  for (int s = stages - 1; s >= 0; --s) run_stage(network, s, wanted, y, columns);
  return permute(network, true, y, columns);
}

void conjugate(std::span<Complex> x) {
  for (Complex& value : x) value = std::conj(value);
}

/// conj(M) x, where M is what `wanted` asks for.
std::vector<Complex> run_conjugated(const Network& network, Product wanted, std::vector<Complex> x,
                                    std::int64_t columns) {
  conjugate(x);
  std::vector<Complex> y = run(network, wanted, x, columns);
  conjugate(y);
  return y;
}

/// e + sign i o, for the even samples e and the odd samples o.
std::vector<Complex> pair_samples(std::span<const Complex> x, double sign, std::int64_t columns) {
  std::vector<Complex> z(x.size() / 2);
  const std::size_t width = static_cast<std::size_t>(columns);
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::size_t even = 2 * (i / width) * width + i % width;
    z[i] = x[even] + Complex(0.0, sign) * x[even + width];
  }
  return z;
}

std::vector<Complex> forward_real(const Network& network, std::span<const Complex> x,
                                  std::int64_t columns) {
  const std::vector<Complex> u = run(network, {}, pair_samples(x, 1.0, columns), columns);
  const std::vector<Complex> v =
      run_conjugated(network, {}, pair_samples(x, -1.0, columns), columns);
  return recombine(network.recombination, u, v, columns);
}

std::vector<Complex> transpose_real(const Network& network, std::span<const Complex> bins,
                                    std::int64_t columns) {
  const Product wanted{.transposed = true};
  Halves halves = recombine_transposed(network.recombination, bins, columns);
  const std::vector<Complex> u = run(network, wanted, halves.u, columns);
  const std::vector<Complex> v = run_conjugated(network, wanted, std::move(halves.v), columns);
  std::vector<Complex> x(2 * u.size());
  const std::size_t width = static_cast<std::size_t>(columns);
  for (std::size_t i = 0; i < u.size(); ++i) {
    const std::size_t even = 2 * (i / width) * width + i % width;
    x[even] = u[i] + v[i];
    x[even + width] = Complex(0.0, 1.0) * (u[i] - v[i]);
  }
  return x;
}

std::vector<Complex> inverse_real(const Network& network, std::span<const Complex> bins) {
  const std::vector<Complex> spectrum = undo_recombination(network.recombination, bins);
  std::vector<Complex> x;
  for (const Complex z : run(network, {.inverted = true}, spectrum, 1)) {
    x.emplace_back(z.real());
    x.emplace_back(z.imag());
  }
  return x;
}

bool takes_signal(Reading reading) {
  return reading == Reading::forward || reading == Reading::conjugate;
}

std::vector<Complex> read(const Network& network, std::vector<Complex> x, Reading reading,
                          std::int64_t columns) {
  const bool conjugated = reading == Reading::conjugate || reading == Reading::adjoint;
  const bool inverted = reading == Reading::inverse;
  const bool transposed = !takes_signal(reading) && !inverted;
  if (conjugated) conjugate(x);  // conj(A) x = conj(A conj(x))
  std::vector<Complex> y;
  if (network.spec.input == Input::complex) {
    y = run(network, {transposed, inverted}, x, columns);
  } else if (inverted) {
    y = inverse_real(network, x);
  } else {
    y = transposed ? transpose_real(network, x, columns) : forward_real(network, x, columns);
  }
  if (conjugated) conjugate(y);
  const double scale = inverted ? 1.0 / network.scale : network.scale;
  for (Complex& value : y) value *= scale;
  return y;
}

std::int64_t length_read(const NetworkSpec& spec, Reading reading) {
  return takes_signal(reading) ? spec.n() : spec.outputs();
}

}  // namespace

std::vector<Complex> apply_network(const Network& network, std::span<const Complex> x,
                                   Reading reading) {
  validate(network);
  const std::int64_t wanted = length_read(network.spec, reading);
  if (static_cast<std::int64_t>(x.size()) != wanted) {
    fail("the signal has " + std::to_string(x.size()) + " numbers, but this reading takes " +
         std::to_string(wanted) + "; give as many");
  }
  return read(network, {x.begin(), x.end()}, reading, 1);
}

Matrix dense(const Network& network, Reading reading) {
  validate(network);
  if (network.spec.input == Input::real && reading == Reading::inverse) {
    fail(
        "the inverse of a real-input network is linear over the reals only and has no complex "
        "matrix; apply it to bins");
  }
  const std::int64_t columns = length_read(network.spec, reading);
  std::vector<Complex> identity(static_cast<std::size_t>(columns * columns));
  for (std::int64_t i = 0; i < columns; ++i) {
    identity[static_cast<std::size_t>(i * (columns + 1))] = 1.0;
  }
  Matrix matrix(takes_signal(reading) ? network.spec.outputs() : network.spec.n(), columns);
  matrix.values = read(network, std::move(identity), reading, columns);
  return matrix;
}

}  // namespace papilio::transform
