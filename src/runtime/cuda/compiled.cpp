// Text to machine code to kernels.
#include "runtime/cuda/compiled.h"

#include <string>

#include "codegen/cuda.h"
#include "codegen/device_sources.h"
#include "runtime/cuda/kernel_cache.h"
#include "runtime/cuda/nvrtc.h"
#include "runtime/cuda/stream.h"

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
  known_.emplace_back(signature, compile_program(codegen::lower_cuda(graph_, signature), device_));
  return known_.back().second;
}

}  // namespace papilio::runtime::cuda
