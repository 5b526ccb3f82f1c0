/// NVRTC, NVIDIA's compiler of CUDA C++ as a library: from the text of a kernel to machine code of
/// one chip. Needs no device.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace papilio::runtime::cuda {

/// A translation unit.
struct KernelText {
  std::string name;  ///< of the kernel, for messages and as the name of the source
  std::string source;
  std::vector<std::pair<std::string, std::string>> headers;  ///< {name as included, text}
  std::vector<std::string> options;  ///< of NVRTC beside the architecture: "--std=c++20"
};

/// Machine code for chips of compute capability `sm` (90). A DeviceError without NVRTC; a text
/// that does not compile is an InternalError with the compiler's log, and with PAPILIO_TRACE=cuda
/// the numbered source. `log`, if given, gets what the compiler said. Thread-safe, in parallel.
std::string compile_cubin(const KernelText& text, int sm, std::string* log = nullptr);

/// "13.0"; a DeviceError without NVRTC.
std::string nvrtc_version();

/// Whether NVRTC can be loaded; else `why` gets the message of the DeviceError.
bool nvrtc_available(std::string* why = nullptr);

}  // namespace papilio::runtime::cuda
