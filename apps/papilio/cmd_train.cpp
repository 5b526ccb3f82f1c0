// papilio train: butterfly networks that learn a transform from noise, recordings or pairs.
#include <cstdio>
#include <filesystem>
#include <functional>

#include "base/signals.h"
#include "base/text.h"
#include "errors.h"
#include "output.h"
#include "train/multi.h"
#include "train/phases.h"
#include "train_run.h"
#include "train_task.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "butterfly: a network that becomes a transform. encdec: an encoder and the decoder that "
    "undoes\n"
    "it, together. phased: the same, first the encoder, then the decoder, then both (at a tenth "
    "of\n"
    "the rate). multi: a network for each N, taking turns; -o m.safetensors gives "
    "m-N.safetensors.\n"
    "--multi-schedule single: one after the other; round-robin: a turn each; random: drawn;\n"
    "balanced: whoever is furthest from its goal. A turn is --valid-every steps.\n\n"
    "Examples:\n"
    "  papilio train butterfly --n-fft 256 --init perturbed:0.3 -o dft.safetensors\n"
    "  papilio train butterfly --n-fft 64 --target dct2 --init random --steps 50000 \\\n"
    "      --log dct.jsonl -o dct.safetensors\n"
    "  papilio train butterfly --n-fft 512 --input real --data speech.wav -o rfft.safetensors\n"
    "  papilio train encdec --n-fft 256 --data speech.wav -o pair.safetensors --html pair.html\n"
    "  papilio train multi --n-fft 64,128,256 --multi-schedule balanced -o m.safetensors";

TrainedOne train_one(const TrainCommand& command, const train::Task& task, TrainLog& log,
                     const std::function<bool()>& stop) {
  TrainedOne one;
  one.n = task.model.n;
  std::string phase;
  train::TrainWatch watch;
  watch.begun = [&](std::int64_t step) { log.begun(one.n, step); };
  watch.step = [&](std::int64_t step, double loss) { log.step(one.n, step, loss); };
  watch.row = [&](const train::TrainRow& row) {
    log.row(one.n, row);
    one.trained.log.push_back(row);
    one.phase_of.push_back(phase);
    return true;
  };
  watch.stop = stop;
  const train::TrainOptions options = command.options_of(one.n);
  std::vector<train::TrainRow> rows;
  if (command.kind == "phased") {
    train::PhasedTrained done =
        train::train_phased(task, options, command.resume, watch, [&](std::size_t i) {
          phase = train::kPhases[i];
          log.phase(phase, i);
        });
    one.phases = std::move(done.phases);
    rows = std::move(one.trained.log);
    one.trained = std::move(done.last);
    one.trained.log = std::move(rows);  // of all phases
  } else {
    one.trained = train::train(task, options, command.resume, watch);
  }
  return one;
}

std::vector<TrainedOne> train_several(const TrainCommand& command,
                                      const std::vector<train::Task>& tasks, TrainLog& log,
                                      const std::function<bool()>& stop) {
  std::vector<train::MultiPart> parts;
  for (const train::Task& task : tasks) parts.push_back({task, command.options_of(task.model.n)});
  train::MultiWatch watch;
  watch.begun = [&](std::size_t part, std::int64_t step) { log.begun(command.sizes[part], step); };
  watch.step = [&](std::size_t part, std::int64_t step, double loss) {
    log.step(command.sizes[part], step, loss);
  };
  watch.row = [&](std::size_t part, const train::TrainRow& row) {
    log.row(command.sizes[part], row);
    return true;
  };
  watch.stop = stop;
  std::vector<TrainedOne> all;
  for (train::Trained& trained : train::train_multi(parts, command.multi_options(), watch)) {
    const std::int64_t n = trained.model.n;
    all.push_back({n, std::move(trained), {}, {}, {}});
  }
  return all;
}

/// A signal ends the training at its next step, which --resume goes on from.
std::vector<TrainedOne> train_all(const TrainCommand& command,
                                  const std::vector<train::Task>& tasks, TrainLog& log) {
  const base::DeferredSignals signals;
  const auto stop = [&signals] { return signals.caught() != 0; };
  std::vector<TrainedOne> all = command.kind == "multi"
                                    ? train_several(command, tasks, log, stop)
                                    : std::vector{train_one(command, tasks.front(), log, stop)};
  if (!stop()) return all;
  std::vector<std::string> checkpoints = command.checkpoints(command.shares_steps());
  std::erase_if(checkpoints, [](const auto& name) { return !std::filesystem::exists(name); });
  throw Interrupted(signals.caught(), "[train] interrupted; every step that was done is kept in " +
                                          base::join(checkpoints) +
                                          ": give the same command with --resume to go on");
}

void save(const TrainCommand& command, const TrainOutcome& outcome) {
  for (const TrainedOne& one : outcome.all) {
    save_model(model_file_of(command, one), command.output_of(one.n));
  }
  for (const std::string& name : command.checkpoints(command.shares_steps())) {
    std::remove(name.c_str());
  }
}

std::vector<train::BinErrors> errors_by_bin(const TrainCommand& command,
                                            const TrainOutcome& outcome,
                                            const std::vector<train::Task>& tasks) {
  std::vector<train::BinErrors> bins;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    train::Task done = tasks[i];
    done.model = outcome.all[i].trained.model;
    done.decoder = outcome.all[i].trained.decoder;
    bins.push_back(bin_errors(done, command.options.valid_seed));
  }
  return bins;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  Flags flags("train", "Trains butterfly networks until they compute a transform.", kExample);
  TrainCommand command;
  add_train_flags(flags, command);
  flags.parse(arguments);
  check_train(flags, command);
  const std::vector<train::Task> tasks = train_tasks(command);
  TrainLog log(command);
  TrainOutcome outcome;
  outcome.all = train_all(command, tasks, log);
  if (command.kind == "multi") outcome.matrix = eval_matrix(command, outcome.all);
  for (TrainedOne& one : outcome.all) log.add_earlier(one);
  save(command, outcome);
  if (!command.html.empty()) {
    write_text(command.html, train_page(command, outcome, errors_by_bin(command, outcome, tasks)));
  }
  if (command.json) write_text("-", base::dump(summary_of(command, outcome)) + "\n");
  if (!command.json && !command.quiet && command.html != "-") {
    write_text("-", train_table(command, outcome));
  }
  return kOk;
}

}  // namespace papilio::app
