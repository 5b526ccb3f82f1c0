// papilio train: butterfly networks that learn a transform from noise.
#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "base/json.h"
#include "errors.h"
#include "output.h"
#include "progress.h"
#include "train/model_file.h"
#include "train/optimiser.h"
#include "train/starts.h"
#include "train/trainer.h"
#include "train_flags.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  papilio train butterfly --n-fft 256 --init perturbed:0.3 -o dft.safetensors\n"
    "  papilio train butterfly --n-fft 64 --target dct2 --init random --steps 50000 \\\n"
    "      --log dct.jsonl -o dct.safetensors";

constexpr std::int64_t kMostPoints = std::int64_t{1} << 20;

[[noreturn]] void refuse(const std::string& what) { throw UsageError("[train] " + what); }

void check(const TrainCommand& command) {
  if (command.kind != "butterfly") {
    refuse(command.kind.empty()
               ? "what is trained? give butterfly"
               : "nothing that is called '" + command.kind + "' can be trained; give butterfly");
  }
  if (command.n_fft < 2) refuse("--n-fft must be 2 or more, such as --n-fft 256");
  if (command.n_fft > kMostPoints) refuse("--n-fft must be at most 1048576");
  if (command.output.empty() || command.output == "-") {
    refuse("a model needs the name of a file; give -o MODEL.safetensors");
  }
  as_usage([&] { train::validate(command.options); });
}

base::Json row_json(const train::TrainRow& row) {
  return {{"step", row.step},
          {"loss", row.loss},
          {"valid_error", row.valid_error},
          {"gradient_norm", row.gradient_norm},
          {"rate", row.rate},
          {"seconds", row.seconds}};
}

base::Json summary_of(const TrainCommand& command, const train::Trained& done) {
  const train::TrainOptions& o = command.options;
  return {{"transform", command.target},
          {"init", command.start.text},
          {"optimizer", o.optimiser},
          {"schedule", o.schedule.kind},
          {"lr", o.schedule.rate},
          {"batch", o.batch},
          {"seed", o.seed},
          {"valid_seed", o.valid_seed},
          {"dtype", name_of(o.objective.dtype)},
          {"steps", done.steps},
          {"ended", done.ended},
          {"first_error", done.first_error},
          {"error", done.best_error}};
}

/// One line a validation, rewritten on a terminal.
class Watch {
 public:
  Watch(const TrainCommand& command, base::AtomicFile* log)
      : log_(log), bar_("training", command.options.schedule.steps, command.quiet) {}
  bool operator()(const train::TrainRow& row) {
    if (log_ != nullptr) log_->write(base::dump(row_json(row)) + "\n");
    char text[96];
    std::snprintf(text, sizeof(text), "training, error %.2e", row.valid_error);
    bar_.label(text);
    bar_.at(row.step);
    return true;
  }

 private:
  base::AtomicFile* log_;
  Progress bar_;
};

std::string table_of(const TrainCommand& command, const train::Trained& done) {
  char text[256];
  std::snprintf(
      text, sizeof(text),
      "%s of %lld points: relative error %.3g, before %.3g; %lld steps, ended by %s\n%s\n",
      command.target.c_str(), static_cast<long long>(command.n_fft), done.best_error,
      done.first_error, static_cast<long long>(done.steps), done.ended.c_str(),
      command.output.c_str());
  return text;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  Flags flags("train", "Trains a butterfly network until it computes a transform.", kExample);
  TrainCommand command;
  add_train_flags(flags, command);
  flags.parse(arguments);
  check(command);
  base::ensure_writable(command.output);
  command.options.checkpoint = command.output + ".checkpoint";

  train::Task task;
  as_usage([&] {
    const transform::Chain exact = train::exact_transform(command.target, command.spec());
    task.model = train::started(exact, command.start, command.options.seed);
    task.target = exact;
  });
  std::optional<base::AtomicFile> log;
  if (!command.log.empty()) log.emplace(command.log);
  Watch watch(command, log ? &*log : nullptr);
  const train::Trained done = train::train(task, command.options, command.resume, std::ref(watch));
  if (log) log->commit();

  train::ModelFile model = train::model_of(done.model);
  model.training = summary_of(command, done);
  train::save_model(model, command.output);
  std::remove(command.options.checkpoint.c_str());
  if (command.json) write_text("-", base::dump(model.training) + "\n");
  if (!command.json && !command.quiet) write_text("-", table_of(command, done));
  return kOk;
}

}  // namespace papilio::app
