// Losses and their gradients on every device against the reference device: every op that a batch
// program has, any number of rows, threads and instruction sets.
#include <gtest/gtest.h>

#include <numbers>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "papilio/error.h"
#include "runtime/graph_ports.h"
#include "transform/graph.h"
#include "transform/inits.h"

namespace papilio::runtime::testing {
namespace {

using ir::NodeId;
using ir::OpKind;

constexpr std::int64_t kN = 24;

/// `loss` and its gradients for every port.
ir::Graph with_gradients(ir::GraphBuilder& b, NodeId loss, std::vector<NodeId> ports) {
  b.output("loss", loss);
  const auto gradients = ir::gradients(b, loss, ports);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    b.output("gradient" + std::to_string(i), gradients[i]);
  }
  return b.finish();
}

/// A complex filter with a window: mean |fft(w x) c - t|^2.
ir::Graph filter_loss(DType compute) {
  ir::GraphBuilder b(compute);
  const NodeId x = b.input("x", true, kN), t = b.input("t", true, kN);
  const NodeId w = b.param("w", {kN}), c = b.param("c", {kN}, true);
  const NodeId framed = b.add(OpKind::Mul, {x, w});
  const NodeId y = b.add(OpKind::Mul, {b.add(OpKind::Fft, {framed}, ir::FftAttrs{kN, 0.3}), c});
  b.output("y", y);
  return with_gradients(b, ir::mean_squared_error(b, y, t), {x, t, w, c});
}

/// Real rows: log powers of an rfft, cut, joined and padded, and the way back.
ir::Graph spectrum_loss(DType compute) {
  ir::GraphBuilder b(compute);
  const NodeId x = b.input("x", false, kN), w = b.param("w", {kN});
  const NodeId z = b.add(OpKind::Rfft, {b.add(OpKind::Mul, {x, w})}, ir::FftAttrs{kN, 1.0});
  const NodeId power = b.add(OpKind::Power, {z});
  const NodeId log = b.add(OpKind::Log, {power}, ir::LogAttrs{ir::LogBase::ten, 0.5});
  const NodeId cut = b.add(OpKind::Slice, {log}, ir::SliceAttrs{2, 9});
  const NodeId joined = b.add(OpKind::Concat, {cut, b.add(OpKind::Magnitude, {z})});
  const NodeId padded = b.add(OpKind::Pad, {joined}, ir::PadAttrs{3, 40});
  const NodeId back = b.add(OpKind::Irfft, {z}, ir::FftAttrs{kN, 0.1});
  const NodeId moved =
      b.add(OpKind::Affine, {b.add(OpKind::Add, {back, w})}, ir::AffineAttrs{-0.5, 0.25});
  const NodeId first = ir::mean_of(b, b.add(OpKind::Mul, {padded, padded}));
  const NodeId second = ir::mean_squared_error(b, moved, w);
  return with_gradients(b, b.add(OpKind::Add, {first, second}), {x, w});
}

/// The rows' deviation from their own mean: a second sweep needs the result of the first.
ir::Graph two_sweeps(DType compute) {
  ir::GraphBuilder b(compute);
  const NodeId x = b.input("x", false, kN), p = b.param("p", {kN});
  const NodeId y = b.add(OpKind::Mul, {x, p});
  const NodeId mean = b.add(OpKind::SumItems, {y}, ir::SumAttrs{true});
  const NodeId minus = b.add(OpKind::Affine, {mean}, ir::AffineAttrs{-1.0, 0.0});
  const NodeId apart = b.add(OpKind::Add, {y, b.add(OpKind::Spread, {minus, y}, ir::SumAttrs{})});
  b.output("apart", apart);
  return with_gradients(b, ir::mean_of(b, b.add(OpKind::Mul, {apart, apart})), {x, p});
}

/// What all rows share and yet has rows: spread from a param, and the gradient of a linear loss.
ir::Graph same_in_all_rows(DType compute) {
  ir::GraphBuilder b(compute);
  const NodeId x = b.input("x", false, kN), p = b.param("p", {kN});
  const NodeId spread = b.add(OpKind::Spread, {p, x}, ir::SumAttrs{});
  const NodeId square = b.add(OpKind::Mul, {spread, spread});
  b.output("spread", square);
  b.output("sum", b.add(OpKind::SumItems, {spread}, ir::SumAttrs{}));
  b.output("mean", b.add(OpKind::SumItems, {square}, ir::SumAttrs{true}));
  return with_gradients(b, ir::mean_of(b, b.add(OpKind::Mul, {x, p})), {x, p});
}

/// An encoder of free blocks and a decoder of tied twiddles with gates, one after the other.
ir::Graph networks_loss(DType compute) {
  ir::GraphBuilder b(compute);
  const NodeId x = b.input("x", true, kN), t = b.input("t", true, kN);
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout("2,3,4");
  spec.form = transform::Form::block;
  const transform::Network encoder = transform::random_network(spec, 1);
  spec.form = transform::Form::twiddle;
  spec.tying = transform::Tying::tied;
  spec.order = transform::Order::dif;
  transform::Network decoder = transform::random_network(spec, 2);
  decoder.stages[1].gates.assign(kN / 3, 0.75);
  auto ports = transform::make_params(b, transform::get_parameters(encoder, "encoder."));
  const auto more = transform::make_params(b, transform::get_parameters(decoder, "decoder."));
  const NodeId middle = transform::add_network(b, encoder, ports, x);
  const NodeId y = transform::add_network(b, decoder, more, middle);
  b.output("y", y);
  ports.insert(ports.end(), more.begin(), more.end());
  ports.push_back(x);
  return with_gradients(b, ir::mean_squared_error(b, y, t), ports);
}

struct Case {
  const char* name;
  ir::Graph (*graph)(DType);
};

class BatchProgram : public ::testing::TestWithParam<Case> {};

double distance(const std::vector<double>& got, const std::vector<double>& want) {
  return worst_row(got, want, 1);
}

TEST_P(BatchProgram, ReferenceDeviceAgrees) {
  for (const DType compute : {DType::f32, DType::f64}) {
    const ir::Graph graph = GetParam().graph(compute);
    for (const std::int64_t rows : {1, 3, 64, 65, 1000}) {
      const GraphPorts ports(graph, rows, kN);
      const Outcome want = run_ports(graph, ports, on("reference"));
      for (const RunSpec& spec : runs_under_test()) {
        const Outcome got = run_ports(graph, ports, spec);
        for (std::size_t i = 0; i < want.outputs.size(); ++i) {
          EXPECT_LE(distance(got.outputs[i], want.outputs[i]), compute == DType::f32 ? 2e-6 : 2e-14)
              << graph.outputs()[i].name << ", " << rows << " rows, " << name_of(spec);
        }
      }
    }
  }
}

TEST_P(BatchProgram, ThreadsChangeNoBit) {
  const ir::Graph graph = GetParam().graph(DType::f32);
  const GraphPorts ports(graph, 517, kN);
  RunSpec spec = runs_under_test().front();
  const Outcome alone = run_ports(graph, ports, spec);
  for (const int threads : {2, 3, 7}) {
    spec.threads = threads;
    EXPECT_EQ(run_ports(graph, ports, spec).bytes, alone.bytes) << threads;
  }
}

TEST_P(BatchProgram, ARowWithNanIsFlaggedAndSpoilsOnlyWhatRowsShare) {
  const ir::Graph graph = GetParam().graph(DType::f64);
  GraphPorts ports(graph, 5, kN);
  const RunSpec spec = runs_under_test().back();
  const std::size_t parts = ports.views[0].dtype == DType::c128 ? 2 : 1;
  ports.data[0][(3 * kN + 7) * parts] = std::nan("");
  const Outcome got = run_ports(graph, ports, spec);
  EXPECT_EQ(got.status[3].first_bad, 7);
  EXPECT_EQ(got.status[2].first_bad, -1);
  const Outcome want = run_ports(graph, ports, on("reference"));
  for (std::size_t i = 0; i < want.outputs.size(); ++i) {
    for (std::size_t e = 0; e < want.outputs[i].size(); ++e) {
      EXPECT_EQ(std::isnan(got.outputs[i][e]), std::isnan(want.outputs[i][e])) << i << " " << e;
    }
  }
}

TEST_P(BatchProgram, NoRowsGiveNoNumbersOutOfNothing) {
  const ir::Graph graph = GetParam().graph(DType::f32);
  const GraphPorts ports(graph, 0, kN);
  EXPECT_NO_THROW(run_ports(graph, ports, runs_under_test().back()));
}

INSTANTIATE_TEST_SUITE_P(Graphs, BatchProgram,
                         ::testing::Values(Case{"filter", filter_loss},
                                           Case{"spectrum", spectrum_loss},
                                           Case{"two_sweeps", two_sweeps},
                                           Case{"same_in_all_rows", same_in_all_rows},
                                           Case{"networks", networks_loss}),
                         [](const auto& param) { return std::string(param.param.name); });

/// Twiddles of radix 2 with a scale, as training lowers them: the gradient finds what the forward
/// step kept, and sums are fused with what they add.
ir::Graph learned_rows(std::int64_t n, transform::Order order) {
  ir::GraphBuilder b(DType::f32);
  const NodeId x = b.input("x", true, n), t = b.input("t", true, n);
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  spec.order = order;
  const transform::Network network = transform::random_network(spec, 5);
  const auto params = transform::make_params(b, transform::get_parameters(network));
  const NodeId y = transform::add_network(b, network, params, x);
  return with_gradients(b, ir::mean_squared_error(b, y, t), params);
}

TEST(BatchProgramOfRows, ReferenceDeviceAgrees) {
  for (const auto order : {transform::Order::dit, transform::Order::dif}) {
    for (const std::int64_t n : {64, 128, 256, 2048}) {
      const ir::Graph graph = learned_rows(n, order);
      for (const std::int64_t rows : {1, 2, 65}) {
        const GraphPorts ports(graph, rows, kN);
        const Outcome want = run_ports(graph, ports, on("reference"));
        for (const RunSpec& spec : runs_under_test()) {
          const Outcome got = run_ports(graph, ports, spec);
          for (std::size_t i = 0; i < want.outputs.size(); ++i) {
            EXPECT_LE(distance(got.outputs[i], want.outputs[i]), 4e-6)
                << graph.outputs()[i].name << ", " << n << " points, " << rows << " rows, "
                << name_of(spec);
          }
        }
      }
    }
  }
}

TEST(BatchProgramRefuses, RowsOfAnyLength) {
  ir::GraphBuilder b(DType::f32);
  b.output("sum", b.add(OpKind::SumItems, {b.input("x")}, ir::SumAttrs{}));
  try {
    compile(b.finish(), {runs_under_test().front().device, {}});
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("give its inputs one"), std::string::npos);
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
