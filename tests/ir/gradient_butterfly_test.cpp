// Every form of a butterfly and of its gradient against central differences: single stages and
// runs, from the front, the middle and the end of a network, with and without a permutation.
#include <gtest/gtest.h>

#include <initializer_list>

#include "ir/butterfly.h"
#include "ir/gradient_check.h"
#include "ir/verify.h"

namespace papilio::ir {
namespace {

using samples::frames;
using samples::Inputs;

constexpr double kTolerance = 1e-8;

struct Form {
  std::string name;
  ButterflyAttrs attrs;
};

/// Stages [first, last) of 12 positions.
Form form(std::string name, int first, int last,
          std::initializer_list<void (*)(ButterflyAttrs&)> changes) {
  ButterflyAttrs a;
  a.radices = {2, 3, 2};
  a.first = first;
  a.last = last;
  for (const auto& change : changes) change(a);
  return {std::move(name), std::move(a)};
}

void permute(ButterflyAttrs& a) {
  a.permutation = samples::choice({7, 0, 3, 11, 1, 5, 2, 10, 8, 4, 9, 6}, 0).index;
}

void invert(ButterflyAttrs& a) { a.inverse = true; }
void linear(ButterflyAttrs& a) { a.linear = true; }
void blocks(ButterflyAttrs& a) { a.block = true; }

std::vector<Form> forms() {
  std::vector<Form> result{
      form("whole", 0, 3, {}),
      form("permuted", 0, 3, {permute}),
      form("inverse", 0, 3, {invert, permute}),
      form("linear", 0, 2, {linear, permute}),
      form("blocks", 0, 3, {blocks, permute}),
      form("end", 1, 3, {permute}),
      form("first_stage", 0, 1, {permute}),
      form("middle_stage", 1, 2, {invert}),
      form("linear_stage", 2, 3, {linear, invert, permute}),
      form("block_stage", 1, 2, {blocks, permute}),
  };
  for (std::size_t i = 0; i < 10; ++i) {
    Form transposed = result[i];
    transposed.name = "transposed_" + transposed.name;
    transposed.attrs.transposed = true;
    result.push_back(transposed);
  }
  return result;
}

NodeId parameters(GraphBuilder& b, const ButterflyAttrs& a) {
  return b.param("p", {butterfly_parameters(a)}, true);
}

Build butterfly_loss(const ButterflyAttrs& a) {
  return [a](GraphBuilder& b, Inputs in) {
    const NodeId x = frames(b, in.z, 12);
    return random_loss(b, b.add(OpKind::Butterfly, {x, parameters(b, a)}, a));
  };
}

/// Of the gradient, whose second operand is no cotangent of any loss.
Build gradient_loss(const ButterflyAttrs& a) {
  return [a](GraphBuilder& b, Inputs in) {
    const NodeId x = frames(b, in.z, 12);
    const NodeId g = b.add(OpKind::Complex, {frames(b, in.x, 12)});
    const NodeId turned = b.add(OpKind::Mul, {g, random_vector(b, 12, true, 5)});
    const NodeId y = b.add(OpKind::ButterflyGradient, {x, turned, parameters(b, a)}, a);
    return random_loss(b, y);
  };
}

class ButterflyForm : public testing::TestWithParam<Form> {};

TEST_P(ButterflyForm, HasTheGradientOfCentralDifferences) {
  EXPECT_LE(gradient_error(butterfly_loss(GetParam().attrs)), kTolerance);
}

TEST_P(ButterflyForm, HasHessianVectorProducts) {
  EXPECT_LE(hessian_error(butterfly_loss(GetParam().attrs)), kTolerance);
}

TEST_P(ButterflyForm, HasAGradientThatHasTheGradientOfCentralDifferences) {
  EXPECT_LE(gradient_error(gradient_loss(GetParam().attrs)), kTolerance);
}

TEST_P(ButterflyForm, HasAGradientThatHasHessianVectorProducts) {
  EXPECT_LE(hessian_error(gradient_loss(GetParam().attrs)), kTolerance);
}

TEST_P(ButterflyForm, VerifiesWithAllItsDerivatives) {
  for (const Build& loss : {butterfly_loss(GetParam().attrs), gradient_loss(GetParam().attrs)}) {
    EXPECT_NO_THROW(verify(gradient_graph(loss)));
    EXPECT_NO_THROW(verify(hessian_graph(loss)));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryForm, ButterflyForm, testing::ValuesIn(forms()),
                         [](const auto& param) { return param.param.name; });

/// Losses in which the operands of a butterfly depend on one another.
class ButterflyOfItself : public testing::TestWithParam<int> {};

NodeId entangled(GraphBuilder& b, Inputs in, int which) {
  ButterflyAttrs a;
  a.radices = {2, 3};
  a.last = 2;
  const NodeId x = frames(b, in.z, 6);
  const NodeId p = b.param("p", {7}, true);
  const NodeId vector = b.add(OpKind::Slice, {p}, SliceAttrs{0, 6});
  const NodeId y = b.add(OpKind::Butterfly, {x, p}, a);
  switch (which) {
    case 0:  // twice the same parameters
      return b.add(OpKind::Butterfly, {y, p}, a);
    case 1:  // a vector without rows that is a part of the parameters
      return b.add(OpKind::Butterfly, {vector, p}, a);
    case 2:  // twice the same signal
      return b.add(OpKind::ButterflyGradient, {x, x, p}, a);
    case 3:  // a cotangent that is the result
      return b.add(OpKind::ButterflyGradient, {x, y, p}, a);
    default:  // parameters that are made of the signal
      return b.add(OpKind::Butterfly, {x, b.add(OpKind::ButterflyGradient, {x, y, p}, a)}, a);
  }
}

TEST_P(ButterflyOfItself, HasTheGradientsOfCentralDifferences) {
  const Build loss = [](GraphBuilder& b, Inputs in) {
    return random_loss(b, entangled(b, in, GetParam()));
  };
  EXPECT_LE(gradient_error(loss), kTolerance);
  EXPECT_LE(hessian_error(loss), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Operands, ButterflyOfItself, testing::Range(0, 5));

// y = x0 +- w x1.
TEST(ButterflyGradients, OfRadixTwoByHand) {
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x", true, 2);
  const NodeId w = b.param("w", {1}, true);
  ButterflyAttrs a;
  a.radices = {2};
  a.last = 1;
  const NodeId y = b.add(OpKind::Butterfly, {x, w}, a);
  const NodeId wrt[] = {x, w};
  const NodeId loss = inner_product(b, y, b.constant({1.0, 2.0, 3.0, -1.0}, true));
  for (const NodeId g : gradients(b, loss, wrt)) b.output("g" + std::to_string(g), g);
  const Tensor at[] = {{true, {1, 2}, {5.0, 1.0}, {0.0, 2.0}}, {true, {1}, {0.5}, {1.0}}};
  const Values g = reference::interpret(b.finish(), at);
  const std::complex<double> g0(1, 2), g1(3, -1), x1(1, 2), w0(0.5, 1.0);
  EXPECT_EQ(g[0].at(0), g0 + g1);
  EXPECT_EQ(g[0].at(1), std::conj(w0) * (g0 - g1));
  EXPECT_EQ(g[1].at(0), std::conj(x1) * (g0 - g1));
}

}  // namespace
}  // namespace papilio::ir
