/// Machine code on a device, and its kernels.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/cuda/driver/api.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/stream.h"

namespace papilio::runtime::cuda {

struct Dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

/// When a kernel may come up. Beside the one that stands before it in the stream, while that one's
/// last blocks run, where chip and driver can do it: its text waits for that one's results itself
/// (device/team.cuh, follow()).
enum class Start { after, beside };

/// What the compiler made of a kernel.
struct KernelFacts {
  int registers = 0;      ///< per thread
  int local_bytes = 0;    ///< per thread, in device memory: spilled registers and arrays
  int static_shared = 0;  ///< bytes per block
  int max_threads = 0;    ///< per block
};

/// One kernel, ready to be launched; keeps its machine code loaded. Immutable, thread-safe.
class Kernel {
 public:
  const std::string& name() const { return name_; }
  const KernelFacts& facts() const { return facts_; }

  /// Queues one run. `shared_bytes` is dynamic shared memory, up to what the device lets a kernel
  /// opt in to; args[i] points to the i-th parameter's value, read before the call returns. A
  /// DeviceError names kernel, grid, block and shared bytes.
  void launch(Dim3 grid, Dim3 block, std::size_t shared_bytes, StreamHandle stream,
              std::span<const void* const> args, Start start = Start::after) const;

  /// Blocks of this size that one multiprocessor holds at a time.
  int occupancy(int block_threads, std::size_t shared_bytes) const;

 private:
  friend class Module;
  struct Loaded;
  Kernel(std::shared_ptr<const Loaded> loaded, std::string name);

  std::shared_ptr<const Loaded> loaded_;
  std::string name_;
  CUfunction function_ = nullptr;
  KernelFacts facts_;
};

/// Pointers to the arguments, for launch() in the same expression.
template <typename... Args>
std::array<const void*, sizeof...(Args)> arguments(const Args&... args) {
  return {static_cast<const void*>(&args)...};
}

/// A cubin, loaded. Its kernels may outlive it.
class Module {
 public:
  Module(const Device& device, std::string_view cubin);

  /// An InternalError for a name that is not there; names are those of extern "C".
  Kernel kernel(const std::string& name) const { return Kernel(loaded_, name); }

 private:
  std::shared_ptr<const Kernel::Loaded> loaded_;
};

}  // namespace papilio::runtime::cuda
