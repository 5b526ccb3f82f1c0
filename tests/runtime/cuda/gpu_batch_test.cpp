// Graphs with params on rows and params in a GPU's memory.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "runtime/cuda/on_gpu.h"
#include "runtime/graph_ports.h"
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
  Workspace work;
  program->run(views_of(values), views_of(results), options, {}, work);
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::vector<std::byte> got(want.bytes[i].size());
    results[i].fetch(got.data(), stream);
    EXPECT_EQ(0, std::memcmp(got.data(), want.bytes[i].data(), got.size()))
        << graph.outputs()[i].name;
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
