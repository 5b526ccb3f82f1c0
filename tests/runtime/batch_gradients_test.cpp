// Every op's gradient on every device against the reference device: the walk over the op table,
// in batches of rows.
#include <gtest/gtest.h>

#include <cmath>

#include "ir/gradient_cases.h"
#include "runtime/graph_ports.h"

namespace papilio::runtime::testing {
namespace {

using ir::cases::Case;

constexpr std::int64_t kSamples = ir::samples::kSamples;

/// The loss and its gradient for each port.
ir::Graph graph_of(const Case& c, DType compute) {
  ir::GraphBuilder b(compute);
  const ir::NodeId loss = ir::cases::loss_of(c)(b, ir::samples::Inputs(b, kSamples));
  const auto ports = ir::ports_of(b);
  b.output("loss", loss);
  const auto gradients = ir::gradients(b, loss, ports);
  for (std::size_t i = 0; i < ports.size(); ++i) b.output("g" + std::to_string(i), gradients[i]);
  return b.finish();
}

class BatchGradients : public ::testing::TestWithParam<Case> {};

TEST_P(BatchGradients, ReferenceDeviceAgrees) {
  for (const DType compute : {DType::f32, DType::f64}) {
    const ir::Graph graph = graph_of(GetParam(), compute);
    for (const std::int64_t rows : {1, 3, 130}) {
      const GraphPorts ports(graph, rows, kSamples);
      const Outcome want = run_ports(graph, ports, on("reference"));
      for (const RunSpec& spec : runs_under_test()) {
        if (refuses_frames(graph, spec)) continue;
        const Outcome got = run_ports(graph, ports, spec);
        for (std::size_t i = 0; i < want.outputs.size(); ++i) {
          EXPECT_LE(worst_row(got.outputs[i], want.outputs[i], 1),
                    compute == DType::f32 ? 1e-5 : 1e-12)
              << graph.outputs()[i].name << ", " << rows << " rows, " << name_of(spec);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryOp, BatchGradients, ::testing::ValuesIn(ir::cases::all_cases()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace papilio::runtime::testing
