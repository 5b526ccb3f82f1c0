// Blocks become twiddles where the matrix has them, and say where it does not.
#include "train/twiddles.h"

#include "train/hierarchical.h"
#include "train/support.h"
#include "transform/apply.h"
#include "transform/inits.h"

namespace papilio::train {
namespace {

using transform::Direction;
using transform::Form;
using transform::Network;
using transform::NetworkSpec;
using transform::Tying;

NetworkSpec spec_of(const std::string& radices) {
  NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  return spec;
}

Network blocks_of(const Network& network) {
  return hierarchical(dense(network), network.spec.layout, network.permutation, DType::f64).network;
}

void expect_same_parameters(const Network& found, const Network& truth) {
  for (std::size_t s = 0; s < truth.stages.size(); ++s) {
    ASSERT_EQ(found.stages[s].parameters.size(), truth.stages[s].parameters.size());
    for (std::size_t i = 0; i < truth.stages[s].parameters.size(); ++i) {
      EXPECT_LT(std::abs(found.stages[s].parameters[i] - truth.stages[s].parameters[i]), 1e-12);
    }
  }
  EXPECT_NEAR(found.scale, truth.scale, 1e-13 * truth.scale);
}

TEST(Twiddles, AreTheOnesThatTheMatrixWasMadeOf) {
  for (const char* radices : {"2,2,2,2,2", "3,4,2", "16,5,5", "6"}) {
    for (const Tying tying : {Tying::untied, Tying::tied}) {
      for (const Direction direction : {Direction::forward, Direction::inverse}) {
        NetworkSpec spec = spec_of(radices);
        spec.tying = tying;
        spec.direction = direction;
        for (const Network& truth :
             {transform::exact_dft(spec), transform::random_butterfly(spec, 7)}) {
          const TwiddleForm form = to_twiddles(blocks_of(truth), direction, tying, 1e-10);
          ASSERT_TRUE(form.network) << radices << ": " << form.obstacle;
          EXPECT_NO_THROW(validate(*form.network));
          expect_same_parameters(*form.network, truth);
        }
      }
    }
  }
}

TEST(Twiddles, OfMatricesWithoutThemDoNotExist) {
  NetworkSpec spec = spec_of("2,2,2");
  const auto obstacle = [](const Network& network, Tying tying = Tying::untied) {
    const TwiddleForm form = to_twiddles(network, Direction::forward, tying, 1e-10);
    EXPECT_FALSE(form.network);
    return form.obstacle;
  };
  const Network untied = transform::random_butterfly(spec, 1);
  EXPECT_NE(obstacle(blocks_of(untied), Tying::tied).find("tied twiddle"), std::string::npos);
  spec.form = Form::block;
  EXPECT_NE(obstacle(transform::random_butterfly(spec, 1)).find("stage 0, block 0"),
            std::string::npos);
  // A row of the matrix scaled differently.
  Network scaled = blocks_of(untied);
  auto& last = scaled.stages[2].parameters;
  last[0] *= 2.0;
  last[1] *= 2.0;
  EXPECT_NE(obstacle(scaled).find("scale"), std::string::npos);
  Network zero = blocks_of(untied);
  zero.stages[1].parameters[0] = 0.0;
  EXPECT_NE(obstacle(zero).find("stage 1, block 0"), std::string::npos);
}

TEST(Twiddles, OfOtherKindsAreRefused) {
  const Network network = transform::exact_dft(spec_of("2,2"));
  expect_refusal([&] { to_twiddles(network, Direction::forward, Tying::untied, 1e-10); },
                 {"block form"});
}

}  // namespace
}  // namespace papilio::train
