/// Compiled kernels on disk, so that a process does not compile what an earlier one has compiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/nvrtc.h"

namespace papilio::runtime::cuda {

/// A folder of files that are named by what they were compiled from. A file that is damaged, of
/// another user or writable by others is not used and not trusted; a folder that cannot be written
/// keeps nothing. Thread-safe, and safe beside other processes.
class KernelCache {
 public:
  /// An empty name: no cache.
  explicit KernelCache(std::string directory) : directory_(std::move(directory)) {}

  /// $PAPILIO_CACHE_DIR (empty: no cache), $XDG_CACHE_HOME/papilio or ~/.cache/papilio.
  static KernelCache from_environment();

  const std::string& directory() const { return directory_; }
  std::optional<std::string> find(const std::string& key) const;
  void store(const std::string& key, std::string_view cubin) const;

 private:
  std::string file_of(const std::string& key) const;

  std::string directory_;
};

/// 64 hexadecimal digits over everything that the machine code depends on: the text, its headers
/// and options, the chip, and the versions of driver, NVRTC and Papilio.
std::string kernel_key(const KernelText& text, const DeviceFacts& device,
                       const std::string& nvrtc_version);

/// From the cache, or compiled and kept there.
std::string cached_cubin(const KernelText& text, const DeviceFacts& device,
                         const KernelCache& cache = KernelCache::from_environment());

}  // namespace papilio::runtime::cuda
