// Soft and hard gates: y = g B x + (1 - g) x, block by block.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

TEST(Gates, MixTheButterflyWithItsInput) {
  for (const Form form : {Form::twiddle, Form::block}) {
    const Network plain = random_butterfly(spec_of("3,2", form), 1);
    const Network mixed = gated(plain, 0.0, 2);
    for (int s = 0; s < 2; ++s) {
      const StageShape shape = plain.spec.layout.stage(s);
      for (std::int64_t b = 0; b < shape.blocks(); ++b) {
        const double g =
            mixed.stages[static_cast<std::size_t>(s)].gates[static_cast<std::size_t>(b)];
        const Matrix butterfly = effective_block(plain, s, b);
        const Matrix expected = matrix_of(shape.radix, shape.radix, [&](auto i, auto j) {
          return g * butterfly.at(i, j) + (i == j ? 1.0 - g : 0.0);
        });
        EXPECT_LT(distance(effective_block(mixed, s, b), expected), 1e-15);
      }
    }
  }
}

TEST(Gates, OpenOnesChangeNothingAndClosedOnesSkip) {
  Network network = random_butterfly(spec_of("2,2,2"), 3);
  const Matrix open = dense(network);
  for (Stage& stage : network.stages) stage.gates.assign(4, 1.0);
  EXPECT_EQ(dense(network).values, open.values);
  for (Stage& stage : network.stages) stage.gates.assign(4, 0.0);
  const std::vector<std::int32_t> p = network.permutation;
  EXPECT_EQ(dense(network).values, matrix_of(8, 8, [&](auto i, auto j) {
                                     return Complex(p[static_cast<std::size_t>(i)] == j);
                                   }).values);
}

TEST(Gates, HardOnesOpenFromOneHalfOn) {
  Network network = random_butterfly(spec_of("2,2"), 4);
  network.stages[0].gates = {0.5, 0.49999};
  const Network hard = harden(network);
  EXPECT_EQ(hard.stages[0].gates, (std::vector<double>{1.0, 0.0}));
  EXPECT_TRUE(hard.stages[1].gates.empty());
  EXPECT_EQ(effective_block(hard, 0, 1).values, identity(2).values);
}

}  // namespace
}  // namespace papilio::transform
