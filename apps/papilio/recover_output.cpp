// Rows of recoveries for people and programs, and what is saved of one.
#include "recover_output.h"

#include <algorithm>

#include "base/text.h"
#include "record.h"
#include "tables.h"
#include "train/model_words.h"
#include "train/twiddles.h"

namespace papilio::app {
namespace {

using transform::Direction;
using transform::Network;

std::string radices_of(const train::RecoverOptions& options, std::int64_t n) {
  return radices_text(options.radices.empty() ? transform::default_layout(n)
                                              : transform::layout_of(options.radices));
}

// Blocks as twiddles if that is what they are. Radix 2 has the same DFT in both directions, so that
// the one asked for goes first.
Network in_twiddles(const Network& blocks, const train::RecoverOptions& options) {
  if (options.form == transform::Form::block) return blocks;
  const double tolerance = options.dtype == DType::f32 ? 1e-4 : 1e-9;
  const bool inverse = options.transform == "idft";
  const Direction first = inverse ? Direction::inverse : Direction::forward;
  const Direction second = inverse ? Direction::forward : Direction::inverse;
  for (const Direction direction : {first, second}) {
    const auto form = train::to_twiddles(blocks, direction, options.tying, tolerance);
    if (form.network) return *form.network;
  }
  return blocks;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

RecoverSummary summary_of(const std::string& regime, std::int64_t n,
                          const std::vector<train::RecoverRow>& rows) {
  RecoverSummary summary{.regime = regime, .from = rows.front().from, .n = n};
  std::vector<double> errors;
  std::vector<double> seconds;
  double square = 0.0, bound = 0.0;
  for (const train::RecoverRow& row : rows) {
    if (row.regime != regime || row.n != n) continue;
    square += row.relative_error * row.relative_error;
    bound += row.bound;
    ++summary.seeds;
    if (row.recovered) ++summary.recovered;
    errors.push_back(row.relative_error);
    seconds.push_back(row.seconds);
  }
  summary.median_error = median(errors);
  summary.worst_error = *std::max_element(errors.begin(), errors.end());
  summary.median_seconds = median(seconds);
  if (bound > 0.0) summary.error_over_bound = square / bound;
  return summary;
}

std::string polish_note(const std::vector<const train::RecoverRow*>& rows) {
  const bool polished =
      std::any_of(rows.begin(), rows.end(), [](const auto* row) { return row->polish_sweeps > 0; });
  if (!polished) return "";
  return "the closed form missed the goal: the error is that of the best network that als found "
         "from it\nand from a random start, a local minimum\n";
}

std::string table_of(const std::vector<const train::RecoverRow*>& rows) {
  TextTable table({"transform", "n", "from", "method", "seed", "relative_error", "seconds"},
                  {0, 2, 3});
  for (const train::RecoverRow* row : rows) {
    table.add({row->transform, std::to_string(row->n), row->from, row->method,
               std::to_string(row->seed), short_number(row->relative_error, 3),
               short_number(row->seconds, 3)});
  }
  return "given: " + rows.front()->regime + "; errors are of the " + rows.front()->error_of + "\n" +
         table.text() + polish_note(rows);
}

std::string table_of(const std::vector<RecoverSummary>& summaries, const std::string& regime,
                     double goal) {
  std::vector<std::string> head{"n",           "within " + short_number(goal),
                                "share",       "median error",
                                "worst error", "median seconds"};
  const bool bounded =
      std::any_of(summaries.begin(), summaries.end(), [&](const RecoverSummary& summary) {
        return summary.regime == regime && summary.error_over_bound > 0.0;
      });
  if (bounded) head.push_back("error^2 / bound");
  TextTable table(head);
  for (const RecoverSummary& summary : summaries) {
    if (summary.regime != regime) continue;
    std::vector<std::string> cells{std::to_string(summary.n),
                                   recovered_text(summary),
                                   short_number(summary.success_rate(), 3),
                                   short_number(summary.median_error, 3),
                                   short_number(summary.worst_error, 3),
                                   short_number(summary.median_seconds, 3)};
    if (bounded) cells.push_back(short_number(summary.error_over_bound, 4));
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace

std::vector<RecoverSummary> summaries_of(const std::vector<train::RecoverRow>& rows) {
  std::vector<RecoverSummary> summaries;
  for (const train::RecoverRow& row : rows) {
    const bool known = std::any_of(summaries.begin(), summaries.end(), [&](const auto& summary) {
      return summary.regime == row.regime && summary.n == row.n;
    });
    if (!known) summaries.push_back(summary_of(row.regime, row.n, rows));
  }
  return summaries;
}

base::Json summary_record(const RecoverSummary& summary, const train::RecoverOptions& options) {
  base::Json record = record_head("papilio.recover_summary", "recover");
  record["transform"] = options.transform;
  record["n"] = summary.n;
  record["from"] = summary.from;
  record["method"] = options.method;
  record["regime"] = summary.regime;
  record["dtype"] = name_of(options.dtype);
  record["goal"] = goal_of(options);
  record["seeds"] = summary.seeds;
  record["recovered"] = summary.recovered;
  record["success_rate"] = summary.success_rate();
  record["median_error"] = base::number_or_null(summary.median_error);
  record["worst_error"] = base::number_or_null(summary.worst_error);
  record["median_seconds"] = base::number_or_null(summary.median_seconds);
  record["error_over_bound"] = summary.error_over_bound > 0.0
                                   ? base::number_or_null(summary.error_over_bound)
                                   : base::Json(nullptr);
  return record;
}

std::string recovered_text(const RecoverSummary& summary) {
  return std::to_string(summary.recovered) + " of " + std::to_string(summary.seeds);
}

std::vector<std::string> regimes_of(const std::vector<train::RecoverRow>& rows) {
  std::vector<std::string> regimes;
  for (const train::RecoverRow& row : rows) {
    if (std::find(regimes.begin(), regimes.end(), row.regime) == regimes.end()) {
      regimes.push_back(row.regime);
    }
  }
  return regimes;
}

std::string recover_table(const std::vector<train::RecoverRow>& rows,
                          const train::RecoverOptions& options) {
  std::string text;
  const std::vector<RecoverSummary> summaries = summaries_of(rows);
  for (const std::string& regime : regimes_of(rows)) {
    std::vector<const train::RecoverRow*> same;
    for (const train::RecoverRow& row : rows) {
      if (row.regime == regime) same.push_back(&row);
    }
    text += table_of(same) + table_of(summaries, regime, goal_of(options));
  }
  return text;
}

base::Json recover_record(const train::RecoverRow& row, const train::RecoverOptions& options) {
  base::Json record = record_head("papilio.recover", "recover");
  record["transform"] = row.transform;
  record["n"] = row.n;
  record["from"] = row.from;
  record["method"] = row.method;
  record["seed"] = row.seed;
  record["relative_error"] = base::number_or_null(row.relative_error);
  record["seconds"] = base::number_or_null(row.seconds);
  record["error_of"] = row.error_of;
  record["regime"] = row.regime;
  record["recovered"] = row.recovered;
  record["goal"] = goal_of(options);
  record["dtype"] = name_of(options.dtype);
  record["device"] = options.device == "auto" ? "cpu" : options.device;
  record["radices"] = radices_of(options, row.n);
  record["pairs"] = row.pairs;
  record["held_out"] = row.held_out;
  record["polish_sweeps"] = row.polish_sweeps;
  record["bound"] = row.bound > 0.0 ? base::number_or_null(row.bound) : base::Json(nullptr);
  return record;
}

train::ModelFile recovered_model(const train::Recovery& recovery,
                                 const train::RecoverOptions& options) {
  train::ModelFile model = train::model_of(recovery.chain);
  const bool named = options.transform == "dft" || options.transform == "idft";
  for (train::ModelPart& part : model.parts) {
    part.network = in_twiddles(part.network, options);
    if (named) part.network.spec.norm = transform::Norm::backward;
    if (options.transform == "idft") part.network.spec.direction = Direction::inverse;
  }
  model.dtype = options.dtype;
  const train::RecoverRow& row = recovery.row;
  model.training = {
      {"verb", "recover"},
      {"transform", row.transform},
      {"from", row.from},
      {"method", row.method},
      {"seed", row.seed},
      {"regime", row.regime},
      {"pairs", row.pairs},
      {"relative_error", base::number_or_null(row.relative_error)},
      {"error_of", row.error_of},
      {"goal", goal_of(options)},
      {"max_steps", options.iterations < 0 ? base::Json(nullptr) : base::Json(options.iterations)},
      {"plain", !options.outer_structure}};
  return model;
}

}  // namespace papilio::app
