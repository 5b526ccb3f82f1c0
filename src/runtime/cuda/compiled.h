/// A graph compiled for a device: one set of kernels per signature (element types, strides, long
/// rows), made when it is first asked for.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "codegen/device_program.h"
#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/driver/module.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

struct Compiled {
  codegen::DeviceProgram program;
  std::vector<Kernel> kernels;  ///< one per launch
  DeviceBuffer tables;
};

std::shared_ptr<const Compiled> compile_program(codegen::DeviceProgram program,
                                                const Device& device);

class CompiledSet {
 public:
  CompiledSet(ir::Graph graph, const Device& device) : graph_(std::move(graph)), device_(device) {}

  /// Thread-safe; the same object for the same signature.
  std::shared_ptr<const Compiled> get(const codegen::Signature& signature) const;

  /// Of the signature that was new last.
  std::vector<KernelUse> latest_use() const;

 private:
  ir::Graph graph_;
  const Device& device_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<codegen::Signature, std::shared_ptr<const Compiled>>> known_;
};

}  // namespace papilio::runtime::cuda
