// Circular convolution as network, diagonal, network, against its defining sum.
#include "transform/inits.h"
#include "transform/structures.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

TEST(Convolution, IsTheCirculantMatrixOfItsKernel) {
  for (const char* radices : {"2,2,2", "4,2,3", "5,3", "16,5"}) {
    for (const Form form : {Form::twiddle, Form::block}) {
      for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
        NetworkSpec spec = spec_of(radices, form);
        spec.order = order;
        const std::int64_t n = spec.layout.n;
        const Signal kernel = noise(n, 3);
        const Matrix circulant = matrix_of(n, n, [&](auto t, auto s) {
          return kernel[static_cast<std::size_t>((t - s + n) % n)];
        });
        EXPECT_LT(distance(dense(circular_convolution(spec, kernel)), circulant), 3e-15) << radices;
      }
    }
  }
}

// A delay by one, exactly as long as the DFT is.
TEST(Convolution, AShiftedImpulseDelays) {
  NetworkSpec spec;
  spec.layout = default_layout(65536);
  Signal impulse(65536);
  impulse[1] = 1.0;
  const Signal x = real_noise(65536);
  Signal expected = x;
  std::rotate(expected.begin(), expected.end() - 1, expected.end());
  EXPECT_LT(distance(apply_chain(circular_convolution(spec, impulse), x), expected), 2e-15);
}

TEST(Convolution, RefusesKernelsOfOtherLengthsAndOtherSpecs) {
  expect_refusal([] { circular_convolution(spec_of("2,2"), noise(3)); },
                 {"kernel has 3", "n = 4", "zeros"});
  NetworkSpec spec = spec_of("2,2");
  spec.norm = Norm::none;
  expect_refusal([&] { circular_convolution(spec, noise(4)); }, {"norm backward"});
}

}  // namespace
}  // namespace papilio::transform
