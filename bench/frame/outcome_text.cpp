// Tables and JSON of outcomes.
#include "outcome_text.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "base/target.h"
#include "gpu_ways.h"
#include "kernels/isa.h"
#include "papilio/version.h"
#include "runtime/cuda/driver/cufft.h"
#include "runtime/cuda/driver/device.h"

namespace papilio::bench {
namespace {

std::string date_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &parts);
  return text;
}

base::Json cache(const char* type, int level, std::int64_t bytes) {
  base::Json json = base::Json::object();
  json["type"] = type;
  json["level"] = level;
  json["size"] = bytes;
  json["num_sharing"] = 1;
  return json;
}

base::Json gpu_record(const std::string& name) {
  namespace cuda = runtime::cuda;
  const cuda::DeviceFacts& facts = cuda::Device::get(*cuda::ordinal_of(name)).facts();
  base::Json json = base::Json::object();
  json["name"] = facts.name;
  json["compute_capability"] = facts.compute_capability;
  json["multiprocessors"] = facts.multiprocessors;
  json["memory_bytes"] = facts.memory_bytes;
  json["driver"] = cuda::cuda_version_text(facts.driver_version);
  json["cufft"] = nullptr;
  if (cuda::cufft_available()) json["cufft"] = cuda::cufft_version();
  return json;
}

int threads_of(const Outcome& outcome) {
  const std::string key = "/threads:";
  const std::size_t at = outcome.variant.find(key);
  return at == std::string::npos ? 1 : std::stoi(outcome.variant.substr(at + key.size()));
}

base::Json benchmark(const Outcome& outcome, std::size_t index) {
  base::Json json = base::Json::object();
  json["name"] = outcome.name();
  json["family_index"] = index;
  json["per_family_instance_index"] = 0;
  json["run_name"] = outcome.name();
  json["run_type"] = "iteration";
  json["repetitions"] = 1;
  json["repetition_index"] = 0;
  json["threads"] = threads_of(outcome);
  if (outcome.failed()) {
    json["error_occurred"] = true;
    json["error_message"] = outcome.failure;
    return json;
  }
  json["iterations"] = outcome.timing.iterations;
  json["real_time"] = outcome.timing.median;
  json["cpu_time"] = outcome.timing.cpu;
  json["time_unit"] = "ns";
  json["real_time_p10"] = outcome.timing.p10;
  json["real_time_p90"] = outcome.timing.p90;
  if (outcome.cell.flops_per_row > 0.0) json["gflops"] = gflops(outcome);
  if (outcome.cell.bytes_per_row > 0.0) {
    json["bytes_per_second"] = gigabytes(outcome) * 1e9;
  }
  json["error"] = base::number_or_null(outcome.error);
  return json;
}

std::string fixed(double value, int decimals) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// Three significant digits or all before the point.
std::string time_text(double ns) { return fixed(ns, ns < 10.0 ? 2 : ns < 100.0 ? 1 : 0); }

std::vector<std::string> line_of(const Outcome& outcome) {
  const Timing& t = outcome.timing;
  return {outcome.name(),
          time_text(t.median),
          time_text(t.p10),
          time_text(t.p90),
          outcome.cell.flops_per_row > 0.0 ? fixed(gflops(outcome), 1) : "-",
          outcome.cell.bytes_per_row > 0.0 ? fixed(gigabytes(outcome), 2) : "-"};
}

}  // namespace

double gflops(const Outcome& outcome) { return outcome.cell.flops_per_row / outcome.timing.median; }

double gigabytes(const Outcome& outcome) {
  return outcome.cell.bytes_per_row / outcome.timing.median;
}

base::Json machine_record(const std::string& device) {
  const base::Target target = base::describe_machine();
  base::Json json = base::Json::object();
  json["date"] = date_text();
  json["cpu"] = target.cpu_model;
  json["isa"] = kernels::name_of(kernels::isa_from_environment());
  json["num_cpus"] = target.threads;
  json["caches"] =
      base::Json::array({cache("Data", 1, target.l1_bytes), cache("Unified", 2, target.l2_bytes),
                         cache("Unified", 3, target.l3_bytes)});
  json["compiler"] = build_info().compiler;
  json["library_version"] = std::string("papilio ") + build_info().version;
  json["commit"] = build_info().commit;
  json["library_build_type"] = "release";
  if (on_gpu(device)) json["gpu"] = gpu_record(device);
  json["json_schema_version"] = 1;
  return json;
}

base::Json to_json(std::span<const Outcome> outcomes, const std::string& device) {
  base::Json json = base::Json::object();
  json["context"] = machine_record(device);
  json["benchmarks"] = base::Json::array();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    json["benchmarks"].push_back(benchmark(outcomes[i], i));
  }
  return json;
}

std::string to_table(std::span<const Outcome> outcomes) {
  std::vector<std::vector<std::string>> lines{{"", "ns/row", "p10", "p90", "GFLOP/s", "GB/s"}};
  for (const Outcome& outcome : outcomes) {
    if (!outcome.failed()) lines.push_back(line_of(outcome));
  }
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    text += line[0] + std::string(widths[0] - line[0].size(), ' ');
    for (std::size_t i = 1; i < line.size(); ++i) {
      text += std::string(2 + widths[i] - line[i].size(), ' ') + line[i];
    }
    text += '\n';
  }
  for (const Outcome& outcome : outcomes) {
    if (outcome.failed()) text += "FAILED " + outcome.name() + ": " + outcome.failure + "\n";
  }
  return text;
}

}  // namespace papilio::bench
