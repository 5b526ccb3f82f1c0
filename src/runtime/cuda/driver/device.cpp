// Devices, their primary contexts, and the names that users give them.
#include "runtime/cuda/driver/device.h"

#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <mutex>

#include "papilio/error.h"
#include "runtime/cuda/driver/driver.h"

namespace papilio::runtime::cuda {
namespace {

std::string name_of(CUdevice device) {
  std::array<char, 256> text{};
  check(driver().cuDeviceGetName(text.data(), static_cast<int>(text.size()) - 1, device),
        "cuDeviceGetName");
  return text.data();
}

DeviceFacts facts_of(int ordinal, CUdevice device) {
  const auto attribute = [device](CUdevice_attribute which) {
    int value = 0;
    check(driver().cuDeviceGetAttribute(&value, which, device), "cuDeviceGetAttribute",
          "attribute " + std::to_string(static_cast<int>(which)));
    return value;
  };
  std::size_t memory = 0;
  check(driver().cuDeviceTotalMem(&memory, device), "cuDeviceTotalMem");
  DeviceFacts facts;
  facts.ordinal = ordinal;
  facts.name = name_of(device);
  facts.compute_capability = 10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) +
                             attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  facts.multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  facts.memory_bytes = static_cast<std::int64_t>(memory);
  facts.l2_bytes = attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  facts.shared_per_block = attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  facts.shared_per_multiprocessor =
      attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
  facts.registers_per_multiprocessor =
      attribute(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR);
  facts.threads_per_multiprocessor = attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
  facts.warp_size = attribute(CU_DEVICE_ATTRIBUTE_WARP_SIZE);
  facts.driver_version = driver_version();
  return facts;
}

// "1 device, cuda:0", "4 devices, cuda:0 to cuda:3".
std::string devices_text(int count) {
  if (count == 1) return "1 device, cuda:0";
  return std::to_string(count) + " devices, cuda:0 to cuda:" + std::to_string(count - 1);
}

void require(int ordinal) {
  std::string why;
  if (!cuda_available(&why)) throw DeviceError(why);
  const int count = device_count();
  if (ordinal >= 0 && ordinal < count) return;
  throw DeviceError("[device] there is no cuda:" + std::to_string(ordinal) + "; this machine has " +
                    devices_text(count));
}

}  // namespace

Device::Device(int ordinal) {
  CUdevice device = 0;
  check(driver().cuDeviceGet(&device, ordinal), "cuDeviceGet", "cuda:" + std::to_string(ordinal));
  facts_ = facts_of(ordinal, device);
  check(driver().cuDevicePrimaryCtxRetain(&context_, device), "cuDevicePrimaryCtxRetain",
        "cuda:" + std::to_string(ordinal) + ", " + facts_.name);
}

// The context is never released: other libraries of the process share it, buffers of static
// duration may outlive any order of ours, and the driver takes everything back at the end.
const Device& Device::get(int ordinal) {
  static std::mutex& mutex = *new std::mutex;
  static auto& devices = *new std::map<int, std::unique_ptr<const Device>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const Device>& device = devices[ordinal];
  if (device == nullptr) {
    require(ordinal);
    device.reset(new Device(ordinal));
  }
  return *device;
}

std::int64_t Device::free_memory() const {
  const UseContext use(*this);
  std::size_t free = 0;
  std::size_t total = 0;
  check(driver().cuMemGetInfo(&free, &total), "cuMemGetInfo", facts_.name);
  return static_cast<std::int64_t>(free);
}

// Failures are left to the call that follows, which then has no context: destructors free memory.
UseContext::UseContext(const Device& device) noexcept {
  CUcontext current = nullptr;
  driver().cuCtxGetCurrent(&current);
  if (current == device.context()) return;
  pushed_ = driver().cuCtxPushCurrent(device.context()) == CUDA_SUCCESS;
}

UseContext::~UseContext() {
  CUcontext ignored = nullptr;
  if (pushed_) driver().cuCtxPopCurrent(&ignored);
}

int device_count() {
  int count = 0;
  check(driver().cuDeviceGetCount(&count), "cuDeviceGetCount");
  return count;
}

std::optional<int> ordinal_of(std::string_view device_name) {
  if (device_name == "cuda") return 0;
  constexpr std::string_view kPrefix = "cuda:";
  if (!device_name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = device_name.substr(kPrefix.size());
  int ordinal = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
  if (error != std::errc{} || end != digits.data() + digits.size() || ordinal < 0) {
    return std::nullopt;
  }
  return ordinal;
}

int driver_version() {
  int version = 0;
  check(driver().cuDriverGetVersion(&version), "cuDriverGetVersion");
  return version;
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace papilio::runtime::cuda
