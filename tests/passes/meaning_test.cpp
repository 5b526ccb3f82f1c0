// No pass changes what a graph means: random graphs on the reference device, before and after each
// pass and the whole pipeline.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "ir/verify.h"
#include "passes/canonicalise.h"
#include "passes/pipeline.h"
#include "passes/random_graph.h"
#include "reference/interpret.h"

namespace papilio::passes {
namespace {

constexpr int kGraphs = 250;
constexpr int kSteps = 14;
constexpr std::int64_t kRows = 2;
constexpr std::int64_t kSamples = 31;

std::vector<reference::Tensor> inputs_of(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<reference::Tensor> inputs{reference::zeros({kRows, kSamples}, false),
                                        reference::zeros({kRows, kSamples}, true)};
  for (reference::Tensor& tensor : inputs) {
    for (std::int64_t i = 0; i < tensor.count(); ++i)
      tensor.set(i, {normal(random), normal(random)});
  }
  return inputs;
}

double largest(const reference::Tensor& tensor) {
  double most = 1e-300;
  for (std::int64_t i = 0; i < tensor.count(); ++i) most = std::max(most, std::abs(tensor.at(i)));
  return most;
}

void expect_same(const reference::Tensor& before, const reference::Tensor& after) {
  ASSERT_EQ(after.shape, before.shape);
  ASSERT_EQ(after.complex, before.complex);
  const double tolerance = 1e-12 * largest(before);
  for (std::int64_t i = 0; i < before.count(); ++i) {
    ASSERT_LE(std::abs(after.at(i) - before.at(i)), tolerance) << "element " << i;
  }
}

void expect_same_meaning(const Graph& before, const Graph& after, std::uint64_t seed) {
  ASSERT_NO_THROW(ir::verify(after));
  ASSERT_EQ(output_names(after), output_names(before));
  const auto inputs = inputs_of(seed);
  const auto expected = reference::interpret(before, inputs);
  const auto found = reference::interpret(after, inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) expect_same(expected[i], found[i]);
}

TEST(Meaning, EachPassAloneKeepsIt) {
  for (const Pass& pass : all_passes()) {
    for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
      const Graph graph = RandomGraph(seed).make(kSteps);
      expect_same_meaning(graph, pass.run(graph, {}), seed);
      ASSERT_FALSE(HasFatalFailure()) << pass.name << " on\n" << ir::to_text(graph);
    }
  }
}

TEST(Meaning, ThePipelineKeepsIt) {
  for (std::uint64_t seed = 1000; seed < 1000 + kGraphs; ++seed) {
    const Graph graph = RandomGraph(seed).make(2 * kSteps);
    expect_same_meaning(graph, run_passes(graph, {}), seed);
    ASSERT_FALSE(HasFatalFailure()) << ir::to_text(graph);
  }
}

/// A factor for each element of a frame, or one for all, in a product, a sum of products and its
/// mean.
Graph with_shared_factor(bool complex, bool one, bool mean) {
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x"), z = b.input("z", true);
  const NodeId row = b.add(OpKind::Frame, {complex ? z : x}, frames_of(3, 2));
  const NodeId a = b.constant(one ? std::vector{0.7} : std::vector{0.7, -1.3, 2.1});
  const NodeId factor = b.add(OpKind::Spread, {a, row}, ir::SumAttrs{mean});
  const NodeId twice = b.add(OpKind::Affine, {factor}, ir::AffineAttrs{2.0, 0.0});
  const NodeId scaled = b.add(OpKind::Mul, {row, twice});
  b.output("scaled", b.add(OpKind::Mul, {scaled, b.constant({1.5, 0.5, -2.0})}));
  for (const bool mean_too : {false, true}) {
    NodeId product = b.add(OpKind::Mul, {scaled, row});
    if (complex) product = b.add(OpKind::Real, {product});
    b.output(mean_too ? "mean" : "sum", b.add(OpKind::SumItems, {product}, ir::SumAttrs{mean_too}));
  }
  return b.finish();
}

TEST(Meaning, FactorsThatRowsShareKeepIt) {
  for (const int choice : {0, 1, 2, 3, 4, 5, 6, 7}) {
    const Graph graph = with_shared_factor((choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0);
    const Graph after = canonicalise(graph, {});
    if ((choice & 2) == 0) {
      EXPECT_NE(ir::to_text(after), ir::to_text(graph));
    }
    expect_same_meaning(graph, after, 7);
    ASSERT_FALSE(HasFatalFailure()) << choice << "\n" << ir::to_text(after);
  }
}

/// The mean square of each output of a graph and its gradients for the inputs, as more outputs.
Graph with_gradients(const Graph& graph) {
  GraphBuilder b(DType::f64);
  for (const ir::Node& node : graph.nodes()) b.add(node.op, node.inputs, node.attrs);
  const NodeId inputs[] = {b.input("x"), b.input("z", true)};
  for (const ir::Output& output : graph.outputs()) {
    const NodeId zero = b.add(OpKind::Spread, {b.constant({0.0}), output.node}, ir::SumAttrs{});
    const NodeId loss = ir::mean_squared_error(b, output.node, zero);
    b.output(output.name, loss);
    const auto gradients = ir::gradients(b, loss, inputs);
    b.output(output.name + " x", gradients[0]);
    b.output(output.name + " z", gradients[1]);
  }
  return b.finish();
}

TEST(Meaning, ThePipelineKeepsThatOfGradients) {
  for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
    const Graph graph = with_gradients(RandomGraph(seed).make(kSteps));
    expect_same_meaning(graph, run_passes(graph, {}), seed);
    ASSERT_FALSE(HasFatalFailure()) << ir::to_text(graph);
  }
}

// The random graphs must give the passes something to do, or the tests above show nothing.
TEST(Meaning, RandomGraphsExerciseEveryPass) {
  std::map<std::string_view, int> changed;
  for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
    const Graph graph = RandomGraph(seed).make(kSteps);
    for (const Pass& pass : all_passes()) {
      if (ir::to_text(pass.run(graph, {})) != ir::to_text(graph)) ++changed[pass.name];
    }
  }
  for (const Pass& pass : all_passes()) EXPECT_GE(changed[pass.name], kGraphs / 20) << pass.name;
}

TEST(Meaning, ThePipelineIsIdempotent) {
  for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
    const Graph once = run_passes(RandomGraph(seed).make(kSteps), {});
    EXPECT_EQ(ir::to_text(run_passes(once, {})), ir::to_text(once));
  }
}

}  // namespace
}  // namespace papilio::passes
