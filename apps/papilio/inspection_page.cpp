// The page of a model: a channel for all stages, one for the error by bin, and one for each stage.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "inspection.h"
#include "page_parts.h"
#include "papilio/version.h"
#include "report/page.h"
#include "report/reduce.h"
#include "tables.h"
#include "train/model_words.h"

namespace papilio::app {
namespace {

report::Curve curve_of(const std::string& title, const std::string& x_label,
                       const std::string& y_label, const std::string& y_unit,
                       std::vector<double> values) {
  report::Curve curve;
  curve.title = title;
  curve.x_label = x_label;
  curve.x_unit = "";
  curve.y_label = y_label;
  curve.y_unit = y_unit;
  curve.log_y = false;
  for (std::size_t i = 0; i < values.size(); ++i) curve.x.push_back(static_cast<double>(i));
  curve.y = std::move(values);
  return report::reduce_curve(std::move(curve));
}

report::Channel stage_channel(const train::ModelPart& part, const train::StageStats& stats) {
  report::Channel channel;
  channel.name = (part.name.empty() ? "" : part.name + " ") + "stage " +
                 std::to_string(stats.stage) + ", radix " + std::to_string(stats.radix);
  const transform::Stage& stage = part.network.stages[static_cast<std::size_t>(stats.stage)];
  std::vector<double> moduli;
  std::vector<double> phases;
  for (const auto w : stage.parameters) {
    moduli.push_back(std::abs(w));
    phases.push_back(std::arg(w));
  }
  channel.curves.push_back(curve_of("Modulus", "parameter", "|w|", "", std::move(moduli)));
  channel.curves.push_back(curve_of("Phase", "parameter", "phase", "rad", std::move(phases)));
  if (!stage.gates.empty()) {
    channel.curves.push_back(curve_of("Gates", "block", "gate", "", stage.gates));
  }
  return channel;
}

// One figure of every number of a network: a row for each stage, short ones filled up with gaps.
report::Heatmap stage_map(const train::ModelPart& part, const std::string& title,
                          const std::string& label, const std::string& unit,
                          double (*figure)(const transform::Complex& w)) {
  const auto& stages = part.network.stages;
  std::size_t longest = 0;
  for (const auto& stage : stages) longest = std::max(longest, stage.parameters.size());
  report::HeatmapReducer reducer(stages.size(), longest);
  std::vector<double> column(stages.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (std::size_t s = 0; s < stages.size(); ++s) {
      const auto& numbers = stages[s].parameters;
      column[s] =
          i < numbers.size() ? figure(numbers[i]) : std::numeric_limits<double>::quiet_NaN();
    }
    reducer.push(std::span<const double>(column));
  }
  std::vector<double> edges(stages.size() + 1);
  std::iota(edges.begin(), edges.end(), 0.0);
  report::Heatmap map = reducer.finish(std::span(edges).first(stages.size()), 0.5, 1.0);
  map.title = title;
  map.value_label = label;
  map.value_unit = unit;
  map.x_label = "parameter";
  map.y_label = "stage";
  map.bands = true;
  map.edges = std::move(edges);
  return map;
}

report::Channel map_channel(const train::ModelPart& part) {
  report::Channel channel;
  channel.name = (part.name.empty() ? "" : part.name + " ") + "all stages";
  channel.heatmaps.push_back(
      stage_map(part, "Modulus by stage", "|w|", "", [](const auto& w) { return std::abs(w); }));
  channel.heatmaps.push_back(
      stage_map(part, "Phase by stage", "phase", "rad", [](const auto& w) { return std::arg(w); }));
  return channel;
}

// ||row of A' - A|| / ||row of A||; NaN for a row of zeros.
std::vector<double> row_errors(const transform::Matrix& got, const transform::Matrix& wanted) {
  std::vector<double> errors;
  for (std::int64_t k = 0; k < wanted.rows; ++k) {
    double difference = 0.0;
    double power = 0.0;
    for (std::int64_t t = 0; t < wanted.columns; ++t) {
      difference += std::norm(got.at(k, t) - wanted.at(k, t));
      power += std::norm(wanted.at(k, t));
    }
    errors.push_back(std::sqrt(difference / power));
  }
  return errors;
}

report::Channel error_channel(const Inspection& found) {
  const transform::Matrix wanted = model_matrix(exact_model(found.model, found.target));
  report::Curve curve = curve_of("Error by bin", "bin", "relative error of the matrix's row", "",
                                 row_errors(model_matrix(found.model), wanted));
  curve.log_y = true;
  report::Channel channel;
  channel.name = "error by bin";
  channel.curves.push_back(std::move(curve));
  return channel;
}

report::Table table_of(const Inspection& found) {
  report::Table table{"Stages",
                      {{"part", false},
                       {"stage"},
                       {"radix"},
                       {"blocks"},
                       {"|w| min"},
                       {"|w| mean"},
                       {"|w| max"},
                       {"phase mean"},
                       {"phase std"},
                       {"drift"},
                       {"condition"},
                       {"worst block"}},
                      {}};
  for (std::size_t i = 0; i < found.stages.size(); ++i) {
    for (const train::StageStats& s : found.stages[i]) {
      table.rows.push_back(
          {-1,
           {found.model.parts[i].name, std::to_string(s.stage), std::to_string(s.radix),
            std::to_string(s.blocks), short_number(s.modulus.min), short_number(s.modulus.mean),
            short_number(s.modulus.max), short_number(s.phase.mean), short_number(s.phase.std),
            s.drift ? short_number(*s.drift) : "-", short_number(s.condition),
            std::to_string(s.worst_block)}});
    }
  }
  return table;
}

}  // namespace

std::string inspection_page(const ModelCommand& command, const Inspection& found) {
  report::FeaturePage page;
  page.title = "Butterfly network";
  page.input = command.path;
  page.subtitle = std::string("Papilio ") + build_info().version + " inspect";
  page.facts = {{"Model", kind_text(found.model)}, {"Error", error_text(found)}};
  for (const train::ModelPart& part : found.model.parts) {
    page.facts.push_back({part.name.empty() ? "Network" : part.name, part_text(part)});
  }
  for (const train::ModelPart& part : found.model.parts) {
    page.channels.push_back(map_channel(part));
  }
  if (found.error && found.error->probes == 0) page.channels.push_back(error_channel(found));
  for (std::size_t i = 0; i < found.stages.size(); ++i) {
    for (const train::StageStats& stats : found.stages[i]) {
      if (page.channels.size() == report::kPageChannels) break;
      page.channels.push_back(stage_channel(found.model.parts[i], stats));
    }
  }
  page.tables.push_back(table_of(found));
  page.definition = base::dump(inspection_record(command, found), 2);
  page.machine = machine_of("reference arithmetic in double", {});
  return report::render(page);
}

}  // namespace papilio::app
