// Graphs of losses and gradients: what the reference device takes and gives for them, and that the
// others refuse what they have no kernels for.
#include <gtest/gtest.h>

#include <cmath>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "ir/op_samples.h"
#include "papilio/error.h"
#include "runtime/support.h"

namespace papilio::runtime::testing {
namespace {

using ir::GraphBuilder;
using ir::NodeId;

/// loss = mean |p x - x|^2 of rows of two, and its gradient for p.
ir::Graph scale_loss() {
  GraphBuilder b(DType::f64);
  const NodeId p = b.param("p", {2});
  const NodeId x = b.input("x", false, 2);
  const NodeId loss = ir::mean_squared_error(b, b.add(ir::OpKind::Mul, {x, p}), x);
  b.output("loss", loss);
  b.output("gradient", ir::gradients(b, loss, {&p, 1})[0]);
  return b.finish();
}

struct ScaleRun {
  double loss = 0.0;
  std::array<double, 2> gradient{};
  std::array<RowStatus, 2> status{};
};

ScaleRun run_scale(std::vector<double> rows, std::vector<double> p = {2.0, 3.0}) {
  const auto program = compile(scale_loss(), {"reference", {}});
  ScaleRun result;
  const base::TensorView values[] = {
      base::dense(p.data(), DType::f64, {static_cast<std::int64_t>(p.size())}),
      base::dense(rows.data(), DType::f64, {2, 2})};
  const base::TensorView results[] = {base::dense(&result.loss, DType::f64, {1}),
                                      base::dense(result.gradient.data(), DType::f64, {2})};
  Workspace work;
  program->run(values, results, {}, result.status, work);
  return result;
}

TEST(TrainingGraph, ParamsGoByNodeOrderAndResultsNeedNoRows) {
  const ScaleRun done = run_scale({1.0, 2.0, 3.0, 4.0});
  EXPECT_DOUBLE_EQ(done.loss, (1.0 + 16.0 + 9.0 + 64.0) / 4.0);
  EXPECT_DOUBLE_EQ(done.gradient[0], 2.0 * (1.0 + 9.0) / 4.0);
  EXPECT_DOUBLE_EQ(done.gradient[1], 2.0 * 2.0 * (4.0 + 16.0) / 4.0);
}

TEST(TrainingGraph, ABadRowSpoilsWhatRowsShare) {
  const ScaleRun done = run_scale({1.0, 2.0, NAN, 4.0});
  EXPECT_TRUE(std::isnan(done.loss));
  EXPECT_TRUE(std::isnan(done.gradient[0]) && std::isnan(done.gradient[1]));
  EXPECT_EQ(done.status[0].first_bad, -1);
  EXPECT_EQ(done.status[1].first_bad, 0);
}

TEST(TrainingGraph, OverflowOfWhatRowsShareIsThatOfEveryRow) {
  const ScaleRun done = run_scale({1e200, 2.0, 3.0, 4.0});
  EXPECT_TRUE(std::isinf(done.loss));
  EXPECT_TRUE(done.status[0].overflow && done.status[1].overflow);
}

TEST(TrainingGraph, ParamsOfAnotherShapeAreRefused) {
  try {
    run_scale({1.0, 2.0, 3.0, 4.0}, {1.0, 2.0, 3.0});
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "[run] param p does not fit the plan; give [2], real");
  }
}

TEST(TrainingGraph, AMissingValueIsRefused) {
  const auto program = compile(scale_loss(), {"reference", {}});
  Workspace work;
  try {
    program->run({}, {}, {}, {}, work);
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "[run] the plan has 2 inputs (params among them) and 2 outputs");
  }
}

class NotForTiles : public ::testing::TestWithParam<ir::OpKind> {};

TEST_P(NotForTiles, RunsInBatchesOrIsRefusedByName) {
  const ir::Graph graph = ir::samples::sample_graph(GetParam());
  EXPECT_NO_THROW(compile(graph, {"reference", {}}));
  try {
    compile(graph, {"cpu", {}});
  } catch (const DeviceError& error) {
    const std::string says = error.what();
    EXPECT_EQ(says.rfind("[device] cpu has no kernel for ", 0), 0u);
    EXPECT_NE(says.find("; use --device reference"), std::string::npos) << says;
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("rows of a fixed length"), std::string::npos);
  }
}

std::vector<ir::OpKind> unlowered_ops() {
  std::vector<ir::OpKind> ops;
  for (const ir::OpInfo& info : ir::all_ops()) {
    if (has(info.kind, ir::unlowered)) ops.push_back(info.kind);
  }
  return ops;
}

INSTANTIATE_TEST_SUITE_P(EveryOp, NotForTiles, ::testing::ValuesIn(unlowered_ops()),
                         [](const auto& param) {
                           return std::string(ir::info_of(param.param).text);
                         });

}  // namespace
}  // namespace papilio::runtime::testing
