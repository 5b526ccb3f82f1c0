// Buffers that say how much memory there was when there was too little, and copies.
#include "runtime/cuda/driver/memory.h"

#include <array>
#include <string>
#include <utility>

#include "base/memory.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/driver.h"

namespace papilio::runtime::cuda {
namespace {

std::string cuda_name(const Device& device) {
  return "cuda:" + std::to_string(device.facts().ordinal);
}

std::string size_text(std::size_t bytes) {
  return base::size_text(static_cast<std::int64_t>(bytes));
}

void check_device_memory(CUresult result, const Device& device, std::size_t bytes) {
  if (result == CUDA_ERROR_OUT_OF_MEMORY) {
    throw DeviceError("[cuda] out of memory on " + cuda_name(device) + ": " + size_text(bytes) +
                      " asked for, " + base::size_text(device.free_memory()) + " free of " +
                      base::size_text(device.facts().memory_bytes) +
                      "; give fewer rows at a time, or free memory there");
  }
  check(result, "cuMemAlloc", size_text(bytes) + " on " + cuda_name(device));
}

void check_pinned_memory(CUresult result, std::size_t bytes) {
  if (result == CUDA_ERROR_OUT_OF_MEMORY) {
    throw DeviceError("[cuda] out of page-locked host memory: " + size_text(bytes) +
                      " asked for, " + base::size_text(base::available_memory()) +
                      " of the host's memory free; give fewer rows at a time");
  }
  check(result, "cuMemHostAlloc", size_text(bytes));
}

std::string copy_text(std::size_t bytes, StreamHandle stream) {
  return size_text(bytes) + " on " + cuda_name(*stream.device);
}

}  // namespace

DeviceBuffer::DeviceBuffer(const Device& device, std::size_t bytes) : device_(&device) {
  reserve(bytes);
}

DeviceBuffer::~DeviceBuffer() { release(); }

DeviceBuffer::DeviceBuffer(DeviceBuffer&& other) noexcept
    : device_(other.device_),
      data_(std::exchange(other.data_, 0)),
      size_(std::exchange(other.size_, 0)) {}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void DeviceBuffer::reserve(std::size_t bytes) {
  if (!try_reserve(bytes)) check_device_memory(CUDA_ERROR_OUT_OF_MEMORY, *device_, bytes);
}

// Freed first: old and new block may not fit at the same time.
bool DeviceBuffer::try_reserve(std::size_t bytes) {
  if (bytes <= size_) return true;
  check(give_back(), "cuMemFree", cuda_name(*device_));
  const UseContext use(*device_);
  const CUresult result = driver().cuMemAlloc(&data_, bytes);
  if (result == CUDA_ERROR_OUT_OF_MEMORY) return false;
  check_device_memory(result, *device_, bytes);
  size_ = bytes;
  return true;
}

CUresult DeviceBuffer::give_back() noexcept {
  if (size_ == 0) return CUDA_SUCCESS;
  const UseContext use(*device_);
  size_ = 0;
  return driver().cuMemFree(std::exchange(data_, 0));
}

PinnedBuffer::PinnedBuffer(const Device& device, std::size_t bytes) : device_(&device) {
  reserve(bytes);
}

PinnedBuffer::~PinnedBuffer() { give_back(); }

PinnedBuffer::PinnedBuffer(PinnedBuffer&& other) noexcept
    : device_(other.device_),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

PinnedBuffer& PinnedBuffer::operator=(PinnedBuffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void PinnedBuffer::reserve(std::size_t bytes) {
  if (bytes <= size_) return;
  check(give_back(), "cuMemFreeHost", cuda_name(*device_));
  const UseContext use(*device_);
  void* data = nullptr;
  check_pinned_memory(driver().cuMemHostAlloc(&data, bytes, 0), bytes);
  data_ = static_cast<std::byte*>(data);
  size_ = bytes;
}

CUresult PinnedBuffer::give_back() noexcept {
  if (size_ == 0) return CUDA_SUCCESS;
  const UseContext use(*device_);
  size_ = 0;
  return driver().cuMemFreeHost(std::exchange(data_, nullptr));
}

// A range that both ends of which are page-locked was so as a whole: nobody locks parts of an
// array.
bool is_pinned(const Device& device, const void* begin, std::size_t bytes) {
  const UseContext use(device);
  const auto locked = [](CUdeviceptr address) {
    // Both stay 0 for memory that CUDA does not know, which is no error here.
    CUmemorytype type{};
    CUdeviceptr on_device = 0;
    std::array asked{CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_DEVICE_POINTER};
    std::array<void*, 2> answers{&type, &on_device};
    check(driver().cuPointerGetAttributes(2, asked.data(), answers.data(), address),
          "cuPointerGetAttributes");
    return type == CU_MEMORYTYPE_HOST && on_device == address;
  };
  const auto first = reinterpret_cast<CUdeviceptr>(begin);
  return bytes > 0 && locked(first) && locked(first + bytes - 1);
}

void copy_to_device(CUdeviceptr to, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const UseContext use(*stream.device);
  check(driver().cuMemcpyHtoDAsync(to, from, bytes, stream.raw), "cuMemcpyHtoDAsync",
        copy_text(bytes, stream));
}

void copy_to_host(void* to, CUdeviceptr from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const UseContext use(*stream.device);
  check(driver().cuMemcpyDtoHAsync(to, from, bytes, stream.raw), "cuMemcpyDtoHAsync",
        copy_text(bytes, stream));
}

void copy_on_device(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const UseContext use(*stream.device);
  check(driver().cuMemcpyDtoDAsync(to, from, bytes, stream.raw), "cuMemcpyDtoDAsync",
        copy_text(bytes, stream));
}

void clear(CUdeviceptr to, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const UseContext use(*stream.device);
  check(driver().cuMemsetD8Async(to, 0, bytes, stream.raw), "cuMemsetD8Async",
        copy_text(bytes, stream));
}

}  // namespace papilio::runtime::cuda
