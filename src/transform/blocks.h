/// The matrices of a network's blocks: the one place that says what parameters and gates mean.
#pragma once

#include <cstdint>
#include <string>

#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::transform {

/// A block whose 2-norm condition number is above this has no inverse reading.
inline constexpr double kMaxCondition = 1e6;

/// DFT_r: exp(-+ 2 pi i q j / r) in row q and column j.
Matrix dft_matrix(std::int64_t radix, Direction direction);

/// The blocks of one stage of a valid network, which must outlive it.
class StageBlocks {
 public:
  StageBlocks(const Network& network, int s);

  const StageShape& shape() const { return shape_; }
  /// g B + (1 - g) I of a block, into a matrix of r x r.
  void fill(std::int64_t block, Matrix& matrix) const;

 private:
  void fill_twiddle(std::int64_t block, Matrix& matrix) const;

  const Stage& stage_;
  Form form_;
  StageShape shape_;
  Matrix dft_;
};

/// The r x r matrix g B + (1 - g) I of one block, gate included, as held: order dif reads its
/// transpose. Throws UserError for an invalid network, a stage or block that is not there.
Matrix effective_block(const Network& network, int stage, std::int64_t block);

/// The inverse of a block. Throws UserError, naming `where` ("stage 3, block 17") and the condition
/// number in the 2-norm, if that exceeds kMaxCondition.
Matrix invert_block(const Matrix& block, const std::string& where);

/// a b without std::complex's repair of infinities, which costs several times as much.
inline Complex product(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace papilio::transform
