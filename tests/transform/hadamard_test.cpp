// The Hadamard matrix in natural order, exactly: H[i][j] = (-1)^(ones of i and j in common).
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

/// Sylvester's recursion H_2n = [[H_n, H_n], [H_n, -H_n]].
Matrix hadamard_by_definition(std::int64_t n) {
  if (n == 1) return identity(1);
  const std::int64_t half = n / 2;
  const Matrix quarter = hadamard_by_definition(half);
  return matrix_of(n, n, [&](auto i, auto j) {
    return (i >= half && j >= half ? -1.0 : 1.0) * quarter.at(i % half, j % half);
  });
}

TEST(Hadamard, IsSylvestersMatrix) {
  for (const char* radices : {"2", "2,2", "2,2,2,2,2,2"}) {
    const NetworkSpec spec = spec_of(radices);
    EXPECT_EQ(dense(hadamard(spec)).values, hadamard_by_definition(spec.layout.n).values);
  }
  for (const char* radices : {"2,2,2", "4,2", "2,8", "16,16", "32"}) {
    NetworkSpec spec = spec_of(radices, Form::block);
    for (const Field field : {Field::complex, Field::real}) {
      spec.field = field;
      const Network network = hadamard(spec);
      EXPECT_NO_THROW(validate(network));
      EXPECT_EQ(dense(network).values, hadamard_by_definition(spec.layout.n).values) << radices;
    }
  }
}

TEST(Hadamard, IsItsOwnTransposeAndNTimesItsInverse) {
  NetworkSpec spec = spec_of("2,2,2,2");
  const Matrix h = dense(hadamard(spec));
  spec.order = Order::dif;
  EXPECT_EQ(dense(hadamard(spec)).values, h.values);
  spec.direction = Direction::inverse;
  EXPECT_LT(distance(multiplied(dense(hadamard(spec)), h), identity(16)), 1e-15);
}

TEST(Hadamard, RefusesOtherRadicesAndRealInput) {
  expect_refusal([] { hadamard(spec_of("2,4")); }, {"radix 4", "form block"});
  expect_refusal([] { hadamard(spec_of("2,6", Form::block)); }, {"radix 6", "powers of two"});
  NetworkSpec spec = spec_of("2,2");
  spec.input = Input::real;
  expect_refusal([&] { hadamard(spec); }, {"no bins", "input complex"});
}

}  // namespace
}  // namespace papilio::transform
