/// What doctor says of CUDA: the devices with their driver and compiler, or why there is none.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace papilio::app {

/// {available, why (or null), driver, nvrtc, cufft, kernel_cache, devices: [{device, name,
/// compute_capability, multiprocessors, memory_bytes, free_bytes} or {device, why}]}; what is not
/// there is null.
base::Json cuda_report();

/// The same as rows of a table; one row where there is none.
std::vector<std::pair<std::string, std::string>> cuda_rows(const base::Json& report);

}  // namespace papilio::app
