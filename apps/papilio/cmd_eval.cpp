// papilio eval: errors of a model on data that it has not seen, row by row and bin by bin.
#include <cmath>

#include "errors.h"
#include "model_command.h"
#include "options_common.h"
#include "output.h"
#include "record.h"
#include "test_rows.h"
#include "train/model_run.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Noise is normal, of unit variance, from random numbers that no training and no recovery "
    "draws.\n"
    "Windows of a recording lie side by side, n samples each.\n"
    "The model runs on --device, in double; the exact transform is the host's.\n\n"
    "Examples:\n"
    "  papilio eval learned.safetensors --rows 1000\n"
    "  papilio eval learned.safetensors --data speech.wav --json";

struct EvalCommand {
  ModelCommand model;
  TestRows rows;
  train::RunOn on{.threads = 0};
};

/// Of known_errors, which are in ascending order.
double worst_of(const std::vector<double>& known) { return known.empty() ? 0.0 : known.back(); }

struct Evaluation {
  std::string target;
  std::vector<double> rows;  ///< error of each; NaN where the exact result is zero
  std::vector<double> bins;
  std::string strategy;  ///< what ran the model
};

Evaluation evaluate(const Flags& flags, const EvalCommand& command, const train::ModelFile& model) {
  const std::string target = target_of(flags, command.model, model);
  const train::ModelFile exact = exact_model(model, target);
  train::ModelRun run(model, command.on);
  train::DataError error(exact);
  for_test_rows("eval", command.rows, model.n(), takes_real(model, exact), command.model.quiet,
                [&](std::span<const std::complex<double>> rows) { error.add(rows, run(rows)); });
  return {target, error.rows(), error.bins(), run.strategy()};
}

base::Json record_of(const EvalCommand& command, const train::ModelFile& model,
                     const Evaluation& found) {
  base::Json record = model_record("eval", command.model, model);
  add_device(record, found.strategy);
  record["target"] = found.target;
  command.rows.note(found.rows.size(), record);
  const std::vector<double> known = known_errors(found.rows);
  record["relative_error"] = spread_json(known);
  record["overflow"] = std::isinf(worst_of(known));
  record["error_by_bin"] = base::Json::array();
  for (const double error : found.bins) {
    record["error_by_bin"].push_back(base::number_or_null(error));
  }
  return record;
}

std::string readable(const EvalCommand& command, const Evaluation& found) {
  return heading(command.model.path + " beside the exact " + found.target) +
         command.rows.text(found.rows.size()) +
         "\nrelative error of a row: " + spread_text(known_errors(found.rows)) + "\n" +
         worst_places("bin", found.bins).text();
}

}  // namespace

int run_eval(const std::vector<std::string>& arguments) {
  Flags flags("eval", "Errors of a model on noise or recordings, by row and by bin.", kExample);
  EvalCommand command;
  add_model_flags(flags, command.model);
  add_test_row_flags(flags, command.rows);
  add_device_flags(flags, command.on.device, command.on.threads);
  flags.parse(arguments);
  check_model_flags(flags, command.model);
  check_test_rows(flags, command.rows);
  const train::ModelFile model = train::load_model(command.model.path);
  const Evaluation found = evaluate(flags, command, model);
  if (command.model.json) {
    write_text("-", base::dump(record_of(command, model, found)) + "\n");
  } else if (!command.model.quiet) {
    write_text("-", readable(command, found));
  }
  refuse_overflow("eval", command.model, worst_of(known_errors(found.rows)));
  return kOk;
}

}  // namespace papilio::app
