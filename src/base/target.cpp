// Asks the system (Linux: sysconf, /proc/cpuinfo, sysfs) what the machine is.
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

/// The last-level cache that the first processor shares. sysconf will not do: on some machines it
/// adds up those of the whole machine.
std::int64_t shared_cache_size() {
  for (int index = 0; index < 8; ++index) {
    const std::string folder =
        "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    int level = 0;
    std::int64_t kibibytes = 0;
    if (!(std::ifstream(folder + "level") >> level) || level != 3) continue;
    if (std::ifstream(folder + "size") >> kibibytes) return kibibytes << 10;
  }
  return 0;
}

Target ask_machine() {
  Target target;
  target.cpu_model = cpu_model_name();
  target.l1_bytes = system_size(_SC_LEVEL1_DCACHE_SIZE);
  target.l2_bytes = system_size(_SC_LEVEL2_CACHE_SIZE);
  target.l3_bytes = shared_cache_size();
  target.threads = hardware_threads();
  return target;
}

}  // namespace

const Target& describe_machine() {
  static const Target target = ask_machine();
  return target;
}

}  // namespace papilio::base
