// The tangent space's dimension is the rank of the Jacobian; the bound follows its formula.
#include "train/tangent.h"

#include <algorithm>

#include "train/stack.h"
#include "train/support.h"
#include "transform/inits.h"
#include "transform/svd.h"

namespace papilio::train {
namespace {

/// Of J^H J, for the unit vectors as inputs.
std::int64_t rank_of_jacobian(const transform::Network& network) {
  const std::int64_t n = network.spec.layout.n;
  const transform::Chain chain{n, {network}};
  const Stack<double> stack(chain);
  Pairs pairs{transform::Matrix(n, n), transform::Matrix(n, n)};
  for (std::int64_t i = 0; i < n; ++i) pairs.x.at(i, i) = pairs.y.at(i, i) = 1.0;
  const Batches<double> data = batches_of<double>(pairs);
  const Parameters<double> at = stack.parameters(chain);
  const std::int64_t count = static_cast<std::int64_t>(at.size());
  transform::Matrix normal(count, count);
  for (std::int64_t i = 0; i < count; ++i) {
    Parameters<double> unit(at.size());
    unit[static_cast<std::size_t>(i)] = 1.0;
    Parameters<double> column;
    stack.normal_product(at, data, stack.all(), unit, column);
    for (std::int64_t k = 0; k < count; ++k) normal.at(k, i) = column[static_cast<std::size_t>(k)];
  }
  const std::vector<double> s = transform::svd(normal).s;
  const double largest = *std::max_element(s.begin(), s.end());
  return std::count_if(s.begin(), s.end(), [&](double value) { return value > 1e-10 * largest; });
}

TEST(TangentDimension, IsTheRankOfTheJacobian) {
  for (const char* radices : {"2,2", "2,2,2", "2,2,2,2", "2,3", "3,2", "4,3", "2,2,3", "5"}) {
    transform::NetworkSpec spec;
    spec.layout = transform::parse_layout(radices);
    spec.form = transform::Form::block;
    EXPECT_EQ(rank_of_jacobian(transform::random_butterfly(spec, 1)),
              tangent_dimension(spec.layout))
        << radices;
    EXPECT_EQ(rank_of_jacobian(transform::exact_dft(spec)), tangent_dimension(spec.layout))
        << radices;
  }
}

TEST(TangentDimension, OfRadixTwoIsNLogNAndN) {
  EXPECT_EQ(tangent_dimension(transform::default_layout(64)), 64 * 7);
  EXPECT_EQ(tangent_dimension(transform::parse_layout("16")), 256);
}

TEST(CramerRao, IsVarianceTimesDimensionOverPairs) {
  EXPECT_DOUBLE_EQ(cramer_rao(0.5, 448, 256), 0.875);
  expect_refusal([] { cramer_rao(-1.0, 4, 4); }, {"variance"});
  expect_refusal([] { cramer_rao(1.0, 0, 4); }, {"dimension"});
  expect_refusal([] { cramer_rao(1.0, 4, 0); }, {"pair"});
}

}  // namespace
}  // namespace papilio::train
