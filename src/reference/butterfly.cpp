// Butterflies: the stages of a run as lists of block matrices, multiplied one after the other. The
// matrices are transform's.
#include <utility>

#include "reference/ops.h"
#include "transform/blocks.h"

namespace papilio::reference {
namespace {

using transform::Complex;
using transform::Matrix;
using transform::StageShape;

using Signal = std::vector<Complex>;

/// A stage as it is multiplied by: transposed where the node is.
struct Factor {
  StageShape shape;
  std::vector<Matrix> blocks;
};

Matrix transposed(const Matrix& a) {
  Matrix result(a.columns, a.rows);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < a.columns; ++j) result.at(j, i) = a.at(i, j);
  }
  return result;
}

transform::Direction direction_of(const ir::ButterflyAttrs& a) {
  return a.inverse ? transform::Direction::inverse : transform::Direction::forward;
}

/// A network that holds the parameters of the stages that the node runs.
transform::Network network_of(const ir::ButterflyAttrs& a, const Tensor& p) {
  transform::Network network;
  network.spec.layout = transform::layout_of(a.radices);
  network.spec.form = a.block ? transform::Form::block : transform::Form::twiddle;
  network.spec.direction = direction_of(a);
  network.stages.resize(a.radices.size());
  std::int64_t next = 0;
  for (int s = a.first; s < a.last; ++s) {
    auto& parameters = network.stages[static_cast<std::size_t>(s)].parameters;
    for (std::int64_t i = transform::held_parameters(network.spec, s); i > 0; --i) {
      parameters.push_back(p.at(next++));
    }
  }
  return network;
}

/// First stage first, whichever is multiplied first.
std::vector<Factor> factors_of(const ir::ButterflyAttrs& a, const Tensor& p) {
  const transform::Network network = network_of(a, p);
  std::vector<Factor> factors;
  for (int s = a.first; s < a.last; ++s) {
    const transform::StageBlocks stage(network, s);
    Factor factor{stage.shape(), {}};
    for (std::int64_t b = 0; b < factor.shape.blocks(); ++b) {
      Matrix matrix(factor.shape.radix, factor.shape.radix);
      stage.fill(b, matrix);
      if (a.linear) {
        for (std::int64_t q = 0; q < matrix.rows; ++q) matrix.at(q, 0) = 0.0;
      }
      factor.blocks.push_back(a.transposed ? transposed(matrix) : std::move(matrix));
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

Signal item_of(const Tensor& in, std::int64_t item) {
  Signal signal;
  for (std::int64_t i = 0; i < in.last(); ++i) signal.push_back(in.at(item * in.last() + i));
  return signal;
}

/// y[i] = x[permutation[i]], or back.
Signal permute(const ir::ButterflyAttrs& a, bool undo, const Signal& x) {
  if (a.permutation == nullptr) return x;
  Signal y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto source = static_cast<std::size_t>((*a.permutation)[i]);
    y[undo ? source : i] = x[undo ? i : source];
  }
  return y;
}

/// The factor, or its adjoint, times x.
Signal multiply(const Factor& factor, bool adjoint, const Signal& x) {
  const StageShape& shape = factor.shape;
  Signal y(x.size());
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    const Matrix& matrix = factor.blocks[static_cast<std::size_t>(b)];
    for (std::int64_t q = 0; q < shape.radix; ++q) {
      Complex sum = 0.0;
      for (std::int64_t j = 0; j < shape.radix; ++j) {
        const Complex weight = adjoint ? std::conj(matrix.at(j, q)) : matrix.at(q, j);
        sum += transform::product(weight, x[static_cast<std::size_t>(shape.position(b, j))]);
      }
      y[static_cast<std::size_t>(shape.position(b, q))] = sum;
    }
  }
  return y;
}

/// Adds the gradient of Re(g^H F x) with respect to the matrices of F: g x^H, block by block.
void add_gradient(const Signal& x, const Signal& g, Factor& sums) {
  const StageShape& shape = sums.shape;
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    for (std::int64_t q = 0; q < shape.radix; ++q) {
      const Complex left = g[static_cast<std::size_t>(shape.position(b, q))];
      for (std::int64_t j = 0; j < shape.radix; ++j) {
        const Complex right = x[static_cast<std::size_t>(shape.position(b, j))];
        sums.blocks[static_cast<std::size_t>(b)].at(q, j) +=
            transform::product(left, std::conj(right));
      }
    }
  }
}

/// The same for one item of x and g, for all stages.
void add_gradients(const ir::ButterflyAttrs& a, const std::vector<Factor>& factors, const Signal& x,
                   const Signal& g, std::vector<Factor>& sums) {
  const std::size_t count = factors.size();
  const auto stage = [&](std::size_t k) { return a.transposed ? count - 1 - k : k; };
  std::vector<Signal> before{a.transposed ? x : permute(a, false, x)};
  for (std::size_t k = 0; k + 1 < count; ++k) {
    before.push_back(multiply(factors[stage(k)], false, before.back()));
  }
  Signal behind = a.transposed ? permute(a, false, g) : g;
  for (std::size_t k = count; k-- > 0;) {
    add_gradient(before[k], behind, sums[stage(k)]);
    behind = multiply(factors[stage(k)], true, behind);
  }
}

/// From the matrices' gradient to that of the twiddles in w_j DFT_r[q, j], or of the entries.
void store(const ir::ButterflyAttrs& a, const Factor& sums, Tensor& out, std::int64_t& next) {
  const std::int64_t radix = sums.shape.radix;
  const Matrix dft = transform::dft_matrix(radix, direction_of(a));
  for (const Matrix& block : sums.blocks) {
    const Matrix matrix = a.transposed ? transposed(block) : block;
    if (a.block) {
      for (const Complex value : matrix.values) out.set(next++, value);
      continue;
    }
    for (std::int64_t j = 1; j < radix; ++j) {
      Complex sum = 0.0;
      for (std::int64_t q = 0; q < radix; ++q) {
        sum += transform::product(std::conj(dft.at(q, j)), matrix.at(q, j));
      }
      out.set(next++, sum);
    }
  }
}

}  // namespace

Tensor run_Butterfly(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::ButterflyAttrs>();
  const std::vector<Factor> factors = factors_of(a, *in[1]);
  Tensor out = zeros(in[0]->shape, true);
  for (std::int64_t item = 0; item < out.items(); ++item) {
    Signal y = item_of(*in[0], item);
    if (!a.transposed) y = permute(a, false, y);
    for (std::size_t k = 0; k < factors.size(); ++k) {
      y = multiply(factors[a.transposed ? factors.size() - 1 - k : k], false, y);
    }
    if (a.transposed) y = permute(a, true, y);
    for (std::int64_t i = 0; i < out.last(); ++i) {
      out.set(item * out.last() + i, y[static_cast<std::size_t>(i)]);
    }
  }
  return out;
}

/// The gradient of the sum of Re(conj(g) A(p) x) over all items and elements with respect to p.
Tensor run_ButterflyGradient(const ir::Node& node, Inputs in) {
  const auto& a = node.as<ir::ButterflyAttrs>();
  const std::vector<Factor> factors = factors_of(a, *in[2]);
  std::vector<Factor> sums = factors;
  for (Factor& factor : sums) {
    for (Matrix& block : factor.blocks) block = Matrix(block.rows, block.columns);
  }
  for (std::int64_t item = 0; item < in[0]->items(); ++item) {
    add_gradients(a, factors, item_of(*in[0], item), item_of(*in[1], item), sums);
  }
  Tensor out = zeros(in[2]->shape, true);
  std::int64_t next = 0;
  for (const Factor& factor : sums) store(a, factor, out, next);
  return out;
}

}  // namespace papilio::reference
