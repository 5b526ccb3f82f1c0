// Plain transforms: numpy's lengths, norms and refusals.
#include "spectral/support.h"
#include "spectral/transform.h"

namespace papilio::spectral {
namespace {

TEST(FftGraph, FourTransforms) {
  EXPECT_EQ(chain_of(build_fft({}, 12, DType::f32)), "fft");
  EXPECT_EQ(chain_of(build_fft({.inverse = true}, 12, DType::f32)), "ifft");
  EXPECT_EQ(chain_of(build_fft({.real = true}, 12, DType::f32)), "rfft");
  EXPECT_EQ(chain_of(build_fft({.real = true, .inverse = true}, 7, DType::f64)), "irfft");
}

TEST(FftGraph, LengthsCutAndPad) {
  EXPECT_EQ(chain_of(build_fft({.n = 16}, 12, DType::f32)), "pad fft");
  EXPECT_EQ(chain_of(build_fft({.n = 8, .real = true}, 12, DType::f32)), "slice rfft");
  EXPECT_EQ(chain_of(build_fft({.n = 8, .real = true, .inverse = true}, 5, DType::f32)), "irfft");
  EXPECT_EQ(chain_of(build_fft({.n = 9, .real = true, .inverse = true}, 7, DType::f32)),
            "slice irfft");
}

TEST(FftGraph, OutputLengths) {
  EXPECT_EQ(fft_outputs({}, 12), 12);
  EXPECT_EQ(fft_outputs({.real = true}, 12), 7);
  EXPECT_EQ(fft_outputs({.real = true, .inverse = true}, 7), 12);
  const ir::Graph graph = build_fft({.n = 9, .real = true}, 12, DType::f64);
  EXPECT_EQ(graph.outputs()[0].name, "fft");
  EXPECT_EQ(ir::to_text(graph.node(graph.outputs()[0].node).type), "c128[rows, bin 5]");
}

TEST(FftGraph, NormsScaleOneOrBothDirections) {
  const auto factor = [](Norm norm, bool inverse) {
    const ir::Graph graph = build_fft({.inverse = inverse, .norm = norm}, 16, DType::f64);
    return node_of(graph, inverse ? ir::OpKind::Ifft : ir::OpKind::Fft).as<ir::FftAttrs>().scale;
  };
  EXPECT_EQ(factor(Norm::backward, false), 1.0);
  EXPECT_EQ(factor(Norm::backward, true), 1.0 / 16.0);
  EXPECT_EQ(factor(Norm::ortho, false), 0.25);
  EXPECT_EQ(factor(Norm::ortho, true), 0.25);
  EXPECT_EQ(factor(Norm::forward, false), 1.0 / 16.0);
  EXPECT_EQ(factor(Norm::forward, true), 1.0);
  EXPECT_EQ(factor(Norm::none, true), 1.0);
}

TEST(FftGraph, RefusalsSayWhatToDo) {
  expect_refusal([] { check_fft({.n = 0}, 8, false); }, {"[fft] n is 0"});
  expect_refusal([] { check_fft({.n = -4}, 8, false); }, {"n is -4"});
  expect_refusal([] { check_fft({}, 0, false); }, {"no elements"});
  expect_refusal([] { check_fft({.real = true}, 8, true); }, {"--real", "complex"});
  expect_refusal([] { check_fft({.real = true, .inverse = true}, 1, true); }, {"give -n"});
  EXPECT_NO_THROW(check_fft({.n = 1, .real = true, .inverse = true}, 1, true));
}

}  // namespace
}  // namespace papilio::spectral
