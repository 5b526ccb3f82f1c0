// Loads libcuda once and turns its numbers into errors.
#include "runtime/cuda/driver/driver.h"

#include <cstdlib>
#include <vector>

#include "papilio/error.h"
#include "runtime/cuda/driver/library.h"

namespace papilio::runtime::cuda {
namespace {

struct Loaded {
  Driver calls;
  std::string failure;  // "" when the driver is ready
};

// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)".
std::string text_of(const Driver& calls, CUresult result) {
  const char* name = nullptr;
  const char* text = nullptr;
  calls.cuGetErrorName(result, &name);
  calls.cuGetErrorString(result, &text);
  if (name == nullptr) return "error " + std::to_string(static_cast<int>(result));
  return std::string(name) + (text == nullptr ? "" : " (" + std::string(text) + ")");
}

Loaded load() {
  Loaded loaded;
  const char* named = std::getenv("PAPILIO_CUDA_DRIVER");
  const std::string name = named != nullptr && *named != '\0' ? named : "libcuda.so.1";
  SharedLibrary library({&name, 1});
  if (!library.loaded()) {
    loaded.failure = "[device] there is no CUDA driver here (" + library.failure() +
                     "); install NVIDIA's driver, or use --device cpu";
    return loaded;
  }
#define CALL(name, symbol, ...) library.get(loaded.calls.name, #symbol);
#include "runtime/cuda/driver/driver_calls.def"
#undef CALL
  if (!library.missing().empty()) {
    loaded.failure = "[device] the CUDA driver " + name + " has no " + library.missing() +
                     "; install NVIDIA's driver 525 or newer, or use --device cpu";
    return loaded;
  }
  const CUresult result = loaded.calls.cuInit(0);
  if (result != CUDA_SUCCESS) {
    loaded.failure =
        "[device] the CUDA driver finds no device to use: " + text_of(loaded.calls, result) +
        "; see nvidia-smi and CUDA_VISIBLE_DEVICES, or use --device cpu";
  }
  return loaded;
}

// Never destroyed, since buffers of static duration may be freed after it.
const Loaded& loaded_driver() {
  static const Loaded& loaded = *new Loaded(load());
  return loaded;
}

}  // namespace

const Driver& driver() {
  const Loaded& loaded = loaded_driver();
  if (!loaded.failure.empty()) throw DeviceError(loaded.failure);
  return loaded.calls;
}

bool cuda_available(std::string* why) {
  std::string failure;
  try {
    int count = 0;
    check(driver().cuDeviceGetCount(&count), "cuDeviceGetCount");
    if (count > 0) return true;
    failure =
        "[device] the CUDA driver finds no device; see nvidia-smi and CUDA_VISIBLE_DEVICES, "
        "or use --device cpu";
  } catch (const DeviceError& error) {
    failure = error.what();
  }
  if (why != nullptr) *why = failure;
  return false;
}

void check(CUresult result, std::string_view call, std::string_view detail) {
  if (result == CUDA_SUCCESS) return;
  std::string message = "[cuda] " + std::string(call) + " failed: " + text_of(driver(), result);
  if (!detail.empty()) message.append("; ").append(detail);
  throw DeviceError(message);
}

}  // namespace papilio::runtime::cuda
