// DCT-II and DCT-IV chains against their formulas (scipy.fft.dct, norm None), by direct sums in
// extended precision.
#include "transform/inits.h"
#include "transform/structures.h"
#include "transform/support.h"
#include "transform/svd.h"

namespace papilio::transform {
namespace {

constexpr double kTolerance = 2e-15;  // relative, Frobenius

/// 2 cos(2 pi numerator / denominator)
Complex cosine(std::int64_t numerator, std::int64_t denominator) {
  return 2.0 * turn(numerator, denominator).real();
}

Matrix dct2_by_definition(std::int64_t n) {
  return matrix_of(n, n, [n](auto k, auto t) { return cosine(k * (2 * t + 1), 4 * n); });
}

Matrix dct4_by_definition(std::int64_t n) {
  return matrix_of(n, n, [n](auto k, auto t) { return cosine((2 * k + 1) * (2 * t + 1), 8 * n); });
}

NetworkSpec default_spec(std::int64_t n, Form form) {
  return spec_of(radices_text(default_layout(n)), form);
}

TEST(Dct2, FollowsItsFormula) {
  for (const Form form : {Form::twiddle, Form::block}) {
    for (const std::int64_t n : {2, 3, 4, 8, 12, 15, 16, 20, 32, 64, 128, 256, 400}) {
      EXPECT_LT(distance(dense(dct2(default_spec(n, form))), dct2_by_definition(n)), kTolerance)
          << n;
    }
  }
}

TEST(Dct2, WorksInEveryOrderAndLayout) {
  for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
    NetworkSpec spec = spec_of("16,5");
    spec.order = order;
    spec.tying = Tying::tied;
    EXPECT_LT(distance(dense(dct2(spec)), dct2_by_definition(80)), kTolerance);
  }
}

// scipy 1.17: scipy.fft.dct([1, 2, 3, 4], 2) and (.., 4).
TEST(Dct, MatchesScipysNumbers) {
  const Signal x = {1.0, 2.0, 3.0, 4.0};
  const double two[] = {20.0, -6.30864406, 0.0, -0.44834153};
  const double four[] = {10.18159298, -9.44669561, 5.01029817, -4.68956486};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(apply_chain(dct2(spec_of("2,2")), x)[k].real(), two[k], 1e-8) << k;
    EXPECT_NEAR(apply_chain(dct4(spec_of("2,2")), x)[k].real(), four[k], 1e-8) << k;
  }
}

TEST(Dct4, FollowsItsFormula) {
  for (const Form form : {Form::twiddle, Form::block}) {
    for (const std::int64_t n : {2, 4, 8, 12, 16, 20, 32, 64, 128, 256, 400}) {
      EXPECT_LT(distance(dense(dct4(default_spec(n, form))), dct4_by_definition(n)), kTolerance)
          << n;
    }
  }
}

TEST(Dct4, WorksForAnyEvenFirstRadix) {
  for (const Form form : {Form::twiddle, Form::block}) {
    for (const char* radices : {"4,2,3", "6,5", "16,16", "8,3,2"}) {
      NetworkSpec spec = spec_of(radices, form);
      spec.order = Order::stockham;
      if (form == Form::twiddle) spec.tying = Tying::tied;
      EXPECT_LT(distance(dense(dct4(spec)), dct4_by_definition(spec.layout.n)), kTolerance)
          << radices;
    }
  }
}

TEST(Dct4, BlockFormStartsWithBlocksOfRankOneAndTwiddleFormIsInvertible) {
  const Chain blocks = dct4(spec_of("2,2,2,2", Form::block));
  const Network& rank_one = std::get<Network>(blocks.factors[1]);
  for (std::int64_t b = 0; b < 8; ++b) {
    EXPECT_GT(svd(effective_block(rank_one, 0, b)).condition(), 1e15);
  }
  const Chain twiddles = dct4(spec_of("2,2,2,2"));
  const Network& network = std::get<Network>(twiddles.factors[1]);
  EXPECT_LT(
      distance(scaled(16.0, dense(network, Reading::inverse)), dense(network, Reading::adjoint)),
      1e-14);
}

TEST(Dct, LongOnesStayAccurate) {
  // A cosine of one bin's own shape: all its energy, n, lies in that bin.
  const std::int64_t n = 131072;
  const std::int64_t bin = 777;
  Signal two;
  Signal four;
  for (std::int64_t t = 0; t < n; ++t) {
    two.push_back(turn(bin * (2 * t + 1), 4 * n).real());
    four.push_back(turn((2 * bin + 1) * (2 * t + 1), 8 * n).real());
  }
  Signal expected(static_cast<std::size_t>(n));
  expected[777] = static_cast<double>(n);
  EXPECT_LT(distance(apply_chain(dct2(default_spec(n, Form::twiddle)), two), expected), 1e-14);
  EXPECT_LT(distance(apply_chain(dct4(default_spec(n, Form::twiddle)), four), expected), 1e-14);
}

TEST(Dct, RefusesWhatItsFormulaDoesNotHold) {
  expect_refusal([] { dct4(spec_of("5,2")); }, {"even first radix", "5,2"});
  NetworkSpec spec = spec_of("2,2");
  spec.order = Order::dif;
  expect_refusal([&] { dct4(spec); }, {"not symmetric", "dit or stockham"});
  for (const auto& make : {dct2, dct4}) {
    NetworkSpec inverse = spec_of("2,2");
    inverse.direction = Direction::inverse;
    expect_refusal([&] { make(inverse); }, {"direction forward"});
    NetworkSpec ortho = spec_of("2,2");
    ortho.norm = Norm::ortho;
    expect_refusal([&] { make(ortho); }, {"norm backward"});
    NetworkSpec real = spec_of("2,2");
    real.input = Input::real;
    expect_refusal([&] { make(real); }, {"complex input"});
  }
}

}  // namespace
}  // namespace papilio::transform
