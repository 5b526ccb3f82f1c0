/// Streams of any length in bounded memory, for graphs that fold groups of frames: windows of whole
/// groups go to the device as they come, and of them only sums and maxima are kept.
#pragma once

#include <cstdint>
#include <memory>

#include "codegen/device_program.h"
#include "runtime/cuda/compiled.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// What a stream needs of its program, which outlives it.
struct StreamParts {
  const Program& program;  ///< runs rows that stay short
  const CompiledSet& compiled;
  const Device& device;
  ir::FrameRule rule;
  codegen::Signature signature;  ///< of dense rows in the graph's own type
  bool single = true;            ///< computes in float
};

std::unique_ptr<runtime::Stream> make_group_stream(const StreamParts& parts, std::int64_t rows,
                                                   const RunOptions& options);

/// Bytes of host memory that such a stream holds, whatever its length.
double group_stream_bytes(const ir::FrameRule& rule, std::int64_t rows, DType dtype);

}  // namespace papilio::runtime::cuda
