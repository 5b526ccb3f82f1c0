// What gradients() promises besides the rules: the convention, sums over several uses, zeros, and
// refusals. Numbers are done by hand.
#include "ir/gradient.h"

#include <gtest/gtest.h>

#include <complex>

#include "ir/losses.h"
#include "ir/op_samples.h"
#include "papilio/error.h"
#include "reference/interpret.h"

namespace papilio::ir {
namespace {

using Complex = std::complex<double>;
using reference::Tensor;

Tensor real_param(std::vector<double> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {false, {count}, std::move(values), {}};
}

Tensor complex_param(Complex value) { return {true, {1}, {value.real()}, {value.imag()}}; }

/// The sum of the elements of a vector.
NodeId sum(GraphBuilder& b, NodeId x) { return b.add(OpKind::SumElements, {x}, SumAttrs{}); }

/// Names the gradients of the loss as outputs and computes them.
std::vector<Tensor> run(GraphBuilder& b, NodeId loss, const std::vector<NodeId>& wrt,
                        const std::vector<Tensor>& values) {
  int count = 0;
  for (const NodeId g : gradients(b, loss, wrt)) b.output("g" + std::to_string(count++), g);
  return reference::interpret(b.finish(), values);
}

TEST(Gradients, OfAProductByHand) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {2});
  const NodeId q = b.param("q", {2});
  const auto g =
      run(b, sum(b, b.add(OpKind::Mul, {p, q})), {p, q}, {real_param({2, 3}), real_param({5, 7})});
  EXPECT_EQ(g[0].re, (std::vector<double>{5, 7}));
  EXPECT_EQ(g[1].re, (std::vector<double>{2, 3}));
}

// For t = w x: dL/dw = dL/dt conj(x); of L = |t|^2, dL/dt = 2 t.
TEST(Gradients, OfAComplexParameterAreThoseOfItsPartsAsOneNumber) {
  GraphBuilder b(DType::f64);
  const NodeId w = b.param("w", {1}, true);
  const NodeId x = b.constant({3.0, -1.0}, true);
  const NodeId t = b.add(OpKind::Mul, {w, x});
  const auto g = run(b, b.add(OpKind::Power, {t}), {w, t}, {complex_param({1.0, 2.0})});
  const Complex product = Complex(1.0, 2.0) * Complex(3.0, -1.0);
  EXPECT_EQ(g[1].at(0), 2.0 * product);
  EXPECT_EQ(g[0].at(0), 2.0 * product * Complex(3.0, 1.0));
}

// L = Re(w): dL/d(re) = 1 and dL/d(im) = 0; L = Im(w) = Re(-i w): 0 and 1.
TEST(Gradients, OfTheTwoPartsAreOneAndI) {
  for (const Complex factor : {Complex(1, 0), Complex(0, -1)}) {
    GraphBuilder b(DType::f64);
    const NodeId w = b.param("w", {1}, true);
    const NodeId turned = b.add(OpKind::Mul, {w, b.constant({factor.real(), factor.imag()}, true)});
    const auto g = run(b, b.add(OpKind::Real, {turned}), {w}, {complex_param({1.0, 2.0})});
    EXPECT_EQ(g[0].at(0), std::conj(factor));
  }
}

TEST(Gradients, OfSeveralUsesAddUp) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  const NodeId square = b.add(OpKind::Mul, {p, p});
  const NodeId cube = b.add(OpKind::Mul, {square, p});
  const auto g = run(b, b.add(OpKind::Add, {cube, square}), {p}, {real_param({2})});
  EXPECT_EQ(g[0].re, (std::vector<double>{3 * 4 + 2 * 2}));
}

TEST(Gradients, OfAVectorThatRowsShareAddUpOverThem) {
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x", false, 2);
  const NodeId p = b.param("p", {2});
  const NodeId rows = b.add(OpKind::SumItems, {b.add(OpKind::Mul, {x, p})}, SumAttrs{});
  const auto g =
      run(b, sum(b, rows), {p}, {{false, {2, 2}, {1, 2, 30, 40}, {}}, real_param({1, 1})});
  EXPECT_EQ(g[0].re, (std::vector<double>{31, 42}));
}

TEST(Gradients, OfWhatTheLossDoesNotDependOnAreZeros) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  const NodeId rows = b.input("rows");
  const NodeId w = b.param("w", {2, 3}, true);
  const auto g = run(b, b.add(OpKind::Mul, {p, p}), {rows, w},
                     {real_param({2}),
                      {false, {2, 3}, std::vector<double>(6, NAN), {}},
                      reference::zeros({2, 3}, true)});
  EXPECT_EQ(g[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(g[0].re, std::vector<double>(6, 0.0));
  EXPECT_TRUE(g[1].complex);
  EXPECT_EQ(g[1].shape, (std::vector<std::int64_t>{2, 3}));
}

TEST(Gradients, ReachNodesInBetweenAndTheLossItself) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  const NodeId square = b.add(OpKind::Mul, {p, p});
  const NodeId loss = b.add(OpKind::Affine, {square}, AffineAttrs{3.0, 1.0});
  const auto g = run(b, loss, {loss, square, p}, {real_param({5})});
  EXPECT_EQ(g[0].re, (std::vector<double>{1}));
  EXPECT_EQ(g[1].re, (std::vector<double>{3}));
  EXPECT_EQ(g[2].re, (std::vector<double>{30}));
}

TEST(Gradients, OfGradientsAreSecondAndThirdDerivatives) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  NodeId loss = b.add(OpKind::Log, {p}, LogAttrs{LogBase::e, 0.0});
  for (int order = 0; order < 3; ++order) {
    loss = gradients(b, loss, {&p, 1})[0];
    b.output("d" + std::to_string(order), loss);
  }
  const Tensor at[] = {real_param({2})};
  const auto d = reference::interpret(b.finish(), at);
  EXPECT_EQ(d[0].re[0], 0.5);
  EXPECT_EQ(d[1].re[0], -0.25);
  EXPECT_EQ(d[2].re[0], 0.25);
}

// Of |z|^4 at z = 1 + 2i: 4 |z|^2 v + 8 Re(conj(z) v) z, for a complex direction v.
TEST(Gradients, HessianProductsTakeComplexDirections) {
  GraphBuilder b(DType::f64);
  const NodeId z = b.param("z", {1}, true);
  const NodeId v = b.param("v", {1}, true);
  const NodeId power = b.add(OpKind::Power, {z});
  const NodeId loss = b.add(OpKind::Mul, {power, power});
  b.output("h", hessian_product(b, loss, {&z, 1}, {&v, 1})[0]);
  const Tensor at[] = {complex_param({1, 2}), complex_param({3, -1})};
  const Complex got = reference::interpret(b.finish(), at)[0].at(0);
  EXPECT_NEAR(std::abs(got - (20.0 * Complex(3, -1) + 8.0 * Complex(1, 2))), 0.0, 1e-12);
}

TEST(Gradients, HessianProductsNeedADirectionForEachNode) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  EXPECT_THROW(hessian_product(b, b.add(OpKind::Mul, {p, p}), {&p, 1}, {}), InternalError);
}

// max(log x, ..) and |z| have a corner: the flat side counts.
TEST(Gradients, AtCornersAreThoseOfTheFlatSide) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {3});
  const NodeId w = b.param("w", {1}, true);
  const NodeId log = b.add(OpKind::Log, {p}, LogAttrs{LogBase::e, 0.5});
  const NodeId loss = b.add(OpKind::Add, {sum(b, log), b.add(OpKind::Magnitude, {w})});
  const auto g = run(b, loss, {p, w}, {real_param({0.5, 0.0, 2.0}), complex_param({0, 0})});
  EXPECT_EQ(g[0].re, (std::vector<double>{0.0, 0.0, 0.5}));
  EXPECT_EQ(g[1].at(0), Complex(0, 0));
}

TEST(Losses, MeansAreOverRowsFramesAndElements) {
  GraphBuilder b(DType::f64);
  const NodeId x = samples::frames(b, b.input("x"), 2);
  b.output("mean", mean_of(b, x));
  b.output("mse", mean_squared_error(b, x, b.constant({1.0, 2.0})));
  const Tensor rows[] = {{false, {2, 5}, {1, 2, 0, 1, 3, 1, 2, 0, 5, 2}, {}}};
  const auto y = reference::interpret(b.finish(), rows);  // frames 1 2 | 1 3 | 1 2 | 5 2
  EXPECT_EQ(y[0].shape, (std::vector<std::int64_t>{1}));
  EXPECT_DOUBLE_EQ(y[0].re[0], 17.0 / 8.0);
  EXPECT_DOUBLE_EQ(y[1].re[0], (1.0 + 16.0) / 8.0);
}

TEST(Losses, SquaredErrorsOfComplexRowsOfAnyLength) {
  GraphBuilder b(DType::f64);
  const NodeId z = b.input("z", true);
  const NodeId w = b.input("w", true);
  b.output("mse", mean_squared_error(b, z, w));
  const Tensor rows[] = {{true, {1, 2}, {1, 2}, {3, 4}}, {true, {1, 2}, {1, 1}, {1, 4}}};
  EXPECT_DOUBLE_EQ(reference::interpret(b.finish(), rows)[0].re[0], (4.0 + 1.0) / 2.0);
}

template <typename Error>
std::string refusal(GraphBuilder& b, NodeId loss, NodeId wrt) {
  try {
    gradients(b, loss, {&wrt, 1});
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(GradientRefusals, ALossIsOneRealNumber) {
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x");
  const NodeId p = b.param("p", {2});
  const NodeId w = b.param("w", {1}, true);
  const char* says = "not one real number; add it up over items and elements";
  for (const NodeId loss : {x, p, w}) {
    EXPECT_NE(refusal<UserError>(b, loss, loss).find(says), std::string::npos) << loss;
  }
  EXPECT_NE(refusal<UserError>(b, x, x).find("f64[rows, samples]"), std::string::npos);
}

TEST(GradientRefusals, OpsWithoutARuleSayWhy) {
  for (const OpKind op : {OpKind::TopBins, OpKind::Peaks, OpKind::PairedMeanPower}) {
    GraphBuilder b(DType::f64);
    const samples::Inputs in(b);
    const NodeId y = samples::sample_node(op, b, in);
    const NodeId loss = sum(b, b.add(OpKind::SumItems, {y}, SumAttrs{}));
    const std::string says = refusal<UserError>(b, loss, in.x);
    const std::string head = "[gradient] " + std::string(info_of(op).text) + " has no gradient: ";
    EXPECT_EQ(says.rfind(head, 0), 0u) << says;
    // A loss that does not follow x through the op is fine.
    EXPECT_EQ(refusal<UserError>(b, loss, in.z), "accepted");
  }
}

TEST(GradientRefusals, NodesMustBeInTheGraph) {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {1});
  EXPECT_EQ(refusal<InternalError>(b, p, 7), "[gradient] node 7 is not in the graph");
  EXPECT_EQ(refusal<InternalError>(b, 7, p), "[gradient] node 7 is not in the graph");
  EXPECT_EQ(refusal<InternalError>(b, p, -1), "[gradient] node -1 is not in the graph");
}

}  // namespace
}  // namespace papilio::ir
