#include "transform/inverse.h"

#include <string>

#include "transform/blocks.h"

namespace papilio::transform {
namespace {

/// The transposed inverses: the other order reads the transpose of what is held.
Stage inverse_stage(const Network& network, int s) {
  const StageBlocks blocks(network, s);
  const std::int64_t radix = blocks.shape().radix;
  Matrix matrix(radix, radix);
  Stage stage;
  for (std::int64_t b = 0; b < blocks.shape().blocks(); ++b) {
    blocks.fill(b, matrix);
    const Matrix inverse =
        invert_block(matrix, "stage " + std::to_string(s) + ", block " + std::to_string(b));
    for (std::int64_t q = 0; q < radix; ++q) {
      for (std::int64_t j = 0; j < radix; ++j) stage.parameters.push_back(inverse.at(j, q));
    }
  }
  return stage;
}

}  // namespace

Network inverse_network(const Network& network) {
  validate(network);
  Network inverse;
  inverse.spec.layout = network.spec.layout;
  inverse.spec.form = Form::block;
  inverse.spec.order = network.spec.order == Order::dif ? Order::dit : Order::dif;
  inverse.spec.norm = Norm::none;
  inverse.scale = 1.0 / network.scale;
  inverse.permutation = network.permutation;
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    inverse.stages.push_back(inverse_stage(network, s));
  }
  return inverse;
}

}  // namespace papilio::transform
