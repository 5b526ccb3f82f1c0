// Graphs with params on rows and params in a GPU's memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/graph.h"
#include "runtime/cuda/on_gpu.h"
#include "runtime/graph_ports.h"
#include "runtime/steps.h"
#include "transform/graph.h"
#include "transform/inits.h"

namespace papilio::runtime::testing {
namespace {

ir::Graph loss_and_gradients(std::int64_t n) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  const transform::Network network = transform::random_network(spec, 5);
  ir::GraphBuilder b(DType::f64);
  const ir::NodeId x = b.input("x", true, n);
  const auto params = transform::make_params(b, transform::get_parameters(network));
  const ir::NodeId y = transform::add_network(b, network, params, x);
  const ir::NodeId loss = ir::mean_squared_error(b, y, b.input("t", true, n));
  b.output("y", y);
  b.output("loss", loss);
  for (const ir::NodeId gradient : ir::gradients(b, loss, params)) {
    b.output("g" + std::to_string(gradient), gradient);
  }
  return b.finish();
}

TEST_F(OnGpu, ParamsInDeviceMemoryGiveTheBitsOfThoseInHostMemory) {
  const ir::Graph graph = loss_and_gradients(16);
  const GraphPorts ports(graph, 37, 16);
  const Outcome want = run_ports(graph, ports, on("cuda"));
  const auto program = compile(graph, {"cuda", {}});
  OutputMemory memory(*program, 37, 16);
  std::vector<OnDevice> values, results;
  for (const auto& view : ports.views) values.emplace_back(view);
  for (const auto& view : memory.views) results.emplace_back(view);
  const auto views_of = [](const std::vector<OnDevice>& held) {
    std::vector<base::TensorView> views;
    for (const OnDevice& one : held) views.push_back(one.view());
    return views;
  };
  const cuda::Stream stream(cuda::Device::get());
  RunOptions options;
  options.stream = stream.handle().raw;
  options.work_bytes = program->gpu_work(views_of(values), views_of(results), options);
  ASSERT_GT(options.work_bytes, 0U);
  const cuda::DeviceBuffer work(cuda::Device::get(), options.work_bytes);
  Workspace none;
  const auto run = [&] { program->run(views_of(values), views_of(results), options, {}, none); };
  cuda::CapturedWork(stream, [&] { EXPECT_THROW(run(), UserError); });
  options.work = reinterpret_cast<void*>(work.data());
  --options.work_bytes;
  EXPECT_THROW(run(), UserError);
  ++options.work_bytes;
  run();
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::vector<std::byte> got(want.bytes[i].size());
    results[i].fetch(got.data(), stream);
    EXPECT_EQ(0, std::memcmp(got.data(), want.bytes[i].data(), got.size()))
        << graph.outputs()[i].name;
  }
}

/// Two params, of which only the gradient of the second one overflows.
TEST_F(OnGpu, AStepTellsTheFirstNumberWithoutAGradientAndMovesNothing) {
  constexpr std::int64_t kN = 4;
  ir::GraphBuilder b(DType::f32);
  const ir::NodeId x = b.input("x", false, kN);
  const ir::NodeId small = b.param("small", {kN});
  const ir::NodeId large = b.param("large", {kN});
  const ir::NodeId t = b.input("t", false, kN);
  const auto error = [&](ir::NodeId param) {
    return ir::mean_squared_error(b, b.add(ir::OpKind::Mul, {x, param}), t);
  };
  const ir::NodeId loss = b.add(ir::OpKind::Add, {error(small), error(large)});
  b.output("loss", loss);
  const std::vector<ir::NodeId> params{small, large};
  for (const ir::NodeId gradient : ir::gradients(b, loss, params)) {
    b.output("g" + std::to_string(gradient), gradient);
  }
  Descent descent;
  descent.rule = Descent::Rule::sgd;
  descent.parts.resize(2);
  const auto steps = compile_steps(b.finish(), descent, "cuda", 2);
  ASSERT_EQ(steps->size(), 8U);
  const std::vector<float> rows(8, 1e10F), targets(8, 0.0F);
  const std::vector<std::span<const std::byte>> inputs{std::as_bytes(std::span(rows)),
                                                       std::as_bytes(std::span(targets))};
  std::vector<double> state(24, 0.0), got(24);
  std::fill_n(state.begin(), 4, 1e-10);
  std::fill_n(state.begin() + 4, 4, 1e30);
  for (const bool bad : {true, false}) {
    if (!bad) std::fill_n(state.begin() + 4, 4, 1e-10);
    steps->put(state);
    steps->take(inputs);
    EXPECT_THROW(steps->take({}), InternalError);
    StepFacts facts;
    facts.rate = 1e-20;
    steps->start(facts);
    const StepFacts told = steps->finish();
    EXPECT_EQ(told.bad, bad ? 4U : ~UINT64_C(0));
    steps->get(got);
    EXPECT_EQ(got == state, bad);
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
