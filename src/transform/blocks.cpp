// Blocks as matrices, and their inverses.
#include "transform/blocks.h"

#include <cstdio>

#include "papilio/error.h"
#include "transform/roots.h"
#include "transform/svd.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

}  // namespace

Matrix dft_matrix(std::int64_t radix, Direction direction) {
  const std::int64_t sign = direction == Direction::inverse ? -1 : 1;
  Matrix dft(radix, radix);
  for (std::int64_t q = 0; q < radix; ++q) {
    for (std::int64_t j = 0; j < radix; ++j) dft.at(q, j) = unit_root(sign * q * j, radix);
  }
  return dft;
}

StageBlocks::StageBlocks(const Network& network, int s)
    : stage_(network.stages[static_cast<std::size_t>(s)]),
      form_(network.spec.form),
      shape_(network.spec.layout.stage(s)),
      dft_(dft_matrix(shape_.radix, network.spec.direction)) {}

void StageBlocks::fill(std::int64_t block, Matrix& matrix) const {
  if (form_ == Form::twiddle) {
    fill_twiddle(block, matrix);
  } else {
    const std::int64_t size = shape_.radix * shape_.radix;
    const auto first = stage_.parameters.begin() + block * size;
    matrix.values.assign(first, first + size);
  }
  if (stage_.gates.empty()) return;
  const double gate = stage_.gates[static_cast<std::size_t>(block)];
  for (Complex& value : matrix.values) value *= gate;
  for (std::int64_t j = 0; j < shape_.radix; ++j) matrix.at(j, j) += 1.0 - gate;
}

void StageBlocks::fill_twiddle(std::int64_t block, Matrix& matrix) const {
  const Complex* w = stage_.parameters.data() + block * (shape_.radix - 1);
  for (std::int64_t q = 0; q < shape_.radix; ++q) {
    matrix.at(q, 0) = 1.0;
    for (std::int64_t j = 1; j < shape_.radix; ++j) {
      matrix.at(q, j) = product(dft_.at(q, j), w[j - 1]);
    }
  }
}

Matrix effective_block(const Network& network, int stage, std::int64_t block) {
  validate(network);
  if (stage < 0 || stage >= network.spec.layout.stages()) {
    fail("there is no stage " + std::to_string(stage) + "; the network has the stages 0 .. " +
         std::to_string(network.spec.layout.stages() - 1));
  }
  const StageBlocks blocks(network, stage);
  if (block < 0 || block >= blocks.shape().blocks()) {
    fail("stage " + std::to_string(stage) + " has no block " + std::to_string(block) +
         "; its blocks are 0 .. " + std::to_string(blocks.shape().blocks() - 1));
  }
  Matrix matrix(blocks.shape().radix, blocks.shape().radix);
  blocks.fill(block, matrix);
  return matrix;
}

Matrix invert_block(const Matrix& block, const std::string& where) {
  const Svd factors = svd(block);
  const double condition = factors.condition();
  if (!(condition <= kMaxCondition)) {
    char number[32];
    std::snprintf(number, sizeof number, "%.3g", condition);
    fail(where + ": its matrix has the condition number " + number +
         ", above 1e6, so that the network has no inverse; move its gate or parameters, or read "
         "the adjoint");
  }
  return factors.inverse();
}

}  // namespace papilio::transform
