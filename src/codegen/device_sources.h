/// The blocks that kernels are made of (device/*.cuh), as text for the run-time compiler.
#pragma once

#include <span>
#include <string_view>

namespace papilio::codegen {

struct DeviceSource {
  std::string_view name;  ///< as kernels include it
  std::string_view text;
};

std::span<const DeviceSource> device_sources();

}  // namespace papilio::codegen
