// Walks the op table: the gradient of every op that has a rule, and the gradient of that gradient,
// against central differences.
#include <gtest/gtest.h>

#include <set>

#include "ir/gradient_cases.h"

namespace papilio::ir {
namespace {

using cases::all_cases;
using cases::Case;
using cases::loss_of;

constexpr double kTolerance = 1e-8;

class GradientWalk : public testing::TestWithParam<Case> {};

TEST_P(GradientWalk, IsThatOfCentralDifferences) {
  EXPECT_LE(gradient_error(loss_of(GetParam())), kTolerance);
}

// Two zeros agree to any tolerance: only what does not follow the inputs may give them.
TEST_P(GradientWalk, IsNotZero) {
  const Graph gradient = gradient_graph(loss_of(GetParam()));
  double size = 0.0;
  for (const Tensor& g : reference::interpret(gradient, noise_for(gradient))) size += norm(g);
  EXPECT_EQ(size == 0.0, GetParam().name == "const" || GetParam().name == "step");
}

TEST_P(GradientWalk, TimesADirectionHasAGradientToo) {
  EXPECT_LE(hessian_error(loss_of(GetParam())), kTolerance);
}

// What the rules make of any op, and what they make of that, has rules again.
TEST_P(GradientWalk, IsMadeOfOpsThatHaveGradients) {
  const Graph graph = hessian_graph(loss_of(GetParam()));
  for (const Node& node : graph.nodes()) {
    const Gradient gradient = info_of(node.op).gradient;
    EXPECT_TRUE(gradient != Gradient::rank && gradient != Gradient::late) << info_of(node.op).text;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryOp, GradientWalk, testing::ValuesIn(all_cases()),
                         [](const auto& param) { return param.param.name; });

// Every rule is exercised by the walk, those of the adjoints by the second derivatives as well.
TEST(GradientWalkAsAWhole, MeetsEveryOpThatHasARule) {
  std::set<OpKind> met;
  for (const Case& c : all_cases()) {
    const Graph graph = loss_graph(loss_of(c));
    for (const Node& node : graph.nodes()) met.insert(node.op);
  }
  for (const OpInfo& info : all_ops()) {
    EXPECT_TRUE(info.gradient != Gradient::rule || met.contains(info.kind)) << info.text;
  }
}

}  // namespace
}  // namespace papilio::ir
