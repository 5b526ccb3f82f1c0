#include "training_work.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/target.h"
#include "codegen/batch.h"
#include "gpu_race.h"
#include "ir/gradient.h"
#include "ir/losses.h"
#include "passes/pipeline.h"
#include "runtime/cuda/launcher.h"
#include "transform/graph.h"
#include "transform/inits.h"

namespace papilio::bench {
namespace {

using namespace runtime::cuda;  // NOLINT

/// The squared distance from given targets.
ir::Graph loss_and_gradients(const transform::Network& network) {
  const std::int64_t n = network.spec.n();
  ir::GraphBuilder b(DType::f32);
  const ir::NodeId x = b.input("x", true, n);
  const auto params = transform::make_params(b, transform::get_parameters(network));
  const ir::NodeId y = transform::add_network(b, network, params, x);
  const ir::NodeId loss = ir::mean_squared_error(b, y, b.input("t", true, n));
  b.output("loss", loss);
  for (const ir::NodeId gradient : ir::gradients(b, loss, params)) {
    b.output("g" + std::to_string(gradient), gradient);
  }
  return passes::run_passes(b.finish(), base::describe_machine());
}

/// Free parameters and facts as they are before the first step.
void begin(const Compiled& compiled, const WorkLayout& layout, CUdeviceptr work,
           const transform::Network& network, StreamHandle stream) {
  const codegen::Moves& moves = *compiled.program.moves;
  std::vector<double> state;
  for (const auto& one : transform::get_parameters(network)) {
    state.insert(state.end(), one.values.begin(), one.values.end());
  }
  state.resize(3 * static_cast<std::size_t>(moves.free), 0.0);
  codegen::StepFacts facts;
  facts.rate = 1e-3;
  facts.mean_share = 0.1;
  facts.square_share = 1e-3;
  copy_to_device(work + layout.stored[static_cast<std::size_t>(moves.state)], state.data(),
                 state.size() * sizeof(double), stream);
  copy_to_device(work + layout.stored[static_cast<std::size_t>(moves.facts)], &facts, sizeof facts,
                 stream);
  stream.synchronize();
}

void run(const Device& device, const char* name, const transform::Network& network,
         std::int64_t rows, const codegen::Descent* descent) {
  const std::int64_t n = network.spec.n();
  codegen::Signature signature;
  signature.watch = false;
  signature.inputs.assign(2, {DType::c64, true, false, true});
  const auto compiled = compile_program(
      codegen::lower_batch(loss_and_gradients(network), signature, descent), device);
  const WorkLayout layout(compiled->program, rows, 0);
  const DeviceBuffer work(device, layout.total);
  const std::size_t half = static_cast<std::size_t>(rows * n) * size_of(DType::c64);
  const RotatingInput input(device, 2 * half, false);
  const Stream stream(device);
  if (descent != nullptr) begin(*compiled, layout, work.data(), network, stream);
  const GpuTime time = time_on_gpu(device, kMostLaunches, 9, [&](int turn, StreamHandle queue) {
    std::vector<base::TensorView> views;
    for (const std::size_t at : {std::size_t{0}, half}) {
      views.push_back(device_view(input.at(turn) + at, DType::c64, {rows, n}));
    }
    enqueue(*compiled, {views, {}, rows, 0, 0, true}, work.data(), queue);
  });
  std::printf("%-18s of %5lld x %5lld  %9.2f us [%.2f..%.2f]", name, static_cast<long long>(rows),
              static_cast<long long>(n), time.median * 1e6, time.least * 1e6, time.most * 1e6);
  if (descent != nullptr) {
    codegen::StepFacts facts;
    const auto place = static_cast<std::size_t>(compiled->program.moves->facts);
    copy_to_host(&facts, work.data() + layout.stored[place], sizeof facts, stream);
    stream.synchronize();
    std::printf("  loss %.4g%s", facts.loss, facts.bad == ~UINT64_C(0) ? "" : ", NOT FINITE");
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void run_training(const Device& device, std::int64_t n, std::int64_t rows) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  const transform::Network network = transform::random_butterfly(spec, 5);
  run(device, "loss and gradients", network, rows, nullptr);
  codegen::Descent adam;
  adam.parts.resize(transform::get_parameters(network).size());
  run(device, "training step", network, rows, &adam);
}

}  // namespace papilio::bench
