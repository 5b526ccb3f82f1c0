// Rows, axes and the machine, as every page shows them.
#include "page_parts.h"

#include <algorithm>
#include <numeric>

#include "base/memory.h"
#include "base/target.h"
#include "base/threads.h"
#include "papilio/version.h"

namespace papilio::app {

std::int64_t shown_rows(const io::SignalInfo& info) {
  return std::min<std::int64_t>(info.rows, report::kPageChannels);
}

std::vector<std::size_t> ascending(const std::vector<double>& frequencies) {
  std::vector<std::size_t> order(frequencies.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return frequencies[a] < frequencies[b]; });
  return order;
}

std::vector<report::Entry> machine_of(const std::string& strategy, const Execution& execution) {
  const base::Target target = base::describe_machine();
  const int threads = execution.threads;
  return {{"Papilio", std::string(build_info().version) + " (" + build_info().commit + ")"},
          {"Compiler", build_info().compiler},
          {"Strategy", strategy},
          {"Threads", std::to_string(threads > 0 ? threads : base::hardware_threads())},
          {"Processor", target.cpu_model},
          {"L1 data cache", target.l1_bytes > 0 ? base::size_text(target.l1_bytes) : "unknown"},
          {"L2 cache", target.l2_bytes > 0 ? base::size_text(target.l2_bytes) : "unknown"},
          {"L3 cache", target.l3_bytes > 0 ? base::size_text(target.l3_bytes) : "unknown"}};
}

}  // namespace papilio::app
