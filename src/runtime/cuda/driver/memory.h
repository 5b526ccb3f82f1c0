/// Memory of a device and page-locked memory of the host, and copies between them.
#pragma once

#include <cstddef>

#include "runtime/cuda/driver/api.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/stream.h"

namespace papilio::runtime::cuda {

/// A block of device memory that grows: reserve() as base::Buffer has it. Freeing waits for the
/// device, so that nothing runs on memory that is gone. Out of memory is a DeviceError with the
/// bytes asked for, free and in total.
class DeviceBuffer {
 public:
  explicit DeviceBuffer(const Device& device, std::size_t bytes = 0);
  ~DeviceBuffer();
  DeviceBuffer(DeviceBuffer&& other) noexcept;
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;

  CUdeviceptr data() const { return data_; }
  std::size_t size() const { return size_; }  ///< bytes
  /// Grows to at least `bytes`; contents are lost when it grows. Tells what has failed on the
  /// device before: freeing waits for it.
  void reserve(std::size_t bytes);
  /// The same, or false and an empty buffer where the device has too little memory.
  bool try_reserve(std::size_t bytes);
  /// Gives the memory back, whatever the device says.
  void release() noexcept { give_back(); }

 private:
  CUresult give_back() noexcept;

  const Device* device_ = nullptr;
  CUdeviceptr data_ = 0;
  std::size_t size_ = 0;
};

/// The same of page-locked host memory, from and to which copies run beside the host's work.
class PinnedBuffer {
 public:
  explicit PinnedBuffer(const Device& device, std::size_t bytes = 0);
  ~PinnedBuffer();
  PinnedBuffer(PinnedBuffer&& other) noexcept;
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }  ///< bytes
  void reserve(std::size_t bytes);

 private:
  CUresult give_back() noexcept;

  const Device* device_ = nullptr;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Whether all of this host memory is page-locked, by whomever (cuMemHostAlloc, cudaHostRegister,
/// torch's pin_memory()), and kernels reach it by the same address.
bool is_pinned(const Device& device, const void* begin, std::size_t bytes);

/// Copies queued in a stream. Of pageable host memory the driver takes or gives the bytes before
/// it returns; page-locked memory must stay as it is until the stream has come that far.
void copy_to_device(CUdeviceptr to, const void* from, std::size_t bytes, StreamHandle stream);
void copy_to_host(void* to, CUdeviceptr from, std::size_t bytes, StreamHandle stream);
void copy_on_device(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, StreamHandle stream);
/// Sets every byte to zero.
void clear(CUdeviceptr to, std::size_t bytes, StreamHandle stream);

}  // namespace papilio::runtime::cuda
