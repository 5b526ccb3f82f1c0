// Chains: factors in order of application, and refusals that name the factor.
#include "transform/chain.h"

#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

Network small() { return random_butterfly(spec_of("2,2"), 1); }

TEST(Chain, AppliesItsFactorsInOrder) {
  const Chain chain{4, {Permutation{{3, 2, 1, 0}}, small(), Diagonal{noise(4)}, RealPart{}}};
  const Signal x = real_noise(4);
  Signal y = apply_network(small(), Signal{x[3], x[2], x[1], x[0]});
  for (std::size_t i = 0; i < 4; ++i) y[i] = (y[i] * noise(4)[i]).real();
  EXPECT_LT(distance(apply_chain(chain, x), y), 1e-15);
}

TEST(Chain, DenseIsItsMatrix) {
  const Chain chain{4, {small(), Diagonal{noise(4)}}};
  Matrix column(4, 1);
  column.values = noise(4, 2);
  EXPECT_LT(distance(apply_chain(chain, column.values), multiplied(dense(chain), column).values),
            1e-15);
  const Chain nothing{3, {}};
  EXPECT_EQ(dense(nothing).values, identity(3).values);
}

TEST(Chain, OfARealInputNetworkGivesItsBins) {
  NetworkSpec spec = spec_of("2,3");
  spec.input = Input::real;
  const Network network = random_butterfly(spec, 1);
  const Chain chain{12, {network}};
  EXPECT_EQ(chain.outputs(), 7);
  EXPECT_EQ(dense(chain).rows, 7);
  EXPECT_EQ(dense(chain).values, dense(network).values);
  const Signal x = real_noise(12);
  EXPECT_EQ(apply_chain(chain, x), apply_network(network, x));
  expect_refusal([&] { validate(Chain{6, {network}}); }, {"12 numbers", "of 6"});
}

TEST(Chain, RefusesFactorsThatDoNotFit) {
  const auto refuse = [](Factor factor, std::initializer_list<std::string> parts) {
    const Chain chain{4, {RealPart{}, std::move(factor)}};
    expect_refusal([&] { validate(chain); }, parts);
    expect_refusal([&] { apply_chain(chain, noise(4)); }, parts);
  };
  refuse(Permutation{{0, 1}}, {"factor 1", "2 numbers", "of 4"});
  refuse(Permutation{{0, 1, 1, 2}}, {"factor 1", "no permutation"});
  refuse(Diagonal{noise(5)}, {"factor 1", "5 numbers"});
  refuse(Diagonal{{1.0, 1.0, std::nan(""), 1.0}}, {"factor 1", "not finite"});
  refuse(exact_dft(spec_of("2,2,2")), {"factor 1", "8 numbers"});
  NetworkSpec spec = spec_of("2");
  spec.input = Input::real;
  refuse(exact_dft(spec), {"factor 1", "real-input"});
  Network broken = small();
  broken.scale = 0.0;
  refuse(broken, {"scale is 0"});
}

TEST(Chain, RefusesSignalsOfOtherLengths) {
  expect_refusal([] { apply_chain(Chain{4, {}}, noise(5)); }, {"the signal", "5 numbers"});
}

}  // namespace
}  // namespace papilio::transform
