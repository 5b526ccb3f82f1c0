// papilio doctor: what this build can do on this machine, and a quick proof that it computes right.
#include <algorithm>
#include <cmath>
#include <complex>

#include "base/json.h"
#include "base/memory.h"
#include "base/target.h"
#include "base/threads.h"
#include "doctor_batch.h"
#include "doctor_cuda.h"
#include "errors.h"
#include "flags.h"
#include "kernels/isa.h"
#include "options_common.h"
#include "output.h"
#include "papilio/version.h"
#include "runtime/compile.h"
#include "spectral/transform.h"
#include "tables.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Example:\n  papilio doctor\n  papilio doctor --n-fft 256 --segments 2 --k 16";
// The bound of numerics.md for every length here, the Bluestein ones included.
constexpr double kTolerance = 1e-6;
constexpr std::int64_t kLengths[] = {16, 400, 97, 1024, 4096};

struct Check {
  std::string isa;
  std::int64_t n = 0;
  double error = 0.0;

  bool passed() const { return error <= kTolerance; }
};

// One transform of every length per instruction set, of as many rows as there are threads.
constexpr int kMostRows = 64;

// Numbers without a pattern, the same everywhere.
std::vector<float> test_signal(std::int64_t n) {
  std::vector<float> signal;
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < n; ++i) {
    state = state * 1664525U + 1013904223U;
    signal.push_back(static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
  }
  return signal;
}

std::vector<float> repeated(const std::vector<float>& row, std::int64_t rows) {
  std::vector<float> all;
  for (std::int64_t i = 0; i < rows; ++i) all.insert(all.end(), row.begin(), row.end());
  return all;
}

// The spectra of `rows` rows that hold the signal.
std::vector<std::complex<float>> spectra(const std::vector<float>& signal, std::int64_t rows,
                                         const runtime::CompileOptions& options,
                                         const base::ThreadPool& pool) {
  const auto n = static_cast<std::int64_t>(signal.size());
  const auto program =
      runtime::compile(spectral::build_fft({.real = true}, n, DType::f32), options);
  std::vector<float> input = repeated(signal, rows);
  std::vector<std::complex<float>> bins(static_cast<std::size_t>(rows * (n / 2 + 1)));
  const base::TensorView in = base::dense(input.data(), DType::f32, {rows, n});
  const base::TensorView out = base::dense(bins.data(), DType::c64, {rows, n / 2 + 1});
  runtime::Workspace work;
  program->run({&in, 1}, {&out, 1}, {&pool, runtime::BadSamples::flag}, {}, work);
  return bins;
}

// Of the worst row.
double relative_error(const std::vector<std::complex<float>>& result,
                      const std::vector<std::complex<float>>& reference) {
  double worst = 0.0;
  for (std::size_t row = 0; row < result.size(); row += reference.size()) {
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const std::complex<double> wanted = reference[i];
      difference += std::norm(std::complex<double>(result[row + i]) - wanted);
      size += std::norm(wanted);
    }
    const double error = std::sqrt(difference / size);
    worst = std::max(worst, std::isnan(error) ? HUGE_VAL : error);
  }
  return worst;
}

std::vector<Check> self_test(const Execution& execution) {
  const base::ThreadPool pool(execution.threads);
  const std::int64_t rows = std::min(pool.size(), kMostRows);
  const bool cpu = execution.device == "auto" || execution.device == "cpu";
  std::vector<Check> checks;
  for (const std::int64_t n : kLengths) {
    const std::vector<float> signal = test_signal(n);
    const auto reference = spectra(signal, 1, {"reference", std::nullopt}, pool);
    const auto check = [&](const std::string& name, const runtime::CompileOptions& options) {
      checks.push_back({name, n, relative_error(spectra(signal, rows, options, pool), reference)});
    };
    if (!cpu) check(execution.device, {execution.device, std::nullopt});
    for (const kernels::Isa isa : kernels::usable_isas()) {
      if (cpu) check(kernels::name_of(isa), {"cpu", isa});
    }
  }
  return checks;
}

base::Json facts(const Execution& execution) {
  const base::Target target = base::describe_machine();
  std::vector<std::string> isas;
  for (const kernels::Isa isa : kernels::usable_isas()) isas.emplace_back(kernels::name_of(isa));
  base::Json json = base::Json::object();
  json["version"] = build_info().version;
  json["commit"] = build_info().commit;
  json["compiler"] = build_info().compiler;
  json["cpu"] = target.cpu_model;
  json["l1_bytes"] = target.l1_bytes;
  json["l2_bytes"] = target.l2_bytes;
  json["l3_bytes"] = target.l3_bytes;
  json["threads"] = execution.threads > 0 ? execution.threads : base::hardware_threads();
  json["free_memory"] = base::available_memory();
  json["isas"] = isas;
  json["isa"] = kernels::name_of(kernels::isa_from_environment());
  json["devices"] = {{"cpu", "ready"}, {"reference", "ready"}, {"null", "compiles only"}};
  json["cuda"] = cuda_report();
  return json;
}

void add_batch_flags(Flags& flags, BatchQuestion& batch) {
  flags.group("Largest batch");
  flags.value("--n-fft", "N", "how many rows each device takes at once, of N points a segment",
              batch.n_fft);
  flags.value("--segments", "S", "Welch segments a row (2)", batch.segments);
  flags.value("--k", "K", "bins a row (16)", batch.k);
}

void check_batch_flags(const Flags& flags, const BatchQuestion& batch) {
  const bool idle = !flags.given("--n-fft");
  const std::string why = "has no effect without --n-fft; give it, or leave this out";
  flags.refuse_idle({{"--segments", idle, why}, {"--k", idle, why}});
  if (!idle) as_usage([&] { check_batch(batch); });
}

// Those that are there; what is wrong with others stands in their own lines.
std::vector<std::string> gpus_of(const base::Json& report) {
  std::vector<std::string> names;
  for (const base::Json& device : report.at("cuda").at("devices")) {
    if (!device.contains("why")) names.push_back(device.at("device").get<std::string>());
  }
  return names;
}

std::string size_or_unknown(const base::Json& bytes) {
  const auto value = bytes.get<std::int64_t>();
  return value > 0 ? base::size_text(value) : "unknown";
}

std::string readable(const base::Json& json, const std::vector<Check>& checks) {
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  TextTable table({"papilio", text("version") + " (" + text("commit") + ")"}, {0, 1});
  table.add({"compiler", text("compiler")});
  table.add({"cpu", text("cpu")});
  table.add({"cache", "L1 " + size_or_unknown(json.at("l1_bytes")) + ", L2 " +
                          size_or_unknown(json.at("l2_bytes")) + " a core, L3 " +
                          size_or_unknown(json.at("l3_bytes"))});
  table.add({"threads", std::to_string(json.at("threads").get<int>())});
  table.add({"free memory", size_or_unknown(json.at("free_memory"))});
  table.add(
      {"isa", text("isa") + ", of " + base::join(json.at("isas").get<std::vector<std::string>>())});
  for (const auto& [device, state] : json.at("devices").items()) {
    table.add({"device " + device, state.get<std::string>()});
  }
  for (const auto& [name, value] : cuda_rows(json.at("cuda"))) table.add({name, value});
  if (json.contains("largest_batch")) {
    for (const auto& [name, value] : batch_rows(json.at("largest_batch"))) table.add({name, value});
  }
  std::size_t passed = 0;
  std::string failures;
  for (const Check& check : checks) {
    if (check.passed()) {
      ++passed;
    } else {
      failures += "FAILED: rfft of " + std::to_string(check.n) + " on " + check.isa +
                  ": relative error " + short_number(check.error) + "\n";
    }
  }
  table.add({"self test", std::to_string(passed) + " of " + std::to_string(checks.size()) +
                              " transforms agree with the reference"});
  return table.text("") + failures;
}

}  // namespace

int run_doctor(const std::vector<std::string>& arguments) {
  Flags flags("doctor", "This build, this machine, and a quick proof that they compute right.",
              kExample);
  bool json = false;
  bool quiet = false;
  Execution execution;
  flags.flag("--json", "as JSON", [&json] { json = true; });
  flags.flag("--quiet", "no report unless a check fails", [&quiet] { quiet = true; });
  add_device_flags(flags, execution.device, execution.threads);
  BatchQuestion batch;
  add_batch_flags(flags, batch);
  flags.parse(arguments);
  check_batch_flags(flags, batch);
  base::Json report = facts(execution);
  if (flags.given("--n-fft")) report["largest_batch"] = batch_report(batch, gpus_of(report));
  const std::vector<Check> checks = self_test(execution);
  bool passed = true;
  base::Json tests = base::Json::array();
  for (const Check& check : checks) {
    passed = passed && check.passed();
    tests.push_back({{"isa", check.isa},
                     {"n", check.n},
                     {"error", base::number_or_null(check.error)},
                     {"passed", check.passed()}});
  }
  if (json) {
    report["self_test"] = std::move(tests);
    report["passed"] = passed;
    write_text("-", base::dump(report) + "\n");
  } else if (!quiet || !passed) {
    write_text("-", readable(report, checks));
  }
  return passed ? kOk : kFailed;
}

}  // namespace papilio::app
