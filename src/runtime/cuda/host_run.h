/// Running on rows in host memory: chunks of rows pass through page-locked memory, so that copies
/// to the device, kernels and copies back overlap.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "runtime/cuda/launcher.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// One chunk on its way. Memory grows and is kept for the next run.
struct Slot {
  explicit Slot(const Device& device)
      : stream(device),
        pinned_in(device),
        pinned_out(device),
        device_in(device),
        device_out(device),
        work(device) {}

  Stream stream;
  PinnedBuffer pinned_in, pinned_out;
  DeviceBuffer device_in, device_out, work;
  std::int64_t first = 0;  ///< row of the chunk
  std::int64_t rows = 0;   ///< 0: free
};

/// What one run from host memory needs for itself.
struct Session {
  explicit Session(const Device& device) : slots{Slot(device), Slot(device), Slot(device)} {}
  std::array<Slot, 3> slots;
};

/// Bytes of device memory that a chunk of `rows` takes.
std::size_t chunk_bytes(const codegen::DeviceProgram& program,
                        std::span<const base::TensorView> inputs,
                        std::span<const base::TensorView> outputs, std::int64_t rows,
                        std::int64_t frames);

/// Reads and writes host memory; returns when the results are there. `status` is empty or one per
/// row. Throws DeviceError with the numbers when not even one row fits the device.
void run_from_host(const Compiled& compiled, const Device& device,
                   std::span<const base::TensorView> inputs,
                   std::span<const base::TensorView> outputs, std::int64_t frames,
                   const RunOptions& options, std::span<RowStatus> status, Session& session);

}  // namespace papilio::runtime::cuda
