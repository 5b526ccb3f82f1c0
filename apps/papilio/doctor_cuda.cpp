// Asks the CUDA device's base; a device that fails costs only its own line.
#include "doctor_cuda.h"

#include "base/memory.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/cufft.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/driver/kernel_cache.h"
#include "runtime/cuda/driver/nvrtc.h"

namespace papilio::app {
namespace {

namespace cuda = runtime::cuda;

// A message without its tag: the table says what it is about.
std::string untagged(const std::string& message) {
  const std::size_t end = message.starts_with('[') ? message.find("] ") : std::string::npos;
  return end == std::string::npos ? message : message.substr(end + 2);
}

base::Json device_report(int ordinal) {
  base::Json json = base::Json::object();
  json["device"] = "cuda:" + std::to_string(ordinal);
  try {
    const cuda::Device& device = cuda::Device::get(ordinal);
    const cuda::DeviceFacts& facts = device.facts();
    json["name"] = facts.name;
    json["compute_capability"] = facts.compute_capability;
    json["multiprocessors"] = facts.multiprocessors;
    json["memory_bytes"] = facts.memory_bytes;
    json["free_bytes"] = device.free_memory();
  } catch (const DeviceError& error) {
    json["why"] = untagged(error.what());
  }
  return json;
}

std::string device_text(const base::Json& device) {
  if (device.contains("why")) return device.at("why").get<std::string>();
  const int capability = device.at("compute_capability").get<int>();
  return device.at("name").get<std::string>() + ", compute capability " +
         std::to_string(capability / 10) + "." + std::to_string(capability % 10) + ", " +
         std::to_string(device.at("multiprocessors").get<int>()) + " multiprocessors, " +
         base::size_text(device.at("free_bytes").get<std::int64_t>()) + " free of " +
         base::size_text(device.at("memory_bytes").get<std::int64_t>());
}

std::string text_or(const base::Json& value, const std::string& otherwise) {
  return value.is_null() ? otherwise : value.get<std::string>();
}

}  // namespace

base::Json cuda_report() {
  base::Json json = base::Json::object();
  std::string why;
  json["available"] = cuda::cuda_available(&why);
  json["why"] = nullptr;
  for (const char* key : {"driver", "nvrtc", "cufft", "kernel_cache"}) json[key] = nullptr;
  json["devices"] = base::Json::array();
  if (!json.at("available").get<bool>()) {
    json["why"] = untagged(why);
    return json;
  }
  const int count = cuda::device_count();
  for (int i = 0; i < count; ++i) json["devices"].push_back(device_report(i));
  json["driver"] = cuda::cuda_version_text(cuda::driver_version());
  if (cuda::nvrtc_available()) json["nvrtc"] = cuda::nvrtc_version();
  if (cuda::cufft_available()) json["cufft"] = cuda::cufft_version();
  const std::string cache = cuda::KernelCache::from_environment().directory();
  if (!cache.empty()) json["kernel_cache"] = cache;
  return json;
}

std::vector<std::pair<std::string, std::string>> cuda_rows(const base::Json& report) {
  if (!report.at("available").get<bool>()) {
    return {{"device cuda", report.at("why").get<std::string>()}};
  }
  std::vector<std::pair<std::string, std::string>> rows;
  for (const base::Json& device : report.at("devices")) {
    rows.emplace_back("device " + device.at("device").get<std::string>(), device_text(device));
  }
  rows.emplace_back("CUDA", "driver " + report.at("driver").get<std::string>() + ", NVRTC " +
                                text_or(report.at("nvrtc"), "not found (set PAPILIO_NVRTC)") +
                                ", cuFFT " + text_or(report.at("cufft"), "not found"));
  rows.emplace_back("kernel cache", text_or(report.at("kernel_cache"), "off"));
  return rows;
}

}  // namespace papilio::app
