// Parameters: how many there are, in which order they are held, which are free.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

TEST(Parameters, AreCounted) {
  NetworkSpec spec = spec_of("4,2,3");  // n = 24; blocks 6, 12, 8; strides 1, 4, 8
  const std::int64_t twiddles = 6 * 3 + 12 * 1 + 8 * 2;
  EXPECT_EQ(count_parameters(exact_dft(spec)),
            (ParameterCounts{twiddles, twiddles, 0, 0, 2 * twiddles}));
  spec.tying = Tying::tied;
  const std::int64_t tied = 1 * 3 + 4 * 1 + 8 * 2;
  EXPECT_EQ(count_parameters(gated(exact_dft(spec), 0.5, 1)),
            (ParameterCounts{twiddles, tied, 26, 0, 2 * tied + 26}));
  spec.tying = Tying::untied;
  spec.form = Form::block;
  spec.input = Input::real;
  const std::int64_t blocks = 24 * (4 + 2 + 3);
  EXPECT_EQ(count_parameters(exact_dft(spec)),
            (ParameterCounts{blocks, blocks, 0, 24, 2 * blocks + 48}));
  spec.field = Field::real;
  EXPECT_EQ(count_parameters(random_network(spec, 1)).reals, blocks + 48);
}

TEST(Parameters, TiedOnesAreOneForEachKAndJ) {
  NetworkSpec spec = spec_of("3,2,4");
  spec.tying = Tying::tied;
  const StageShape shape = spec.layout.stage(1);  // r = 2, m = 3, 12 blocks
  const std::vector<std::int64_t> map = parameter_map(spec, 1);
  ASSERT_EQ(map.size(), 12u);
  for (std::int64_t b = 0; b < 12; ++b) {
    EXPECT_EQ(map[static_cast<std::size_t>(b)], shape.phase(b));
  }
  EXPECT_EQ(free_parameters(spec, 1), 3);
  spec.tying = Tying::untied;
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(parameter_map(spec, 1)[i], static_cast<std::int64_t>(i));
  }
}

TEST(Parameters, FreeOnesAreWrittenOutAndRead) {
  NetworkSpec spec = spec_of("3,2,4");
  spec.tying = Tying::tied;
  Network network = random_network(spec, 1);
  const Signal values = noise(free_parameters(spec, 1));
  set_free(network, 1, values);
  EXPECT_NO_THROW(validate(network));
  EXPECT_EQ(get_free(network, 1), values);
  const std::vector<std::int64_t> map = parameter_map(spec, 1);
  for (std::size_t i = 0; i < map.size(); ++i) {
    EXPECT_EQ(network.stages[1].parameters[i], values[static_cast<std::size_t>(map[i])]);
  }
  expect_refusal([&] { set_free(network, 1, noise(4)); }, {"stage 1", "4 numbers", "needs 3"});
}

// The tied DFT is the untied one: exact twiddles depend on k and j only.
TEST(Parameters, ExactTwiddlesAreTied) {
  NetworkSpec spec = spec_of("4,2,3");
  const Network untied = exact_dft(spec);
  Network tied = untied;
  tied.spec.tying = Tying::tied;
  EXPECT_NO_THROW(validate(tied));
}

}  // namespace
}  // namespace papilio::transform
