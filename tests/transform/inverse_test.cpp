// The inverse reading: it undoes well-conditioned networks, and names the block of others.
#include "transform/inverse.h"

#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

void expect_round_trip(const Network& network, double tolerance) {
  const Signal x = noise(network.spec.n());
  const Signal y = apply_network(network, x);
  EXPECT_LT(distance(apply_network(network, y, Reading::inverse), x), tolerance)
      << radices_text(network.spec.layout);
  EXPECT_LT(distance(apply_network(inverse_network(network), y), x), tolerance)
      << radices_text(network.spec.layout);
}

TEST(Inverse, UndoesRandomNetworksOfEveryForm) {
  for (const char* radices : {"2,2,2,2,2,2", "4,2,3", "16,5,5", "32,31"}) {
    for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
      NetworkSpec spec = spec_of(radices);
      spec.order = order;
      expect_round_trip(random_butterfly(spec, 1), 1e-14);
      spec.form = Form::block;
      expect_round_trip(random_butterfly(spec, 2), 1e-14);
      spec.field = Field::real;
      expect_round_trip(random_butterfly(spec, 3), 1e-14);
    }
  }
}

TEST(Inverse, UndoesSoftGatesAndAnyScale) {
  Network network = gated(random_butterfly(spec_of("2,2,2,2,2"), 4), 0.9, 5);
  network.scale = -0.3;
  expect_round_trip(network, 1e-13);
  expect_round_trip(gated(random_butterfly(spec_of("4,4", Form::block), 6), 0.9, 7), 1e-13);
}

// numerics: w = 1 and g = sqrt(2) - 1 make [[1, g], [g, 1 - 2g]] singular.
TEST(Inverse, RefusesTheSingularGateAndNamesItsBlock) {
  Network network = exact_dft(spec_of("2,2,2"));
  network.stages[2].gates = {1.0, 1.0, 1.0, 1.0};
  network.stages[2].parameters[3] = 1.0;
  expect_round_trip(network, 1e-14);
  network.stages[2].gates[3] = std::sqrt(2.0) - 1.0;
  for (const Order order : {Order::dit, Order::dif}) {
    network.spec.order = order;
    expect_refusal([&] { apply_network(network, noise(8), Reading::inverse); },
                   {"stage 2, block 3", "condition number", "above 1e6", "adjoint"});
    expect_refusal([&] { dense(network, Reading::inverse); }, {"stage 2, block 3"});
    expect_refusal([&] { inverse_network(network); }, {"stage 2, block 3", "above 1e6"});
    EXPECT_NO_THROW(apply_network(network, noise(8), Reading::adjoint));
  }
}

TEST(Inverse, RefusesConditionNumbersAboveAMillionOnly) {
  Network network = exact_dft(spec_of("2,2"));
  network.stages[1].parameters[1] = 0.99e6;  // the block [[1, w], [1, -w]] has the condition |w|
  EXPECT_NO_THROW(apply_network(network, noise(4), Reading::inverse));
  network.stages[1].parameters[1] = 1.01e6;
  expect_refusal([&] { apply_network(network, noise(4), Reading::inverse); },
                 {"stage 1, block 1", "1.01e+06"});
  network.stages[1].parameters[1] = 0.0;
  expect_refusal([&] { apply_network(network, noise(4), Reading::inverse); },
                 {"stage 1, block 1", "inf"});
}

}  // namespace
}  // namespace papilio::transform
