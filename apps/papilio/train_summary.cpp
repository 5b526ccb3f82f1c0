// Trained networks as files, JSON and text.
#include <cmath>

#include "base/text.h"
#include "record.h"
#include "tables.h"
#include "train/nested.h"
#include "train/optimiser.h"
#include "train_run.h"
#include "train_task.h"
#include "transform/layout.h"

namespace papilio::app {
namespace {

std::string data_text(const TrainCommand& command) {
  if (!command.pairs.empty()) return "pairs";
  return command.data.empty() ? command.noise : "recordings";
}

base::Json names_or_null(std::vector<std::string> files) {
  std::erase(files, "");
  return files.empty() ? base::Json(nullptr) : base::Json(files);
}

/// Every option that the numbers depend on; null where one has no part in them.
base::Json options_json(const TrainCommand& command, std::int64_t n) {
  const train::TrainOptions o = command.options_of(n);
  const bool follows = !train::is_second_order(o.optimiser);
  const auto of_rate = [follows](const auto& value) {
    return follows ? base::Json(value) : base::Json(nullptr);
  };
  std::vector<std::string> files = command.data;
  files.insert(files.end(), command.pairs.begin(), command.pairs.end());
  files.push_back(command.matrix);
  return {{"init", command.start.text},
          {"radices", transform::radices_text(command.spec(n).layout)},
          {"order", command.order},
          {"params", command.parameters},
          {"field", command.field},
          {"tied", command.tied},
          {"input", command.input},
          {"gates", command.gates},
          {"gate_start", command.gates ? base::Json(command.gate_start) : base::Json(nullptr)},
          {"data", data_text(command)},
          {"files", names_or_null(files)},
          {"loss",
           {{"spectrum", command.loss.spectrum}, {"reconstruction", command.loss.reconstruction}}},
          {"optimizer", o.optimiser},
          {"schedule", of_rate(o.schedule.kind)},
          {"lr", of_rate(o.schedule.rate)},
          {"rate_scaling", of_rate(command.rate_scaling)},
          {"warm_up", of_rate(o.schedule.warm_up)},
          {"clip", o.clip > 0.0 ? base::Json(o.clip) : base::Json(nullptr)},
          {"unit_circle", o.unit_circle},
          {"max_steps", o.schedule.steps},
          {"batch", o.batch},
          {"goal", o.goal},
          {"valid_every", o.valid_every},
          {"patience", o.patience > 0 ? base::Json(o.patience) : base::Json(nullptr)},
          {"seed", o.seed},
          {"valid_seed", command.pairs.empty() ? base::Json(o.valid_seed) : base::Json(nullptr)},
          {"dtype", name_of(o.objective.dtype)},
          {"device", o.objective.device == "auto" ? "cpu" : o.objective.device}};
}

base::Json terms_json(const train::Terms& terms) {
  return {{"spectrum", base::number_or_null(terms.spectrum)},
          {"reconstruction", base::number_or_null(terms.reconstruction)}};
}

base::Json phase_json(const train::Phase& phase) {
  const train::Outcome& o = phase.outcome;
  return {{"phase", phase.name},          {"steps", o.steps},      {"ended", o.ended},
          {"first_error", o.first_error}, {"error", o.best_error}, {"first", terms_json(o.first)},
          {"last", terms_json(o.best)}};
}

/// Steps, errors before and after: of phased from the first phase's start to the last one's end,
/// weighed as the loss is.
struct Ends {
  std::int64_t steps = 0;
  double first_error = 0.0, error = 0.0;
  train::Terms first, last;
};

Ends ends_of(const TrainCommand& command, const TrainedOne& one) {
  const train::Trained& t = one.trained;
  if (one.phases.empty()) return {t.steps, t.first_error, t.best_error, t.first, t.best};
  Ends ends;
  for (const train::Phase& phase : one.phases) ends.steps += phase.outcome.steps;
  ends.first = one.phases.front().outcome.first;
  ends.last = one.phases.back().outcome.best;
  ends.first_error = weighted(command.loss, ends.first);
  ends.error = weighted(command.loss, ends.last);
  return ends;
}

const transform::Network& network_of(const transform::Chain& chain) {
  return std::get<transform::Network>(chain.factors.front());
}

std::string line_of(const TrainCommand& command, const TrainedOne& one) {
  const Ends ends = ends_of(command, one);
  std::string text = target_name(command) + " of " + std::to_string(one.n) +
                     " points: relative error " + short_number(ends.error, 3) + ", before " +
                     short_number(ends.first_error, 3) + "; " + std::to_string(ends.steps) +
                     " steps, ended by " + one.trained.ended + "\n";
  if (command.has_decoder()) {
    text += "  spectrum " + short_number(ends.last.spectrum, 3) + ", before " +
            short_number(ends.first.spectrum, 3) + "; reconstruction " +
            short_number(ends.last.reconstruction, 3) + ", before " +
            short_number(ends.first.reconstruction, 3) + "\n";
  }
  return text + command.output_of(one.n) + "\n";
}

std::string matrix_text(const TrainCommand& command, const std::vector<EvalRow>& matrix) {
  std::vector<std::string> head{"trained at"};
  for (const std::int64_t n : command.sizes) head.push_back("at " + std::to_string(n));
  TextTable table(head);
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    std::vector<std::string> cells{std::to_string(command.sizes[i])};
    for (const auto& cell : matrix[i]) cells.push_back(cell ? short_number(*cell, 3) : "-");
    table.add(std::move(cells));
  }
  return "relative errors of the transforms that the networks hold:\n" + table.text();
}

}  // namespace

base::Json summary_of(const TrainCommand& command, const TrainedOne& one) {
  const Ends ends = ends_of(command, one);
  base::Json summary{{"transform", command.has_decoder() ? "identity" : target_name(command)},
                     {"kind", command.kind},
                     {"target", target_name(command)},
                     {"n", one.n}};
  summary.update(options_json(command, one.n));
  summary["steps"] = ends.steps;
  summary["ended"] = one.trained.ended;
  summary["first_error"] = ends.first_error;
  summary["error"] = ends.error;
  if (command.kind == "multi") summary["multi_schedule"] = command.multi_schedule;
  if (!command.has_decoder()) return summary;
  summary["first"] = terms_json(ends.first);
  summary["last"] = terms_json(ends.last);
  for (const train::Phase& phase : one.phases) summary["phases"].push_back(phase_json(phase));
  return summary;
}

base::Json summary_of(const TrainCommand& command, const TrainOutcome& outcome) {
  base::Json summary = record_head("papilio.train", "train");
  if (command.kind != "multi") {
    summary.update(summary_of(command, outcome.all.front()));
    return summary;
  }
  summary.update(base::Json{{"kind", command.kind},
                            {"multi_schedule", command.multi_schedule},
                            {"models", base::Json::array()},
                            {"n", command.sizes},
                            {"train_x_eval", base::Json::array()}});
  for (const TrainedOne& one : outcome.all) {
    base::Json model = summary_of(command, one);
    model["model"] = command.output_of(one.n);
    summary["models"].push_back(std::move(model));
  }
  for (const EvalRow& row : outcome.matrix) {
    base::Json cells = base::Json::array();
    for (const auto& cell : row) cells.push_back(cell ? base::number_or_null(*cell) : nullptr);
    summary["train_x_eval"].push_back(std::move(cells));
  }
  return summary;
}

train::ModelFile model_file_of(const TrainCommand& command, const TrainedOne& one) {
  train::ModelFile model;
  if (one.trained.decoder) {
    model.kind = train::ModelKind::encdec;
    model.parts = {{"encoder", network_of(one.trained.model), {}},
                   {"decoder", network_of(*one.trained.decoder), {}}};
  } else {
    model = train::model_of(one.trained.model);
  }
  model.training = summary_of(command, one);
  return model;
}

std::vector<EvalRow> eval_matrix(const TrainCommand& command, const std::vector<TrainedOne>& all) {
  std::vector<EvalRow> matrix;
  for (const TrainedOne& one : all) {
    const auto& factors = one.trained.model.factors;
    EvalRow row;
    for (const std::int64_t n : command.sizes) {
      // Inside a DCT, whose network stands among other factors, there is no shorter DCT.
      row.push_back(factors.size() == 1 ? train::nested_error(network_of(one.trained.model), n,
                                                              target_name(command))
                    : n == one.n        ? std::optional<double>(one.trained.best_error)
                                        : std::nullopt);
    }
    matrix.push_back(std::move(row));
  }
  return matrix;
}

std::string train_table(const TrainCommand& command, const TrainOutcome& outcome) {
  std::string text;
  for (const TrainedOne& one : outcome.all) text += line_of(command, one);
  if (!outcome.matrix.empty()) text += matrix_text(command, outcome.matrix);
  return text;
}

}  // namespace papilio::app
