/// Runs of graphs with params: random values for every port.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.h"
#include "papilio/error.h"
#include "runtime/support.h"

namespace papilio::runtime::testing {

/// Values of every port of a graph, in double; what f32 cannot hold is rounded beforehand.
struct GraphPorts {
  GraphPorts(const ir::Graph& graph, std::int64_t row_count, std::int64_t sample_count,
             std::uint64_t seed = 1)
      : rows(row_count), samples(sample_count) {
    base::Rng rng(seed, 0);
    for (const ir::Node& node : graph.nodes()) {
      if (!ir::is_port(node.op)) continue;
      const auto shape = node.type.resolve(rows, samples);
      std::int64_t count = node.type.complex() ? 2 : 1;
      for (const std::int64_t extent : shape) count *= extent;
      auto& values = data.emplace_back();
      for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(static_cast<double>(static_cast<float>(rng.normal())));
      }
      const DType dtype = node.type.complex() ? DType::c128 : DType::f64;
      views.push_back(dense_view(values.data(), dtype, shape));
    }
  }
  std::int64_t rows, samples;
  std::vector<std::vector<double>> data;
  std::vector<base::TensorView> views;
};

inline Outcome run_ports(const ir::Graph& graph, const GraphPorts& ports, const RunSpec& spec) {
  const auto program = compile(graph, {spec.device, spec.isa});
  const base::ThreadPool pool(spec.threads);
  OutputMemory memory(*program, ports.rows, ports.samples);
  std::vector<RowStatus> status(static_cast<std::size_t>(ports.rows));
  Workspace work;
  program->run(ports.views, memory.views, {&pool, spec.bad}, status, work);
  return memory.outcome(status);
}

/// Whether the device says that it does not run a graph with frames: a GPU runs them
/// only without params.
inline bool refuses_frames(const ir::Graph& graph, const RunSpec& spec) {
  const auto framed = [](const ir::Node& node) { return node.type.has_frames(); };
  if (!spec.device.starts_with("cuda") ||
      std::none_of(graph.nodes().begin(), graph.nodes().end(), framed)) {
    return false;
  }
  try {
    compile(graph, {spec.device, spec.isa});
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("does not run on this device"), std::string::npos);
    return true;
  }
  return false;
}

inline RunSpec on(const char* device, std::optional<kernels::Isa> isa = {}, int threads = 1) {
  RunSpec spec;
  spec.device = device;
  spec.isa = isa;
  spec.threads = threads;
  return spec;
}

}  // namespace papilio::runtime::testing
