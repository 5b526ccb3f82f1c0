// Curves of GFLOP/s, one channel per work and contender.
#include "bench_page.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "outcome_text.h"
#include "page_parts.h"
#include "report/page.h"
#include "tables.h"

namespace papilio::app {
namespace {

using Outcomes = std::vector<const bench::Outcome*>;

// "64 rows, 2 segments, k 16": what stays the same along a curve over n.
std::string sizes_text(const bench::Cell& cell, bool with_n) {
  std::string text = with_n ? "n " + std::to_string(cell.n) : std::to_string(cell.batch) + " rows";
  if (cell.segments > 0) text += ", " + std::to_string(cell.segments) + " segments";
  if (cell.k > 0) text += ", k " + std::to_string(cell.k);
  return text;
}

report::Curve curve_of(std::string title, const std::map<double, double>& points, bool over_n) {
  report::Curve curve;
  curve.title = std::move(title);
  curve.y_label = "speed";
  curve.y_unit = "GFLOP/s";
  curve.x_label = over_n ? "n" : "rows";
  curve.x_unit = over_n ? "samples" : "rows";
  curve.log_y = false;
  for (const auto& [x, y] : points) {
    curve.x.push_back(x);
    curve.y.push_back(y);
  }
  return curve;
}

// One curve over n for each batch that has several lengths; where every length has a batch of its
// own (fft's usual grid), one curve over all of them.
void add_curves(const Outcomes& outcomes, report::Channel& channel) {
  std::map<std::string, std::map<double, double>> over_n;
  std::map<std::string, std::map<double, double>> over_rows;
  std::map<double, double> usual;
  for (const bench::Outcome* outcome : outcomes) {
    const bench::Cell& cell = outcome->cell;
    const double speed = bench::gflops(*outcome);
    over_n[sizes_text(cell, false)][static_cast<double>(cell.n)] = speed;
    over_rows[sizes_text(cell, true)][static_cast<double>(cell.batch)] = speed;
    double& best = usual[static_cast<double>(cell.n)];
    best = std::max(best, speed);
  }
  const auto several = [](const auto& entry) { return entry.second.size() > 1; };
  if (usual.size() > 1 && std::none_of(over_n.begin(), over_n.end(), several)) {
    channel.curves.push_back(curve_of("Speed against n", usual, true));
  }
  for (const auto& [sizes, points] : over_n) {
    if (points.size() > 1) {
      channel.curves.push_back(curve_of("Speed against n, " + sizes, points, true));
    }
  }
  for (const auto& [sizes, points] : over_rows) {
    if (points.size() > 1) {
      channel.curves.push_back(curve_of("Speed against rows, " + sizes, points, false));
    }
  }
}

std::string channel_name(const bench::Outcome& outcome) {
  return outcome.cell.work + " " + outcome.contender + outcome.variant;
}

report::Table table_of(const std::vector<bench::Outcome>& outcomes,
                       const std::vector<std::string>& channels) {
  report::Table table{
      "Medians", {{"name", false}, {"ns a row"}, {"p10"}, {"p90"}, {"GFLOP/s"}, {"GB/s"}}, {}};
  for (const bench::Outcome& outcome : outcomes) {
    if (outcome.failed()) continue;
    const auto at = std::find(channels.begin(), channels.end(), channel_name(outcome));
    table.rows.push_back(
        {static_cast<int>(at - channels.begin()),
         {outcome.name(), short_number(outcome.timing.median), short_number(outcome.timing.p10),
          short_number(outcome.timing.p90), short_number(bench::gflops(outcome)),
          short_number(bench::gigabytes(outcome))}});
  }
  return table;
}

}  // namespace

std::string bench_page(const std::string& question, const std::vector<bench::Outcome>& outcomes,
                       const std::string& device) {
  const base::Json machine = bench::machine_record(device);
  const auto text = [&](const char* key) { return machine.at(key).get<std::string>(); };
  report::FeaturePage page;
  page.title = "Speed of " + question;
  const bool gpu = machine.contains("gpu");
  page.input = gpu ? machine.at("gpu").at("name").get<std::string>() : text("cpu");
  page.subtitle = text("library_version") + " bench " + question;
  page.facts = {{"Date", text("date")}, {"Results", std::to_string(outcomes.size())}};
  std::vector<std::string> names;
  std::map<std::string, Outcomes> groups;
  for (const bench::Outcome& outcome : outcomes) {
    if (outcome.failed()) {
      page.notes.push_back(outcome.name() + ": " + outcome.failure);
      continue;
    }
    Outcomes& group = groups[channel_name(outcome)];
    if (group.empty()) names.push_back(channel_name(outcome));
    group.push_back(&outcome);
  }
  if (names.size() > report::kPageChannels) names.resize(report::kPageChannels);
  for (const std::string& name : names) {
    report::Channel channel;
    channel.name = name;
    add_curves(groups[name], channel);
    page.channels.push_back(std::move(channel));
  }
  page.tables.push_back(table_of(outcomes, names));
  page.definition = base::dump(machine, 2);
  page.machine = machine_of(gpu ? device : "cpu " + text("isa"), {});
  return report::render(page);
}

}  // namespace papilio::app
