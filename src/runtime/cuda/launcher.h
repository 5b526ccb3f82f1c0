/// Queueing the launches of a compiled graph for rows in device memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "runtime/cuda/compiled.h"
#include "runtime/cuda/driver/stream.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// Where the parts of the memory that a run of `rows` works in begin, in bytes.
struct WorkLayout {
  /// With `told` the status of rows is written whether or not the kernels need it themselves.
  WorkLayout(const codegen::DeviceProgram& program, std::int64_t rows, std::int64_t frames,
             bool told = true);

  std::size_t first_bad = 0;
  std::size_t overflow = 0;
  std::size_t skipped = 0;
  std::size_t status = 0;  ///< bytes of these three
  std::vector<std::size_t> stored;
  std::size_t cleared = 0;  ///< bytes from the begin on
  std::size_t total = 0;
};

/// The status of a row, in a copy of that memory's first layout.status bytes.
RowStatus status_at(const std::byte* memory, const WorkLayout& layout, std::int64_t row);
/// Those of all rows.
void read_status(const std::byte* memory, const WorkLayout& layout, std::span<RowStatus> status);
void put_status(std::byte* memory, const WorkLayout& layout, std::int64_t row,
                const RowStatus& status);

/// Rows and results in device memory, as views of the device's addresses.
struct DevicePorts {
  std::span<const base::TensorView> inputs;
  std::span<const base::TensorView> outputs;
  std::int64_t rows = 0;
  std::int64_t samples = 0;
  std::int64_t frames = 0;
  bool status = true;       ///< wanted
  std::int64_t groups = 0;  ///< partial sums of a row that are there; 0: as many as frames make
};

/// Dense values in device memory.
base::TensorView device_view(CUdeviceptr data, DType dtype, const std::vector<std::int64_t>& shape);

/// Which launches of a program: those that make partial sums of frames, or what follows from them
/// row by row, for which status and sums lie in the work memory already; or the move of a step
/// alone, which is the last one.
enum class Part { all, frames, rows, move };

/// Queues everything in `stream`: neither waits nor allocates. `work` holds WorkLayout::total
/// bytes, for `told` as ports.status is; with `groups`, of so many groups of frames.
void enqueue(const Compiled& compiled, const DevicePorts& ports, CUdeviceptr work,
             StreamHandle stream, Part part = Part::all);

/// Waits for what has been queued. Faults of kernels show up here, without their names: the error
/// says which results of how many rows were computed.
void await(const Compiled& compiled, std::int64_t rows, std::int64_t samples, StreamHandle stream);

}  // namespace papilio::runtime::cuda
