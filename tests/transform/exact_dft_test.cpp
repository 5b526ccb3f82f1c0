// Exact networks against the directly summed DFT: every radix, mixed orders, forms, norms.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

constexpr double kTolerance = 2e-15;  // relative, Frobenius

void expect_dft(const NetworkSpec& spec) {
  const std::string what = radices_text(spec.layout);
  EXPECT_LT(distance(dense(exact_dft(spec)), dft_by_definition(spec.layout.n)), kTolerance) << what;
  NetworkSpec inverse = spec;
  inverse.direction = Direction::inverse;
  const double n = static_cast<double>(spec.layout.n);
  EXPECT_LT(
      distance(scaled(n, dense(exact_dft(inverse))), conjugated(dft_by_definition(spec.layout.n))),
      kTolerance)
      << what;
}

const char* const kMixed[] = {"2,2,2,2,2,2", "4,4,4", "4,2,3", "3,4,2",  "2,3,4",  "16,4",
                              "4,16",        "2,3,5", "5,3,2", "16,5,5", "5,16,5", "7,3",
                              "2,2,2,2,5,5", "16,16", "32,2",  "2,32",   "11,5"};

TEST(ExactDft, EveryRadixAloneFirstAndLast) {
  for (int radix = 2; radix <= 32; ++radix) {
    const std::string r = std::to_string(radix);
    for (const std::string& radices : {r, r + ",2", "3," + r}) {
      expect_dft(spec_of(radices));
      expect_dft(spec_of(radices, Form::block));
    }
  }
}

TEST(ExactDft, MixedRadicesInAnyOrder) {
  for (const char* radices : kMixed) {
    expect_dft(spec_of(radices));
    expect_dft(spec_of(radices, Form::block));
  }
}

TEST(ExactDft, EveryOrderAndTyingComputesIt) {
  for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
    for (const Tying tying : {Tying::untied, Tying::tied}) {
      NetworkSpec spec = spec_of("3,4,2");
      spec.order = order;
      spec.tying = tying;
      expect_dft(spec);
    }
  }
}

TEST(ExactDft, TwiddlesFollowTheirFormula) {
  const Network network = exact_dft(spec_of("4,2,3"));
  const StageShape shape = network.spec.layout.stage(2);  // r = 3, m = 8
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    for (std::int64_t j = 1; j < 3; ++j) {
      const Complex w = network.stages[2].parameters[static_cast<std::size_t>(2 * b + j - 1)];
      EXPECT_LT(std::abs(w - turn(j * shape.phase(b), 24)), 1.2e-16);
    }
  }
}

TEST(ExactDft, BlockFormOfRadixTwoIsTheButterfly) {
  const Network network = exact_dft(spec_of("2,2", Form::block));
  const Complex w(0.0, -1.0);  // of k = 1 in the second stage
  EXPECT_EQ(effective_block(network, 1, 1).values, (Signal{1.0, w, 1.0, -w}));
}

// numpy: fft scales by 1, 1/sqrt(n), 1/n for norm backward, ortho, forward; ifft by 1/n,
// 1/sqrt(n), 1.
TEST(ExactDft, NormsAreNumpys) {
  struct Row {
    Norm norm;
    double forward;
    double inverse;
  };
  for (const Row& row : {Row{Norm::backward, 1.0, 1.0 / 16.0}, Row{Norm::ortho, 0.25, 0.25},
                         Row{Norm::forward, 1.0 / 16.0, 1.0}, Row{Norm::none, 1.0, 1.0}}) {
    NetworkSpec spec = spec_of("4,4");
    spec.norm = row.norm;
    const Matrix dft = dft_by_definition(16);
    EXPECT_LT(distance(dense(exact_dft(spec)), scaled(row.forward, dft)), kTolerance);
    spec.direction = Direction::inverse;
    EXPECT_LT(distance(dense(exact_dft(spec)), scaled(row.inverse, conjugated(dft))), kTolerance);
  }
}

TEST(ExactDft, HasNoRealParameters) {
  NetworkSpec spec = spec_of("2,2", Form::block);
  spec.field = Field::real;
  expect_refusal([&] { exact_dft(spec); }, {"no real parameters", "Hadamard"});
}

}  // namespace
}  // namespace papilio::transform
