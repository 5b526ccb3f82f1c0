// Text to machine code to kernels.
#include "runtime/cuda/compiled.h"

#include <string>

#include "codegen/cuda.h"
#include "codegen/device_sources.h"
#include "runtime/cuda/driver/kernel_cache.h"
#include "runtime/cuda/driver/nvrtc.h"
#include "runtime/cuda/driver/stream.h"

namespace papilio::runtime::cuda {
namespace {

KernelText text_of(const codegen::DeviceProgram& program) {
  KernelText text;
  text.name = "papilio.cu";
  text.source = program.source;
  for (const codegen::DeviceSource& block : codegen::device_sources()) {
    text.headers.emplace_back(block.name, block.text);
  }
  text.options = codegen::compile_options();
  return text;
}

}  // namespace

std::shared_ptr<const Compiled> compile_program(codegen::DeviceProgram program,
                                                const Device& device) {
  const Module module(device, cached_cubin(text_of(program), device.facts()));
  std::vector<Kernel> kernels;
  for (const codegen::Launch& launch : program.launches) {
    kernels.push_back(module.kernel(launch.kernel));
  }
  DeviceBuffer tables(device, program.tables.size());
  if (!program.tables.empty()) {
    const Stream stream(device);
    copy_to_device(tables.data(), program.tables.data(), program.tables.size(), stream);
    stream.synchronize();
  }
  return std::make_shared<const Compiled>(
      Compiled{std::move(program), std::move(kernels), std::move(tables)});
}

std::shared_ptr<const Compiled> CompiledSet::get(const codegen::Signature& signature) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [known, compiled] : known_) {
    if (known == signature) return compiled;
  }
  codegen::Signature here = signature;
  here.shared_per_block = device_.facts().shared_per_block;
  known_.emplace_back(signature, compile_program(codegen::lower_cuda(graph_, here), device_));
  return known_.back().second;
}

std::vector<KernelUse> CompiledSet::latest_use() const {
  const std::lock_guard lock(mutex_);
  std::vector<KernelUse> uses;
  if (known_.empty()) return uses;
  const Compiled& compiled = *known_.back().second;
  for (std::size_t i = 0; i < compiled.kernels.size(); ++i) {
    const codegen::Launch& launch = compiled.program.launches[i];
    const Kernel& kernel = compiled.kernels[i];
    const int blocks = kernel.occupancy(launch.threads, launch.shared_bytes);
    uses.push_back({kernel.name(), launch.threads, kernel.facts().registers,
                    kernel.facts().local_bytes,
                    static_cast<double>(blocks * launch.threads) /
                        device_.facts().threads_per_multiprocessor});
  }
  return uses;
}

}  // namespace papilio::runtime::cuda
