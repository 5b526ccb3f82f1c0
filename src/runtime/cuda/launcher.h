/// Queueing the launches of a compiled graph for rows in device memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "runtime/cuda/compiled.h"
#include "runtime/cuda/stream.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// Where the parts of the memory that a run of `rows` works in begin, in bytes.
struct WorkLayout {
  WorkLayout(const codegen::DeviceProgram& program, std::int64_t rows, std::int64_t frames);

  std::size_t first_bad = 0;
  std::size_t overflow = 0;
  std::size_t skipped = 0;
  std::size_t status = 0;  ///< bytes of these three
  std::vector<std::size_t> stored;
  std::size_t cleared = 0;  ///< bytes from the begin on
  std::size_t total = 0;
};

/// Rows and results in device memory, as views of the device's addresses.
struct DevicePorts {
  std::span<const base::TensorView> inputs;
  std::span<const base::TensorView> outputs;
  std::int64_t rows = 0;
  std::int64_t samples = 0;
  std::int64_t frames = 0;
  bool status = true;  ///< wanted
};

/// Dense values in device memory.
base::TensorView device_view(CUdeviceptr data, DType dtype, const std::vector<std::int64_t>& shape);

/// Queues everything in `stream`, or the launches from `first` on: neither waits nor allocates.
/// `work` holds WorkLayout::total bytes.
void enqueue(const Compiled& compiled, const DevicePorts& ports, CUdeviceptr work,
             StreamHandle stream, std::size_t first = 0);

/// What `from`, a copy of the layout's first `status` bytes, tells of the rows.
void read_status(const std::byte* from, const WorkLayout& layout, std::span<RowStatus> status);

}  // namespace papilio::runtime::cuda
