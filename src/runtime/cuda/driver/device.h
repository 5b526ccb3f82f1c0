/// One CUDA device: what it is, and the context that all of Papilio shares on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/cuda/driver/api.h"

namespace papilio::runtime::cuda {

struct DeviceFacts {
  int ordinal = 0;
  std::string name;            ///< "NVIDIA H100 80GB HBM3"
  int compute_capability = 0;  ///< 90 for 9.0
  int multiprocessors = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t l2_bytes = 0;
  std::int64_t shared_per_block = 0;  ///< the most that a kernel may opt in to
  std::int64_t shared_per_multiprocessor = 0;
  int registers_per_multiprocessor = 0;
  int threads_per_multiprocessor = 0;
  int warp_size = 0;
  int driver_version = 0;  ///< 13000 for CUDA 13.0
};

/// The primary context of a device, which PyTorch and CuPy use as well, so that their pointers and
/// streams are valid here.
class Device {
 public:
  /// The same object for the whole process. A DeviceError without a driver or without this device,
  /// which says how many there are.
  static const Device& get(int ordinal = 0);

  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const DeviceFacts& facts() const { return facts_; }
  CUcontext context() const { return context_; }
  /// Bytes that can be allocated now.
  std::int64_t free_memory() const;

 private:
  explicit Device(int ordinal);

  DeviceFacts facts_;
  CUcontext context_ = nullptr;
};

/// Makes the device's context current on this thread until the end of the scope; one look where it
/// is current already. Everything in this folder does so itself; callers of driver() must.
class UseContext {
 public:
  explicit UseContext(const Device& device) noexcept;
  ~UseContext();
  UseContext(const UseContext&) = delete;
  UseContext& operator=(const UseContext&) = delete;

 private:
  bool pushed_ = false;
};

/// Devices that the driver shows; a DeviceError without a driver.
int device_count();

/// The ordinal of a user's name: 0 for "cuda", N for "cuda:N"; nothing for other names.
std::optional<int> ordinal_of(std::string_view device_name);

/// The CUDA version of the driver: 13000 for 13.0.
int driver_version();

/// "13.0" of 13000.
std::string cuda_version_text(int version);

}  // namespace papilio::runtime::cuda
