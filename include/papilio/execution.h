/// Where and how something is computed; never what. Results do not depend on the threads.
#pragma once

#include <cstdint>
#include <string>

namespace papilio {

struct Execution {
  std::string device = "auto";  ///< auto, cpu, reference; a missing device is a DeviceError
  int threads = 0;              ///< 0: all hardware threads
  /// Bytes that result and work together may take; 0: half of what is free.
  std::int64_t max_memory = 0;
};

}  // namespace papilio
