// Memory of the machine, from the kernel's own account.
#include "base/memory.h"

#include <array>
#include <cstdio>
#include <fstream>

namespace papilio::base {

std::int64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  std::string unit;
  std::int64_t kilobytes = 0;
  while (info >> key >> kilobytes) {
    std::getline(info, unit);
    if (key == "MemAvailable:") return kilobytes * 1024;
  }
  return 0;
}

std::string size_text(std::int64_t bytes) {
  constexpr std::array<const char*, 5> units{"bytes", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1000.0 && unit + 1 < units.size(); ++unit) size /= 1000.0;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size,
                units[unit]);
  return text.data();
}

}  // namespace papilio::base
