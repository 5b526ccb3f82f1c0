/// What the tests see and decide of the driver in fake_driver.cpp, which keeps device memory in
/// host memory. PAPILIO_CUDA_DRIVER names it; the environment FAKE_CUDA_DEVICES says how many GPUs
/// it has, FAKE_CUDA_SHARED_PER_BLOCK how many bytes of shared memory a block of theirs.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "runtime/cuda/driver/api.h"

namespace papilio::test {

struct FakeLaunch {
  std::string kernel;
  std::array<unsigned, 3> grid{};
  std::array<unsigned, 3> block{};
  unsigned shared_bytes = 0;
  void* stream = nullptr;
  bool beside = false;  ///< the kernel before it
};

struct FakeCuda {
  std::size_t free_bytes = 0;  ///< of every device
  std::string failing_call;    ///< this one fails from now on ...
  int failure = 0;             ///< ... with this CUresult

  std::map<std::string, int> calls;  ///< by name of the function
  std::size_t bytes_to_device = 0;
  std::size_t bytes_to_host = 0;
  std::vector<FakeLaunch> launches;
  int live_blocks = 0;  ///< of device and page-locked memory that is not freed yet
  int live_modules = 0;
  int live_streams = 0;
  int live_events = 0;
};

inline constexpr std::size_t kFakeMemory = std::size_t{1} << 30;
inline constexpr int kFakeSharedPerBlock = 227 * 1024;

}  // namespace papilio::test

/// Exported by the library.
extern "C" papilio::test::FakeCuda* fake_cuda();
