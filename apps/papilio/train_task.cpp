// Data, targets and starts of a training.
#include "train_task.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "errors.h"
#include "signal_rows.h"
#include "train/pairs.h"
#include "transform/inits.h"

namespace papilio::app {
namespace {

// Apart from the encoder's numbers.
constexpr std::uint64_t kDecoderSeed = std::uint64_t{1} << 63;

/// Of the user's own; in numbers that training can square and multiply.
transform::Matrix own_matrix(const TrainCommand& command, const std::string& path) {
  transform::Matrix matrix = read_matrix("train", path);
  train::check_range(matrix, command.options.objective.dtype, path, "train");
  return matrix;
}

train::Data data_of(const TrainCommand& command) {
  train::Data data;
  const auto& names = train::noise_names();
  data.source = static_cast<train::Noise>(std::find(names.begin(), names.end(), command.noise) -
                                          names.begin());
  if (!command.data.empty()) {
    const std::int64_t n = *std::max_element(command.sizes.begin(), command.sizes.end());
    data.source =
        std::make_shared<const train::Recordings>(read_recordings("train", command.data, n));
  }
  if (!command.pairs.empty()) {
    const transform::Matrix x = own_matrix(command, command.pairs[0]);
    const transform::Matrix y = own_matrix(command, command.pairs[1]);
    if (x.rows != y.rows || x.columns != y.columns) {
      throw UserError("[train] " + command.pairs[0] + " is " + std::to_string(x.rows) + " x " +
                      std::to_string(x.columns) + " and " + command.pairs[1] + " " +
                      std::to_string(y.rows) + " x " + std::to_string(y.columns) +
                      "; give one row of n numbers each per pair");
    }
    data = train::pair_data({x.rows, x.values, y.values});
  }
  if (!command.matrix.empty()) {
    data.matrix = std::make_shared<const transform::Matrix>(own_matrix(command, command.matrix));
  }
  return data;
}

/// Random networks for what the user's own data hide.
void start_own(const TrainCommand& command, std::int64_t n, train::Task& task) {
  const transform::NetworkSpec spec = command.spec(n);
  const bool real = spec.field == transform::Field::real;
  validate(task.data, n, real);
  const train::Batch rows =
      draw(task.data, train::Split::validation, command.options.valid_seed, 0, 64, n, real);
  const train::Power power = power_of(task, rows);
  task.model = train::random_start(spec, power, command.options.seed);
  if (!command.has_decoder()) return;
  task.decoder =
      train::random_start(spec, {power.target, power.input}, command.options.seed ^ kDecoderSeed);
}

void start_known(const TrainCommand& command, std::int64_t n, train::Task& task) {
  const std::string name = target_name(command);
  task.target = train::exact_transform(name, command.spec(n));
  task.model = train::started(*task.target, command.start, command.options.seed);
  if (!command.has_decoder()) return;
  task.decoder = train::started(train::exact_inverse(name, command.spec(n)), command.start,
                                command.options.seed ^ kDecoderSeed);
}

}  // namespace

std::string target_name(const TrainCommand& command) {
  if (!command.matrix.empty()) return "matrix";
  if (!command.pairs.empty()) return "pairs";
  return command.target.empty() ? "dft" : command.target;
}

std::vector<train::Task> train_tasks(const TrainCommand& command) {
  std::vector<train::Task> tasks;
  train::Task common;
  common.data = data_of(command);
  common.loss = command.loss;
  common.start = command.start.text;
  if (command.gates) common.start += " gates " + base::to_text(command.gate_start);
  for (const std::int64_t n : command.sizes) {
    train::Task task = common;
    if (command.own()) {
      start_own(command, n, task);
    } else {
      as_usage([&] { start_known(command, n, task); });
    }
    if (command.gates) {
      task.model = train::gated(std::move(task.model), command.gate_start);
      if (task.decoder) task.decoder = train::gated(std::move(*task.decoder), command.gate_start);
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace papilio::app
