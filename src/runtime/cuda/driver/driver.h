/// CUDA's driver, loaded when it is first asked for: the same binary runs where there is none.
#pragma once

#include <string>
#include <string_view>

#include "runtime/cuda/driver/api.h"

namespace papilio::runtime::cuda {

/// The functions of libcuda that Papilio calls, under their documented names (driver_calls.def).
struct Driver {
#define CALL(name, symbol, ...) CUresult (*name)(__VA_ARGS__) = nullptr;
#include "runtime/cuda/driver/driver_calls.def"
#undef CALL
};

/// The driver: $PAPILIO_CUDA_DRIVER or libcuda.so.1, initialised. Thread-safe; a DeviceError that
/// says what is missing and what to do where there is none, the same one at each call.
const Driver& driver();

/// Whether there is a driver and a device; else `why` gets the message of the DeviceError.
bool cuda_available(std::string* why = nullptr);

/// Throws a DeviceError with the call's name, CUDA's name and text of the error, and `detail`:
/// the kernel, shapes and bytes that the call was about.
void check(CUresult result, std::string_view call, std::string_view detail = {});

}  // namespace papilio::runtime::cuda
