// The walk over a graph: which tensor goes where.
#include "reference/interpret.h"

#include <gtest/gtest.h>

#include "papilio/error.h"
#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using ir::OpKind;
using Values = std::vector<double>;

TEST(Interpret, InputsGoByNodeOrderAndOutputsByName) {
  ir::GraphBuilder b(DType::f64);
  const ir::NodeId x = b.input("x");
  const ir::NodeId y = b.input("y");
  b.output("twice y", b.add(OpKind::Affine, {y}, ir::AffineAttrs{2.0, 0.0}));
  b.output("x", x);
  const Tensor inputs[] = {real_rows({{1, 2}}), real_rows({{3, 4}})};
  const auto results = interpret(b.finish(), inputs);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].re, (Values{6, 8}));
  EXPECT_EQ(results[1].re, (Values{1, 2}));
}

TEST(Interpret, ParamsGoByNodeOrderAmongTheInputs) {
  ir::GraphBuilder b(DType::f64);
  const ir::NodeId p = b.param("p", {2});
  const ir::NodeId x = b.input("x", false, 2);
  const ir::NodeId q = b.param("q", {2});
  b.output("y", b.add(OpKind::Add, {b.add(OpKind::Mul, {x, p}), q}));
  const Tensor values[] = {
      {false, {2}, {2, 3}, {}}, real_rows({{1, 10}}), {false, {2}, {5, 7}, {}}};
  EXPECT_EQ(interpret(b.finish(), values)[0].re, (Values{7, 37}));
}

TEST(Interpret, RefusesParamsThatDoNotFit) {
  ir::GraphBuilder b(DType::f64);
  b.output("p", b.param("p", {2, 1}));
  const ir::Graph graph = b.finish();
  const Tensor fits{false, {2, 1}, {1, 2}, {}};
  const Tensor flat{false, {2}, {1, 2}, {}};
  const Tensor complex{true, {2, 1}, {1, 2}, {3, 4}};
  EXPECT_EQ(interpret(graph, std::span(&fits, 1))[0].re, (Values{1, 2}));
  EXPECT_THROW(interpret(graph, std::span(&flat, 1)), InternalError);
  EXPECT_THROW(interpret(graph, std::span(&complex, 1)), InternalError);
}

TEST(Interpret, AValueThatIsReadTwiceIsThereTwice) {
  const Tensor y = run_op(real_rows({{3}}), [](ir::GraphBuilder& b, ir::NodeId x) {
    const ir::NodeId twice = b.add(OpKind::Affine, {x}, ir::AffineAttrs{2.0, 0.0});
    const ir::NodeId sum = b.add(OpKind::Add, {twice, x});
    return b.add(OpKind::Mul, {sum, twice});
  });
  EXPECT_EQ(y.re, (Values{54}));
}

TEST(Interpret, NoRowsGiveNoRows) {
  const Tensor none{false, {0, 8}, {}, {}};
  const Tensor y = run_op(none, OpKind::Rfft, ir::FftAttrs{8, 1.0});
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{0, 5}));
}

TEST(Interpret, RefusesInputsThatDoNotFit) {
  ir::GraphBuilder b(DType::f64);
  b.output("y", b.input("x", false, 2));
  const ir::Graph graph = b.finish();
  const Tensor fits = real_rows({{1, 2}});
  const Tensor longer = real_rows({{1, 2, 3}});
  const Tensor complex = complex_row({{1, 2}, {3, 4}});
  const Tensor two[] = {fits, fits};
  EXPECT_NO_THROW(interpret(graph, std::span(&fits, 1)));
  EXPECT_THROW(interpret(graph, std::span(&longer, 1)), InternalError);
  EXPECT_THROW(interpret(graph, std::span(&complex, 1)), InternalError);
  EXPECT_THROW(interpret(graph, {}), InternalError);
  EXPECT_THROW(interpret(graph, two), InternalError);
}

}  // namespace
}  // namespace papilio::reference
