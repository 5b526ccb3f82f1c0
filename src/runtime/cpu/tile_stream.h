/// A tile program fed chunk by chunk: memory for a window of frames, whatever the length, except
/// for results and medians that keep every frame.
#pragma once

#include <memory>

#include "runtime/cpu/tile_program.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// `program` must outlive the stream.
template <typename T>
std::unique_ptr<Stream> make_tile_stream(const TileProgram<T>& program, bool complex_input,
                                         std::int64_t rows, const RunOptions& options);

/// Program::stream_memory of it.
template <typename T>
MemoryNeed tile_stream_memory(const TileProgram<T>& program, const Load& load,
                              const RunOptions& options);

}  // namespace papilio::runtime::cpu
