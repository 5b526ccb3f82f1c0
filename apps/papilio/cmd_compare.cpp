// papilio compare: how far a model is from the exact transform.
#include <functional>
#include <optional>

#include "errors.h"
#include "model_command.h"
#include "options_common.h"
#include "output.h"
#include "record.h"
#include "tables.h"
#include "train/model_run.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "The error is ||A' - A|| / ||A|| of the matrices, in the Frobenius norm; above n = 2048 it is "
    "estimated\non 16 random rows. The model runs on --device, in double: on unit vectors, or "
    "those "
    "rows; the\nexact transform is the host's.\n\n"
    "Example:\n  papilio compare learned.safetensors --max-error 1e-5";

std::string readable(const ModelCommand& command, const train::ModelFile& model,
                     const std::string& target, const train::MatrixError& error,
                     std::optional<double> most) {
  std::string text = heading(command.path + " beside the exact " + target);
  text += "n = " + std::to_string(model.n()) + ", " + model_text(model);
  text += "relative error of the matrix " + short_number(error.relative);
  if (error.probes > 0) {
    text += ", estimated on " + std::to_string(error.probes) + " random rows";
  }
  if (most) {
    text += error.relative <= *most ? ", within " : ", ABOVE ";
    text += base::to_text(*most);
  }
  return text + "\n";
}

}  // namespace

int run_compare(const std::vector<std::string>& arguments) {
  Flags flags("compare", "How far a model is from the exact transform.", kExample);
  ModelCommand command;
  std::optional<double> most;
  train::RunOn on{.threads = 0};
  add_model_flags(flags, command);
  flags.value("--max-error", "E", "exit 1 if the relative error is above this", most);
  add_device_flags(flags, on.device, on.threads);
  flags.parse(arguments);
  check_model_flags(flags, command);
  if (most && *most < 0.0) {
    throw UsageError("[compare] --max-error " + base::to_text(*most) + " must be 0 or above");
  }
  const train::ModelFile model = train::load_model(command.path);
  const std::string target = target_of(flags, command, model);
  const train::ModelFile exact = exact_model(model, target);
  train::ModelRun run(model, on);
  const train::MatrixError error =
      train::matrix_error(std::ref(run), exact, takes_real(model, exact));
  const bool passed = std::isfinite(error.relative) && (!most || error.relative <= *most);
  if (command.json) {
    base::Json record = model_record("compare", command, model);
    add_device(record, run.strategy());
    record["target"] = target;
    note_error(error.relative, record);
    record["random_rows"] = error.probes;
    record["max_error"] = most ? base::Json(*most) : base::Json(nullptr);
    record["passed"] = passed;
    write_text("-", base::dump(record) + "\n");
  } else if (!command.quiet) {
    write_text("-", readable(command, model, target, error, most));
  }
  refuse_overflow("compare", command, error.relative);
  return passed ? kOk : kFailed;
}

}  // namespace papilio::app
