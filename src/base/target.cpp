// Asks the system (Linux: sysconf, /proc/cpuinfo) what the machine is.
#include "base/target.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>

#include "base/threads.h"

namespace papilio::base {
namespace {

/// The first "model name" of /proc/cpuinfo; other architectures have no such line.
std::string cpu_model_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (!std::string_view(line).starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::int64_t system_size(int name) { return std::max<std::int64_t>(0, sysconf(name)); }

Target ask_machine() {
  Target target;
  target.cpu_model = cpu_model_name();
  target.l1_bytes = system_size(_SC_LEVEL1_DCACHE_SIZE);
  target.l2_bytes = system_size(_SC_LEVEL2_CACHE_SIZE);
  target.threads = hardware_threads();
  return target;
}

}  // namespace

const Target& describe_machine() {
  static const Target target = ask_machine();
  return target;
}

}  // namespace papilio::base
