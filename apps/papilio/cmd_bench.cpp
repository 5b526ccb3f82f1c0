// papilio bench: how fast Papilio is on this machine, checked first; other libraries take part in
// the programs of bench/ only.
#include <algorithm>
#include <cstdio>

#include "base/atomic_file.h"
#include "base/json.h"
#include "bench_page.h"
#include "errors.h"
#include "feature_work.h"
#include "fft_work.h"
#include "flags.h"
#include "gpu_ways.h"
#include "grid.h"
#include "outcome_text.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "QUESTION is fft, welch, peaks or mel. Times are medians of one row in ns; GB/s counts the "
    "input "
    "read once\nand the result written once. papilio_plan is a program made once, papilio the "
    "public "
    "call as a whole.\nOn a GPU, /from:device is rows in its memory, timed by its own clock, "
    "/from:pinned page-locked\nhost memory, and the others pageable memory; cufft_kernels is "
    "cuFFT with a kernel for each step.\n\nExample:\n  papilio bench fft --n-fft 64-4096 --isa "
    "avx512,avx2 --html fft.html\n  papilio bench peaks --device cuda --batch 8192,65536";
constexpr double kMostSeconds = 600.0;

struct BenchCommand {
  std::string question;
  bench::Settings settings;
  std::string json;  ///< file; "": none
  std::string html;  ///< file; "": none
  bool quiet = false;
};

void add_list(Flags& flags, const char* name, const char* help, std::vector<std::int64_t>& target) {
  flags.on(name, "SIZES", help, [&target](const std::string& flag, const std::string& text) {
    as_usage([&] { target = bench::parse_sizes(flag, text); });
  });
}

void add_flags(Flags& flags, BenchCommand& command) {
  bench::Settings& settings = command.settings;
  flags.positional("QUESTION", "fft, welch, peaks or mel", command.question);
  flags.group("Grid");
  add_list(flags, "--n-fft", "lengths: 64-4096 (its powers of two), 400,1000", settings.n_fft);
  add_list(flags, "--batch", "rows (fft: 2^21 / n; welch, peaks: 8192; mel: 1)", settings.batch);
  add_list(flags, "--segments", "Welch segments a row (2)", settings.segments);
  add_list(flags, "--k", "bins or peaks a row (16)", settings.k);
  flags.group("Execution");
  add_list(flags, "--threads", "threads, each measured (1)", settings.threads);
  flags.on("--isa", "LIST", "instruction sets, each measured (the best)",
           [&settings](const std::string& flag, const std::string& text) {
             as_usage([&] { settings.isas = bench::parse_isas(flag, text); });
           });
  flags.on("--device", "cpu|reference|cuda", "where to compute (cpu); cuda:1 is the second GPU",
           [&settings](const std::string& flag, const std::string& text) {
             const std::vector<std::string> known{"cpu", "reference", "cuda"};
             if (text != "auto" && text != "cpu" && text != "reference" && !bench::on_gpu(text)) {
               refuse_value(flag, text,
                            "is no device to measure" + base::did_you_mean(text, known) +
                                "; give cpu, reference, cuda or cuda:1");
             }
             settings.device = text == "auto" ? "cpu" : text;
           });
  flags.on("--seconds", "S", "time for each cell (0.4)",
           [&settings](const std::string& flag, const std::string& text) {
             parse_value(flag, text, settings.race.seconds);
             if (settings.race.seconds <= 0.0 || settings.race.seconds > kMostSeconds) {
               refuse_value(flag, text, "must be above 0 and at most 600");
             }
           });
  flags.group("Output");
  flags.value("--json", "FILE", "write the results in Google Benchmark's schema", command.json);
  flags.value("--html", "PAGE", "write a page to look at: speed against n and rows", command.html);
  flags.flag("--quiet", "no progress", [&command] { command.quiet = true; });
}

[[noreturn]] void refuse(const std::string& what) { throw UsageError("[bench] " + what); }

// What the flags alone can tell, before any work.
void check(const Flags& flags, const BenchCommand& command) {
  const std::vector<std::string> known{"fft", "welch", "peaks", "mel"};
  const std::string& question = command.question;
  if (question.empty()) refuse("no QUESTION; give one of " + base::join(known));
  if (std::find(known.begin(), known.end(), question) == known.end()) {
    refuse("'" + question + "' is unknown" + base::did_you_mean(question, known) +
           "; give one of " + base::join(known));
  }
  if (flags.given("--segments") && (question == "fft" || question == "mel")) {
    refuse("--segments has no effect on " + question + "; leave it out");
  }
  if (flags.given("--k") && question != "peaks") {
    refuse("--k has no effect on " + question + "; leave it out");
  }
  if (flags.given("--isa") && bench::on_gpu(command.settings.device)) {
    refuse("--isa has no effect on --device " + command.settings.device + "; leave it out");
  }
  if (!command.json.empty() && command.json == command.html) {
    refuse("--json and --html name the same file; give two");
  }
  as_usage([&] { bench::runs_of(command.settings); });
  for (const std::string& path : {command.json, command.html}) {
    if (!path.empty() && path != "-") base::ensure_writable(path);
  }
}

// "NVIDIA H200, driver 13.0" above the table; "" on the CPU. A DeviceError where there is no such
// GPU.
std::string chip_line(const std::string& device) {
  if (!bench::on_gpu(device)) return "";
  const base::Json gpu = bench::machine_record(device).at("gpu");
  return gpu.at("name").get<std::string>() + ", driver " + gpu.at("driver").get<std::string>() +
         "\n";
}

void tell(const std::vector<bench::Outcome>& cell) {
  for (const bench::Outcome& outcome : cell) {
    std::fprintf(stderr, "%s %s\n", outcome.name().c_str(), outcome.failed() ? "failed" : "done");
  }
}

std::vector<bench::Outcome> measure(const BenchCommand& command) {
  const bench::Told told = !command.quiet && stderr_is_terminal() ? tell : bench::Told();
  if (command.question == "fft") return bench::bench_fft(command.settings, {}, told);
  return bench::bench_features(command.question, command.settings, {}, told);
}

}  // namespace

int run_bench(const std::vector<std::string>& arguments) {
  Flags flags("bench", "How fast Papilio is on this machine; every result is checked first.",
              kExample);
  BenchCommand command;
  add_flags(flags, command);
  flags.parse(arguments);
  check(flags, command);
  const std::string& device = command.settings.device;
  const std::string chip = chip_line(device);
  const std::vector<bench::Outcome> outcomes = measure(command);
  if (!command.json.empty()) {
    write_text(command.json, base::dump(bench::to_json(outcomes, device), 1) + "\n");
  }
  if (!command.html.empty()) {
    write_text(command.html, bench_page(command.question, outcomes, device));
  }
  if (command.json != "-" && command.html != "-") {
    write_text("-", chip + bench::to_table(outcomes));
  }
  for (const bench::Outcome& outcome : outcomes) {
    if (outcome.failed()) {
      throw UserError("[bench] " + outcome.name() + ": " + outcome.failure);
    }
  }
  return kOk;
}

}  // namespace papilio::app
