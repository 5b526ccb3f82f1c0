/// The kernels that must compile for every chip, whether or not there is one here.
#pragma once

#include <vector>

#include "codegen/cuda.h"
#include "codegen/device_sources.h"
#include "codegen/graphs.h"
#include "runtime/cuda/driver/nvrtc.h"

namespace papilio::test {

/// Shared memory of a block on a chip.
inline std::int64_t shared_per_block(int chip) {
  return chip == 80 ? 163 * 1024 : codegen::kSharedPerBlock;
}

inline std::vector<runtime::cuda::KernelText> kernel_grid(int chip = 90) {
  std::vector<runtime::cuda::KernelText> texts;
  for (const NamedGraph& graph : device_graphs()) {
    runtime::cuda::KernelText text;
    text.name = graph.name;
    text.source = graph.lower(shared_per_block(chip)).source;
    for (const codegen::DeviceSource& block : codegen::device_sources()) {
      text.headers.emplace_back(block.name, block.text);
    }
    text.options = codegen::compile_options();
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace papilio::test
