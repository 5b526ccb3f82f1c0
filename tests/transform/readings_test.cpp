// The five readings: what they are of any network, and which coincide for which networks.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

constexpr double kTolerance = 1e-14;

TEST(Readings, AreTheMatricesTheyAreNamedAfter) {
  for (const char* radices : {"2,2,2", "4,2,3", "3,5"}) {
    for (const Form form : {Form::twiddle, Form::block}) {
      for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
        NetworkSpec spec = spec_of(radices, form);
        spec.order = order;
        spec.norm = Norm::ortho;
        const Network network = gated(random_butterfly(spec, 4), 0.8, 5);
        const Matrix a = dense(network);
        EXPECT_LT(distance(dense(network, Reading::transpose), transposed(a)), kTolerance);
        EXPECT_LT(distance(dense(network, Reading::adjoint), adjoint(a)), kTolerance);
        EXPECT_LT(distance(dense(network, Reading::conjugate), conjugated(a)), kTolerance);
        EXPECT_LT(distance(multiplied(dense(network, Reading::inverse), a), identity(a.rows)),
                  1e-13);
      }
    }
  }
}

TEST(Readings, ApplyIsTheMatrixTimesTheSignal) {
  const Network network = gated(random_butterfly(spec_of("3,4,2"), 6), 0.8, 7);
  Matrix column(24, 1);
  column.values = noise(24);
  for (const Reading reading : {Reading::forward, Reading::transpose, Reading::adjoint,
                                Reading::conjugate, Reading::inverse}) {
    const Matrix expected = multiplied(dense(network, reading), column);
    EXPECT_LT(distance(apply_network(network, column.values, reading), expected.values),
              kTolerance);
  }
}

TEST(Readings, OfTheExactDft) {
  for (const char* radices : {"2,2,2,2", "4,2,3", "5,3"}) {
    const Network network = exact_dft(spec_of(radices));
    const Matrix dft = dense(network);
    EXPECT_LT(distance(dense(network, Reading::transpose), dft), kTolerance);
    EXPECT_LT(distance(dense(network, Reading::adjoint), dense(network, Reading::conjugate)),
              kTolerance);
    EXPECT_LT(distance(dense(network, Reading::conjugate),
                       scaled(static_cast<double>(dft.rows), dense(network, Reading::inverse))),
              kTolerance);
  }
}

TEST(Readings, UnitModulusRadixTwoHasItsInverseAsAdjoint) {
  for (const Tying tying : {Tying::untied, Tying::tied}) {
    NetworkSpec spec = spec_of("2,2,2,2,2");
    spec.tying = tying;
    const Network network = random_network(spec, 8);
    EXPECT_LT(
        distance(dense(network, Reading::adjoint), scaled(32.0, dense(network, Reading::inverse))),
        kTolerance);
  }
}

TEST(Readings, AllDifferInGeneral) {
  const Network network = random_butterfly(spec_of("2,2,2,2"), 9);
  const Matrix readings[] = {dense(network), dense(network, Reading::transpose),
                             dense(network, Reading::adjoint), dense(network, Reading::conjugate),
                             scaled(16.0, dense(network, Reading::inverse))};
  for (int a = 0; a < 5; ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_GT(distance(readings[a], readings[b]), 0.05) << a << " and " << b;
    }
  }
}

TEST(Readings, DifIsTheTransposeOfTheSameNumbersAndStockhamTheSameProduct) {
  for (const Form form : {Form::twiddle, Form::block}) {
    Network network = gated(random_butterfly(spec_of("4,2,3", form), 10), 0.5, 11);
    const Matrix dit = dense(network);
    network.spec.order = Order::dif;
    EXPECT_LT(distance(dense(network), transposed(dit)), kTolerance);
    network.spec.order = Order::stockham;
    EXPECT_EQ(dense(network).values, dit.values);
  }
}

TEST(Readings, RefuseSignalsOfOtherLengthsAndInvalidNetworks) {
  Network network = exact_dft(spec_of("2,2,2"));
  expect_refusal([&] { apply_network(network, noise(9)); }, {"9 numbers", "takes 8"});
  network.scale = 0.0;
  expect_refusal([&] { apply_network(network, noise(8)); }, {"scale is 0"});
  expect_refusal([&] { dense(network); }, {"scale is 0"});
}

TEST(Readings, RefuseBlocksThatAreNotThere) {
  const Network network = exact_dft(spec_of("2,2,2"));
  expect_refusal([&] { effective_block(network, 3, 0); }, {"no stage 3", "0 .. 2"});
  expect_refusal([&] { effective_block(network, -1, 0); }, {"no stage -1"});
  expect_refusal([&] { effective_block(network, 1, 4); }, {"stage 1 has no block 4", "0 .. 3"});
}

}  // namespace
}  // namespace papilio::transform
