// The main flow: graph -> verify -> passes -> strategy -> device program.
#include "runtime/compile.h"

#include <algorithm>

#include "base/target.h"
#include "base/text.h"
#include "codegen/fft_shape.h"
#include "ir/verify.h"
#include "papilio/error.h"
#include "passes/pipeline.h"
#include "runtime/cpu/batch_program.h"
#include "runtime/cpu/cpu_program.h"
#include "runtime/cpu/row_fft_program.h"
#include "runtime/cuda/cuda_program.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/nvrtc.h"
#include "runtime/cuda/steps.h"
#include "runtime/null/null_program.h"
#include "runtime/reference/reference_program.h"

namespace papilio::runtime {
namespace {

std::unique_ptr<Program> compile_cpu(const ir::Graph& graph, kernels::Isa isa) {
  if (cpu::is_batch_graph(graph)) return cpu::make_batch_program(graph, isa);
  if (cpu::is_row_fft(graph)) return cpu::make_row_fft_program(graph, isa);
  return cpu::make_tile_program(graph, isa);
}

// What is missing is said in the order of what has to be there: driver, device, compiler.
const cuda::Device& gpu(int ordinal) {
  const cuda::Device& device = cuda::Device::get(ordinal);
  if (std::string why; !cuda::nvrtc_available(&why)) throw DeviceError(why);
  return device;
}

ir::Graph optimised_for(const cuda::Device& device, const ir::Graph& graph) {
  base::Target target = base::describe_machine();
  target.block_fft =
      codegen::longest_fft(graph.compute() == DType::f32 ? 4 : 8, device.facts().shared_per_block);
  return passes::run_passes(graph, target);
}

}  // namespace

kernels::Isa default_isa() { return kernels::isa_from_environment(); }

std::vector<std::string> device_names() { return {"auto", "cpu", "reference", "cuda", "null"}; }

bool is_device_name(const std::string& name) {
  const std::vector<std::string> names = device_names();
  return cuda::ordinal_of(name) || std::find(names.begin(), names.end(), name) != names.end();
}

std::shared_ptr<const Program> compile(const ir::Graph& graph, const CompileOptions& options) {
  ir::verify(graph);
  const std::string device = options.device == "auto" ? "cpu" : options.device;
  if (device == "reference") return make_reference_program(graph);
  if (const std::optional<int> ordinal = cuda::ordinal_of(device)) {
    const cuda::Device& found = gpu(*ordinal);
    return cuda::make_cuda_program(optimised_for(found, graph), found);
  }
  if (device != "cpu" && device != "null") {
    throw UserError("[device] no device is called " + device +
                    base::did_you_mean(device, device_names()) + "; choose one of " +
                    base::join(device_names()));
  }
  const kernels::Isa isa = options.isa ? *options.isa : default_isa();
  base::Target target = base::describe_machine();
  target.isa = kernels::name_of(isa);
  const ir::Graph optimised = passes::run_passes(graph, target);
  auto program = compile_cpu(optimised, isa);
  if (device == "null") return make_null_program(optimised);
  return program;
}

std::unique_ptr<Steps> compile_steps(const ir::Graph& graph, const Descent& descent,
                                     const std::string& device, std::int64_t rows) {
  ir::verify(graph);
  const std::optional<int> ordinal = cuda::ordinal_of(device);
  if (!ordinal) throw UserError("[device] steps stay on GPUs alone; give --device cuda");
  const cuda::Device& found = gpu(*ordinal);
  return cuda::make_steps(optimised_for(found, graph), descent, found, rows);
}

}  // namespace papilio::runtime
