// Walks ops.def: every op has a sample graph, a reference body that runs, a shape rule that tells
// the shape which the reference body gives, a text, and a gradient or a reason for none.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "ir/noise.h"
#include "ir/op_samples.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "reference/interpret.h"

namespace papilio::ir {
namespace {

using samples::kRows;
using samples::kSamples;

class OpTable : public testing::TestWithParam<OpKind> {};

const Node& sampled_node(const Graph& graph) { return graph.node(graph.outputs()[0].node); }

TEST_P(OpTable, SampleIsOfTheOpAndVerifies) {
  for (const DType compute : {DType::f32, DType::f64}) {
    const Graph graph = samples::sample_graph(GetParam(), compute);
    EXPECT_EQ(sampled_node(graph).op, GetParam());
    EXPECT_NO_THROW(verify(graph));
    EXPECT_EQ(real_of(sampled_node(graph).type.dtype), compute);
  }
}

TEST_P(OpTable, ShapeRuleTellsTheShapeOfTheReferenceBody) {
  const Graph graph = samples::sample_graph(GetParam());
  const reference::Tensor y = reference::interpret(graph, noise_for(graph, kRows, kSamples))[0];
  const Type& type = sampled_node(graph).type;
  EXPECT_EQ(y.shape, type.resolve(kRows, kSamples));
  EXPECT_EQ(y.complex, type.complex());
  EXPECT_EQ(static_cast<std::int64_t>(y.re.size()), y.count());
  EXPECT_EQ(y.im.size(), y.complex ? y.re.size() : 0u);
}

TEST_P(OpTable, ReferenceBodyDoesNothingTrivial) {
  const Graph graph = samples::sample_graph(GetParam());
  const reference::Tensor y = reference::interpret(graph, noise_for(graph, kRows, kSamples))[0];
  double sum = 0.0;
  for (const double value : y.re) sum += std::isnan(value) ? 0.0 : std::abs(value);
  EXPECT_GT(sum, 0.0);
}

TEST_P(OpTable, TextNamesTheOp) {
  const Graph graph = samples::sample_graph(GetParam());
  const std::string line = to_text(graph, graph.outputs()[0].node);
  EXPECT_NE(line.find("= " + std::string(info_of(GetParam()).text) + "("), std::string::npos)
      << line;
}

TEST_P(OpTable, ArityIsThatOfTheTable) {
  const Graph graph = samples::sample_graph(GetParam());
  EXPECT_EQ(static_cast<int>(sampled_node(graph).inputs.size()), info_of(GetParam()).inputs);
}

std::vector<OpKind> kinds() {
  std::vector<OpKind> result;
  for (const OpInfo& info : all_ops()) result.push_back(info.kind);
  return result;
}

INSTANTIATE_TEST_SUITE_P(EveryOp, OpTable, testing::ValuesIn(kinds()),
                         [](const auto& param) { return std::string(info_of(param.param).text); });

TEST(OpTableAsAWhole, RowsAreInEnumOrderAndTextsDiffer) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < all_ops().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(all_ops()[i].kind), i);
    EXPECT_TRUE(texts.insert(all_ops()[i].text).second) << all_ops()[i].text;
  }
}

// Every other op has a rule, which does not link when it is missing.
TEST(OpTableAsAWhole, TheseOpsHaveNoGradientRule) {
  std::map<Gradient, std::set<std::string_view>> without;
  for (const OpInfo& info : all_ops()) {
    if (info.gradient != Gradient::rule) without[info.gradient].insert(info.text);
  }
  EXPECT_EQ(without, (std::map<Gradient, std::set<std::string_view>>{
                         {Gradient::leaf, {"input", "const", "param"}},
                         {Gradient::flat, {"step"}},
                         {Gradient::rank, {"top_bins", "peaks"}},
                         {Gradient::late, {"paired_mean_power"}}}));
}

}  // namespace
}  // namespace papilio::ir
