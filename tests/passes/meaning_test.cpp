// No pass changes what a graph means: random graphs on the reference device, before and after each
// pass and the whole pipeline.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "ir/verify.h"
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
