// Random networks: repeatable, valid, of the size of exact ones; targets well conditioned.
#include "transform/inits.h"
#include "transform/random_unitary.h"
#include "transform/support.h"
#include "transform/svd.h"

namespace papilio::transform {
namespace {

std::vector<NetworkSpec> specs() {
  std::vector<NetworkSpec> list = {spec_of("2,2,2"), spec_of("4,2,3"), spec_of("3,4", Form::block)};
  list.push_back(list[0]);
  list.back().tying = Tying::tied;
  list.push_back(list[2]);
  list.back().field = Field::real;
  list.push_back(list[0]);
  list.back().input = Input::real;
  return list;
}

bool same(const Network& a, const Network& b) {
  bool equal = a.recombination == b.recombination;
  for (std::size_t s = 0; s < a.stages.size(); ++s) {
    equal = equal && a.stages[s].parameters == b.stages[s].parameters;
  }
  return equal;
}

TEST(RandomNetwork, IsValidAndRepeatsForItsSeedOnly) {
  for (const NetworkSpec& spec : specs()) {
    for (const auto& make : {random_network, random_butterfly}) {
      EXPECT_NO_THROW(validate(make(spec, 1)));
      EXPECT_TRUE(same(make(spec, 1), make(spec, 1)));
      EXPECT_FALSE(same(make(spec, 1), make(spec, 2)));
    }
  }
}

TEST(RandomNetwork, StagesDifferFromEachOther) {
  const Network network = random_network(spec_of("2,2,2"), 1);
  EXPECT_NE(network.stages[0].parameters, network.stages[1].parameters);
}

TEST(RandomNetwork, BlocksAreUnitaryTimesRootR) {
  for (const NetworkSpec& spec : specs()) {
    const Network network = random_network(spec, 3);
    for (int s = 0; s < spec.layout.stages(); ++s) {
      const StageShape shape = spec.layout.stage(s);
      for (std::int64_t b = 0; b < shape.blocks(); ++b) {
        const Matrix block = effective_block(network, s, b);
        const Matrix gram = multiplied(adjoint(block), block);
        EXPECT_LT(distance(gram, scaled(static_cast<double>(shape.radix), identity(shape.radix))),
                  1e-14);
      }
    }
  }
}

TEST(RandomButterfly, IsWellConditionedAndNotUnitary) {
  double largest = 0.0;
  for (const NetworkSpec& spec : specs()) {
    const Network network = random_butterfly(spec, 4);
    for (int s = 0; s < spec.layout.stages(); ++s) {
      for (std::int64_t b = 0; b < spec.layout.stage(s).blocks(); ++b) {
        const double condition = svd(effective_block(network, s, b)).condition();
        EXPECT_LT(condition, 1.5625 + 1e-12);
        largest = std::max(largest, condition);
      }
    }
  }
  EXPECT_GT(largest, 1.1);
}

TEST(RandomUnitary, HasNormalisedOrthogonalColumnsAndUniformPhases) {
  base::Rng rng(5);
  Complex mean = 0.0;
  double squares = 0.0;
  for (int i = 0; i < 2000; ++i) {
    const Matrix q = random_unitary(4, Field::complex, rng);
    ASSERT_LT(distance(multiplied(adjoint(q), q), identity(4)), 1e-14);
    mean += q.at(0, 0) / 2000.0;
    squares += std::norm(q.at(3, 3)) / 2000.0;
  }
  // Under the Haar measure entries have the mean 0 and the mean square 1/4; five standard errors.
  EXPECT_LT(std::abs(mean), 5.0 * 0.5 / std::sqrt(2000.0));
  EXPECT_NEAR(squares, 0.25, 5.0 * 0.2 / std::sqrt(2000.0));
}

}  // namespace
}  // namespace papilio::transform
