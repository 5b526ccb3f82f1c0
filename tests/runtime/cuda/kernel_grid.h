/// The kernels that must compile for every chip, whether or not there is one here.
#pragma once

#include <vector>

#include "runtime/cuda/nvrtc.h"

namespace papilio::test {

inline std::vector<runtime::cuda::KernelText> kernel_grid() {
  return {{.name = "scale",
           .source = "#include \"real.h\"\n"
                     "extern \"C\" __global__ void scale(real* x, int n, real factor) {\n"
                     "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                     "  if (i < n) x[i] *= factor;\n"
                     "}\n",
           .headers = {{"real.h", "using real = float;\n"}},
           .options = {"--std=c++20"}}};
}

}  // namespace papilio::test
