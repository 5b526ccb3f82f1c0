/// Running on rows in host memory, in chunks, so that copies to the device, kernels and copies back
/// overlap. Page-locked rows are copied as they lie; others pass through page-locked memory.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/tensor.h"
#include "runtime/cuda/launcher.h"
#include "runtime/program.h"

namespace papilio::runtime::cuda {

/// One chunk on its way. Memory grows and is kept for the next run.
struct Slot {
  explicit Slot(const Device& device)
      : stream(device), staged_in(device), staged_out(device), memory(device) {}

  Stream stream;
  PinnedBuffer staged_in;
  PinnedBuffer staged_out;  ///< results, then the status of rows
  DeviceBuffer memory;      ///< rows, results, work memory
  std::int64_t first = 0;   ///< row of the chunk
  std::int64_t rows = 0;    ///< 0: free
};

/// What one run from host memory needs for itself.
struct Session {
  explicit Session(const Device& device)
      : slots{Slot(device), Slot(device), Slot(device), Slot(device)} {}
  std::array<Slot, 4> slots;
};

/// Reads and writes host memory; returns when the results are there. `status` is empty or one per
/// row. Chunks have fewer rows where the device's memory asks for it; a DeviceError with the
/// numbers where not even one row fits.
void run_from_host(const Compiled& compiled, const Device& device,
                   std::span<const base::TensorView> inputs,
                   std::span<const base::TensorView> outputs, std::int64_t frames,
                   const RunOptions& options, std::span<RowStatus> status, Session& session);

}  // namespace papilio::runtime::cuda
