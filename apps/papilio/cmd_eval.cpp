// papilio eval: errors of a model on data that it has not seen, row by row and bin by bin.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "errors.h"
#include "model_command.h"
#include "output.h"
#include "progress.h"
#include "signal_rows.h"
#include "tables.h"
#include "train/model_stats.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Noise is normal, of unit variance, from random numbers that no training and no recovery "
    "draws.\n"
    "Windows of a recording lie side by side, n samples each.\n\n"
    "Examples:\n"
    "  papilio eval learned.safetensors --rows 1000\n"
    "  papilio eval learned.safetensors --data speech.wav --json";
constexpr std::size_t kWorstBins = 8;
constexpr std::int64_t kMostRows = 1'000'000;

struct EvalCommand {
  ModelCommand model;
  std::string data;  ///< "": noise
  std::int64_t seed = 0;
  std::int64_t rows = 256;
};

struct Evaluation {
  std::string target;
  std::vector<double> rows;  ///< error of each; NaN where the exact result is zero
  std::vector<double> bins;

  /// Of the rows that have one.
  std::vector<double> known_rows() const {
    std::vector<double> known = rows;
    std::erase_if(known, [](double error) { return std::isnan(error); });
    std::sort(known.begin(), known.end());
    return known;
  }
};

void check(const Flags& flags, const EvalCommand& command) {
  check_model_flags(flags, command.model);
  if (flags.given("--seed") && !command.data.empty()) {
    throw UsageError("[eval] --seed draws noise, and --data gives a recording; give one of them");
  }
  if (command.seed < 0) throw UsageError("[eval] --seed must be 0 or above");
  if (command.rows < 1 || command.rows > kMostRows) {
    throw UsageError("[eval] --rows " + std::to_string(command.rows) +
                     " must be from 1 to 1000000");
  }
}

void add_recording(const EvalCommand& command, const train::ModelFile& model, bool real,
                   train::DataError& error) {
  const Windows windows = read_windows("eval", command.data, model.n(), command.rows);
  if (windows.complex && real) {
    throw UserError("[eval] " + command.data +
                    " is complex, and the model takes real signals; give a real one");
  }
  for (const auto& row : windows.rows) error.add(row);
}

void add_noise(const EvalCommand& command, const train::ModelFile& model, bool real,
               train::DataError& error) {
  Progress progress("eval", command.rows, command.model.quiet);
  for (std::int64_t row = 0; row < command.rows; ++row) {
    error.add(train::test_row(model.n(), real, static_cast<std::uint64_t>(command.seed), row));
    progress.at(row + 1);
  }
}

Evaluation evaluate(const Flags& flags, const EvalCommand& command, const train::ModelFile& model) {
  const std::string target = target_of(flags, command.model, model);
  const train::ModelFile exact = exact_model(model, target);
  train::DataError error(model, exact);
  const bool real = takes_real(model, exact);
  if (command.data.empty()) {
    add_noise(command, model, real, error);
  } else {
    add_recording(command, model, real, error);
  }
  return {target, error.rows(), error.bins()};
}

double at_fraction(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return std::nan("");
  return sorted[static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1))];
}

base::Json record_of(const EvalCommand& command, const train::ModelFile& model,
                     const Evaluation& found) {
  const std::vector<double> rows = found.known_rows();
  base::Json record = model_record("eval", command.model, model);
  record["target"] = found.target;
  record["data"] = command.data.empty() ? base::Json(nullptr) : base::Json(command.data);
  record["seed"] = command.data.empty() ? base::Json(command.seed) : base::Json(nullptr);
  record["rows"] = found.rows.size();
  record["relative_error"] = {{"mean", base::number_or_null(train::spread_of(rows).mean)},
                              {"median", base::number_or_null(at_fraction(rows, 0.5))},
                              {"max", base::number_or_null(at_fraction(rows, 1.0))}};
  record["error_by_bin"] = base::Json::array();
  for (const double error : found.bins) {
    record["error_by_bin"].push_back(base::number_or_null(error));
  }
  return record;
}

// Bins by falling error, those without one left out.
std::vector<std::size_t> worst_bins(const std::vector<double>& bins) {
  std::vector<std::size_t> order(bins.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t bin) { return std::isnan(bins[bin]); });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bins[a] > bins[b]; });
  order.resize(std::min(order.size(), kWorstBins));
  return order;
}

std::string readable(const EvalCommand& command, const Evaluation& found) {
  const std::vector<double> rows = found.known_rows();
  std::string text = heading(command.model.path + " beside the exact " + found.target);
  text += std::to_string(found.rows.size()) +
          (command.data.empty() ? " rows of noise, seed " + std::to_string(command.seed)
                                : " windows of " + one_line(command.data)) +
          "\nrelative error of a row: median " + short_number(at_fraction(rows, 0.5)) + ", mean " +
          short_number(train::spread_of(rows).mean) + ", worst " +
          short_number(at_fraction(rows, 1.0)) + "\n";
  TextTable table({"worst bin", "relative error"});
  for (const std::size_t bin : worst_bins(found.bins)) {
    table.add({std::to_string(bin), short_number(found.bins[bin])});
  }
  return text + table.text();
}

}  // namespace

int run_eval(const std::vector<std::string>& arguments) {
  Flags flags("eval", "Errors of a model on noise or recordings, by row and by bin.", kExample);
  EvalCommand command;
  add_model_flags(flags, command.model);
  flags.value("--data", "FILE", "a recording or an .npy of signals instead of noise", command.data);
  flags.value("--seed", "N", "of the noise (0)", command.seed);
  flags.value("--rows", "N", "rows of noise, or windows of the recording at most (256)",
              command.rows);
  flags.parse(arguments);
  check(flags, command);
  const train::ModelFile model = train::load_model(command.model.path);
  const Evaluation found = evaluate(flags, command, model);
  if (command.model.json) {
    write_text("-", base::dump(record_of(command, model, found)) + "\n");
  } else if (!command.model.quiet) {
    write_text("-", readable(command, found));
  }
  return kOk;
}

}  // namespace papilio::app
