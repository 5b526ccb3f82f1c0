// Perturbed networks: errors of the size asked for, in phases only, the same for a seed.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

/// Root mean square of arg(a / b) over all stages, with the moduli compared on the way.
double phase_error(const Network& a, const Network& b) {
  double sum = 0.0;
  double count = 0.0;
  for (std::size_t s = 0; s < a.stages.size(); ++s) {
    for (std::size_t i = 0; i < a.stages[s].parameters.size(); ++i) {
      const Complex ratio = a.stages[s].parameters[i] / b.stages[s].parameters[i];
      EXPECT_NEAR(std::abs(ratio), 1.0, 1e-14);
      sum += std::arg(ratio) * std::arg(ratio);
      count += 1.0;
    }
  }
  return std::sqrt(sum / count);
}

TEST(Perturbed, TurnsTwiddlesAndBlockEntriesBySigma) {
  const Network twiddles = exact_dft(spec_of("2,2,2,2,2,2,2,2,2,2"));  // 5120 of them
  EXPECT_NEAR(phase_error(perturbed(twiddles, 0.3, 1), twiddles), 0.3, 0.015);
  const Network blocks = exact_dft(spec_of("16,16", Form::block));  // 8192 entries
  EXPECT_NEAR(phase_error(perturbed(blocks, 0.01, 1), blocks), 0.01, 0.0005);
}

TEST(Perturbed, ScalesEntriesOfRealBlocks) {
  NetworkSpec spec = spec_of("16,16", Form::block);
  spec.field = Field::real;
  const Network exact = hadamard(spec);
  const Network moved = perturbed(exact, 0.1, 1);
  EXPECT_NO_THROW(validate(moved));
  EXPECT_NEAR(distance(moved.stages[0].parameters, exact.stages[0].parameters), 0.1, 0.01);
}

TEST(Perturbed, KeepsTiesGatesAndScale) {
  NetworkSpec spec = spec_of("4,2,3");
  spec.tying = Tying::tied;
  spec.norm = Norm::ortho;
  const Network exact = gated(exact_dft(spec), 0.5, 1);
  const Network moved = perturbed(exact, 0.3, 2);
  EXPECT_NO_THROW(validate(moved));
  EXPECT_EQ(moved.stages[1].gates, exact.stages[1].gates);
  EXPECT_EQ(moved.scale, exact.scale);
  EXPECT_NE(moved.stages[1].parameters, exact.stages[1].parameters);
}

TEST(Perturbed, MovesRecombinationTwiddlesToo) {
  NetworkSpec spec = spec_of("2,2,2");
  spec.input = Input::real;
  const Network exact = exact_dft(spec);
  EXPECT_NE(perturbed(exact, 0.3, 1).recombination, exact.recombination);
}

TEST(Perturbed, RepeatsForItsSeedAndDoesNothingAtZero) {
  const Network exact = exact_dft(spec_of("2,2,2"));
  EXPECT_EQ(perturbed(exact, 0.0, 1).stages[2].parameters, exact.stages[2].parameters);
  EXPECT_EQ(perturbed(exact, 0.3, 1).stages[2].parameters,
            perturbed(exact, 0.3, 1).stages[2].parameters);
  EXPECT_NE(perturbed(exact, 0.3, 1).stages[2].parameters,
            perturbed(exact, 0.3, 2).stages[2].parameters);
}

TEST(Perturbed, RefusesWhatIsNoSigma) {
  const Network exact = exact_dft(spec_of("2,2"));
  expect_refusal([&] { perturbed(exact, -0.1, 1); }, {"sigma is -0.1", "radians"});
  expect_refusal([&] { perturbed(exact, std::nan(""), 1); }, {"sigma is nan"});
}

}  // namespace
}  // namespace papilio::transform
