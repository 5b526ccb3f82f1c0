// Real-input networks: n real samples to the n/2 + 1 bins of rfft, and the other readings.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

NetworkSpec real_spec(const std::string& radices, Form form = Form::twiddle) {
  NetworkSpec spec = spec_of(radices, form);
  spec.input = Input::real;
  return spec;
}

Matrix rfft_by_definition(std::int64_t n) {
  return matrix_of(n / 2 + 1, n, [n](auto k, auto t) { return turn(k * t, n); });
}

TEST(RealInput, ExactNetworksAreRfft) {
  for (const char* radices : {"2", "3", "2,2,2,2,2", "4,2,3", "5,5", "16,5,5"}) {
    for (const Form form : {Form::twiddle, Form::block}) {
      for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
        NetworkSpec spec = real_spec(radices, form);
        spec.order = order;
        const std::int64_t n = spec.n();
        EXPECT_LT(distance(dense(exact_dft(spec)), rfft_by_definition(n)), 2e-15) << radices;
        spec.direction = Direction::inverse;
        spec.norm = Norm::ortho;
        EXPECT_LT(distance(scaled(std::sqrt(static_cast<double>(n)), dense(exact_dft(spec))),
                           conjugated(rfft_by_definition(n))),
                  2e-15)
            << radices;
      }
    }
  }
}

TEST(RealInput, ReadingsAreTheMatricesTheyAreNamedAfter) {
  for (const char* radices : {"2,2,2", "3,4"}) {
    const Network network = gated(random_butterfly(real_spec(radices), 1), 0.8, 2);
    const Matrix a = dense(network);
    EXPECT_EQ(a.rows, network.spec.outputs());
    EXPECT_EQ(a.columns, network.spec.n());
    EXPECT_LT(distance(dense(network, Reading::transpose), transposed(a)), 1e-14);
    EXPECT_LT(distance(dense(network, Reading::adjoint), adjoint(a)), 1e-14);
    EXPECT_LT(distance(dense(network, Reading::conjugate), conjugated(a)), 1e-14);
  }
}

TEST(RealInput, InverseGivesTheRealSignalBack) {
  for (const char* radices : {"2,2,2,2", "4,2,3", "5,5"}) {
    const Signal x = real_noise(real_spec(radices).n());
    const Network exact = exact_dft(real_spec(radices));
    const Network learned = perturbed(exact, 0.1, 3);
    for (const Network& network : {exact, learned}) {
      const Signal y = apply_network(network, x);
      EXPECT_LT(distance(apply_network(network, y, Reading::inverse), x), 1e-14) << radices;
    }
  }
}

TEST(RealInput, InverseIgnoresImaginaryPartsOfDcAndNyquist) {
  const Network network = exact_dft(real_spec("2,2"));
  Signal bins = apply_network(network, real_noise(8));
  const Signal x = apply_network(network, bins, Reading::inverse);
  bins[0] += Complex(0.0, 2.0);
  bins[4] -= Complex(0.0, 3.0);
  EXPECT_LT(distance(apply_network(network, bins, Reading::inverse), x), 1e-15);
}

TEST(RealInput, LongOnesAgreeWithTheComplexNetwork) {
  NetworkSpec spec;
  spec.layout = default_layout(65536);
  spec.input = Input::real;
  NetworkSpec whole;
  whole.layout = default_layout(131072);
  const Signal x = real_noise(131072);
  Signal expected = apply_network(exact_dft(whole), x);
  expected.resize(65537);
  EXPECT_LT(distance(apply_network(exact_dft(spec), x), expected), 2e-15);
}

TEST(RealInput, RefusesWhatHasNoInverse) {
  Network network = exact_dft(real_spec("2,2,2"));
  expect_refusal([&] { dense(network, Reading::inverse); }, {"over the reals only"});
  network.recombination[4] = 1.0;  // bin n/4: E + O and its conjugate are one equation
  expect_refusal([&] { apply_network(network, noise(9), Reading::inverse); },
                 {"recombination, bin 4", "condition number"});
  expect_refusal([&] { apply_network(network, noise(16), Reading::inverse); }, {"takes 9"});
}

}  // namespace
}  // namespace papilio::transform
