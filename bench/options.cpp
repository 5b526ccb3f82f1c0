// Flags of the bench programs on CLI11.
#include "options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/atomic_file.h"
#include "base/json.h"
#include "grid.h"
#include "outcome_text.h"
#include "papilio/error.h"

namespace papilio::bench {
namespace {

using Sizes = std::vector<std::int64_t>;

void add_sizes(CLI::App& app, const std::string& name, const std::string& help, Sizes& target) {
  const CLI::callback_t call = [name, &target](const CLI::results_t& texts) {
    target = parse_sizes(name, texts.back());
    return true;
  };
  app.add_option(name, call, help)->type_name("SIZES");
}

void add_flags(CLI::App& app, Command& command) {
  Settings& settings = command.settings;
  add_sizes(app, "--n-fft", "lengths: 64-4096 (its powers of two), 400,1000", settings.n_fft);
  add_sizes(app, "--batch", "rows", settings.batch);
  add_sizes(app, "--segments", "Welch segments a row (2)", settings.segments);
  add_sizes(app, "--k", "peaks or bins a row (16)", settings.k);
  add_sizes(app, "--threads", "threads of Papilio, each a contender (1)", settings.threads);
  const CLI::callback_t isas = [&settings](const CLI::results_t& texts) {
    settings.isas = parse_isas("--isa", texts.back());
    return true;
  };
  app.add_option("--isa", isas, "instruction sets of Papilio, each a contender")->type_name("LIST");
  app.add_option("--work", settings.works, "only these works")->delimiter(',');
  app.add_option("--only", settings.contenders, "only these contenders")->delimiter(',');
  app.add_option("--seconds", settings.race.seconds, "per contender of a cell")
      ->check(CLI::Range(0.001, 600.0));
  app.add_flag_callback(
      "--detrend", [&settings] { settings.detrend = Detrend::constant; },
      "Welch with each segment's mean removed");
  app.add_option("--json", command.json, "results in Google Benchmark's schema");
  app.add_option("--wisdom", command.wisdom, "keeps FFTW's plans between runs");
  app.add_flag("--quiet", command.quiet, "no table on standard output");
}

int report(const Command& command, const std::vector<Outcome>& outcomes) {
  if (!command.quiet) {
    std::printf("\n%s\n%s", base::dump(machine_record()).c_str(), to_table(outcomes).c_str());
  }
  if (!command.json.empty()) {
    base::AtomicFile file(command.json);
    file.write(base::dump(to_json(outcomes), 1) + "\n");
    file.commit();
  }
  for (const Outcome& outcome : outcomes) {
    if (outcome.failed()) return 1;
  }
  return 0;
}

void tell(const std::vector<Outcome>& cell) {
  std::string line;
  for (const Outcome& outcome : cell) {
    char text[96];
    if (outcome.failed()) {
      std::snprintf(text, sizeof text, "  %s failed", outcome.contender.c_str());
    } else {
      std::snprintf(text, sizeof text, "  %s%s %.4g", outcome.contender.c_str(),
                    outcome.variant.c_str(), outcome.timing.median);
    }
    line += text;
  }
  if (cell.empty()) return;
  const Cell& at = cell.front().cell;
  std::fprintf(stderr, "%s n %lld batch %lld:%s\n", at.work.c_str(), static_cast<long long>(at.n),
               static_cast<long long>(at.batch), line.c_str());
}

}  // namespace

int bench_main(const std::string& program, int argc, char** argv, const Bench& bench) {
  CLI::App app(
      "Papilio and its peers, alternating, one thread each unless --threads says more; "
      "ns per row.",
      program);
  Command command;
  add_flags(app, command);
  try {
    app.parse(argc, argv);
    runs_of(command.settings);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const UserError& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 2;
  }
  try {
    return report(command, bench(command, tell));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}

}  // namespace papilio::bench
