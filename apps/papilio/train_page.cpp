// The page of a training: curves of loss and error, errors by bin, the train x eval matrix.
#include <cmath>

#include "base/text.h"
#include "page_parts.h"
#include "papilio/version.h"
#include "report/page.h"
#include "report/reduce.h"
#include "tables.h"
#include "train_run.h"
#include "train_task.h"

namespace papilio::app {
namespace {

report::Curve curve_of(const std::string& title, const std::string& x_label,
                       const std::string& y_label, std::vector<double> x, std::vector<double> y) {
  report::Curve curve;
  curve.title = title;
  curve.x_label = x_label;
  curve.x_unit = "";
  curve.y_label = y_label;
  curve.y_unit = "";
  curve.x = std::move(x);
  curve.y = std::move(y);
  return report::reduce_curve(std::move(curve));
}

report::Curve by_place(const std::string& title, const std::string& x_label,
                       const std::vector<double>& errors) {
  std::vector<double> x;
  for (std::size_t i = 0; i < errors.size(); ++i) x.push_back(static_cast<double>(i));
  return curve_of(title, x_label, "relative error", std::move(x), errors);
}

/// Steps of the log counted through all phases.
std::vector<double> steps_of(const TrainedOne& one) {
  std::vector<double> steps;
  double before = 0.0, last = 0.0;
  for (std::size_t i = 0; i < one.trained.log.size(); ++i) {
    if (i > 0 && one.phase_of.size() > i && one.phase_of[i] != one.phase_of[i - 1]) before = last;
    last = before + static_cast<double>(one.trained.log[i].step);
    steps.push_back(last);
  }
  return steps;
}

report::Channel channel_of(const TrainedOne& one, const train::BinErrors& bins) {
  report::Channel channel;
  channel.name = std::to_string(one.n) + " points";
  const std::vector<double> steps = steps_of(one);
  std::vector<double> losses, errors;
  for (const train::TrainRow& row : one.trained.log) {
    losses.push_back(row.loss);
    errors.push_back(row.valid_error);
  }
  std::vector<double> from_start = steps;
  const bool whole = one.trained.log.empty() || one.phases.empty();
  if (whole) {  // a validation before the first step, too
    from_start.insert(from_start.begin(), 0.0);
    errors.insert(errors.begin(), one.trained.first_error);
  }
  if (!steps.empty()) {
    channel.curves.push_back(curve_of("Loss of the step's rows", "step", "loss", steps, losses));
  }
  channel.curves.push_back(
      curve_of("Error on held-out rows", "step", "relative error", from_start, errors));
  channel.curves.push_back(by_place("Error by bin, unseen rows", "bin", bins.spectrum));
  if (!bins.reconstruction.empty()) {
    channel.curves.push_back(
        by_place("Error of the reconstruction, unseen rows", "sample", bins.reconstruction));
  }
  return channel;
}

report::Matrix matrix_of(const TrainCommand& command, const TrainOutcome& outcome) {
  report::Matrix matrix{
      "Train x eval: relative errors", "trained at n", "evaluated at n", {}, {}, {}};
  for (const std::int64_t n : command.sizes) matrix.columns.push_back(std::to_string(n));
  matrix.rows = matrix.columns;
  for (const EvalRow& row : outcome.matrix) {
    for (const auto& cell : row) matrix.values.push_back(cell.value_or(std::nan("")));
  }
  return matrix;
}

report::Table table_of(const TrainCommand& command, const TrainOutcome& outcome) {
  report::Table table{"Trainings",
                      {{"n"},
                       {"phase", false},
                       {"steps"},
                       {"ended by", false},
                       {"error before"},
                       {"error"},
                       {"spectrum"},
                       {"reconstruction"},
                       {"model", false}},
                      {}};
  const auto add = [&](const TrainedOne& one, const std::string& phase, const train::Outcome& o) {
    table.rows.push_back({-1,
                          {std::to_string(one.n), phase, std::to_string(o.steps), o.ended,
                           short_number(o.first_error, 3), short_number(o.best_error, 3),
                           short_number(o.best.spectrum, 3), short_number(o.best.reconstruction, 3),
                           command.output_of(one.n)}});
  };
  for (const TrainedOne& one : outcome.all) {
    for (const train::Phase& phase : one.phases) add(one, phase.name, phase.outcome);
    if (one.phases.empty()) add(one, command.kind, one.trained);
  }
  return table;
}

}  // namespace

std::string train_page(const TrainCommand& command, const TrainOutcome& outcome,
                       const std::vector<train::BinErrors>& bins) {
  report::FeaturePage page;
  page.title = "Training of butterfly networks";
  page.input = target_name(command);
  page.subtitle = std::string("Papilio ") + build_info().version + " train " + command.kind;
  page.facts = {{"Start", command.start.text},
                {"Optimizer", command.options.optimiser},
                {"Rows a step", std::to_string(command.options.batch)},
                {"Seed", std::to_string(command.options.seed)},
                {"Precision", name_of(command.options.objective.dtype)}};
  if (command.input == "real") page.facts.push_back({"Input", "real: n/2 + 1 bins"});
  if (command.gates) {
    page.facts.push_back({"Gates", "from " + base::to_text(command.gate_start) + " on"});
  }
  for (const TrainedOne& one : outcome.all) {
    if (one.curves_from.empty()) continue;
    page.facts.push_back(
        {"Curves of " + std::to_string(one.n) + " points",
         "from " + one.curves_from + " on, where it was resumed; --log keeps what is before"});
  }
  for (std::size_t i = 0; i < outcome.all.size(); ++i) {
    page.channels.push_back(channel_of(outcome.all[i], bins[i]));
    if (!outcome.matrix.empty()) page.channels.back().matrices = {matrix_of(command, outcome)};
  }
  page.tables.push_back(table_of(command, outcome));
  page.definition = base::dump(summary_of(command, outcome), 2);
  page.machine =
      machine_of("gradients of the compiled graph", {.threads = command.options.objective.threads});
  return report::render(page);
}

}  // namespace papilio::app
