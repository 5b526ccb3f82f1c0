// The page of recoveries: a channel for each regime, errors and seconds against n, every row.
#include <algorithm>
#include <map>

#include "base/json.h"
#include "page_parts.h"
#include "papilio/version.h"
#include "recover_output.h"
#include "report/page.h"
#include "report/reduce.h"
#include "tables.h"

namespace papilio::app {
namespace {

// Rows of a page's table: a study of hundreds of seeds keeps its figures in the curves.
constexpr std::size_t kMostRows = 2000;

// The largest value of each n.
report::Curve curve_of(const std::string& title, const std::string& label, const std::string& unit,
                       const std::map<double, double>& points) {
  report::Curve curve;
  curve.title = title;
  curve.x_label = "n";
  curve.x_unit = "";
  curve.y_label = label;
  curve.y_unit = unit;
  for (const auto& [n, value] : points) {
    curve.x.push_back(n);
    curve.y.push_back(value);
  }
  return report::reduce_curve(std::move(curve));
}

// The share of the seeds that were recovered, for each n.
report::Curve share_curve(const std::string& regime, const std::vector<RecoverSummary>& summaries,
                          double goal) {
  std::map<double, double> shares;
  for (const RecoverSummary& summary : summaries) {
    if (summary.regime != regime) continue;
    shares[static_cast<double>(summary.n)] = summary.success_rate();
  }
  report::Curve curve =
      curve_of("Share of the seeds within " + short_number(goal), "share", "", shares);
  curve.log_y = false;
  return curve;
}

report::Table summary_table(const std::vector<RecoverSummary>& summaries,
                            const std::vector<std::string>& regimes, double goal) {
  report::Table table{"Seeds",
                      {{"n"},
                       {"within " + short_number(goal)},
                       {"share"},
                       {"median error"},
                       {"worst error"},
                       {"median seconds"}},
                      {}};
  const bool bounded = std::any_of(summaries.begin(), summaries.end(),
                                   [](const auto& s) { return s.error_over_bound > 0.0; });
  if (bounded) table.columns.push_back({"error^2 / bound"});
  for (const RecoverSummary& s : summaries) {
    const auto channel = std::find(regimes.begin(), regimes.end(), s.regime) - regimes.begin();
    table.rows.push_back({static_cast<int>(channel),
                          {std::to_string(s.n), recovered_text(s),
                           short_number(s.success_rate(), 3), short_number(s.median_error, 3),
                           short_number(s.worst_error, 3), short_number(s.median_seconds, 3)}});
    if (bounded) table.rows.back().cells.push_back(short_number(s.error_over_bound, 4));
  }
  return table;
}

report::Channel channel_of(const std::string& regime, const std::vector<train::RecoverRow>& rows) {
  std::map<double, double> errors;
  std::map<double, double> seconds;
  for (const train::RecoverRow& row : rows) {
    if (row.regime != regime) continue;
    const auto n = static_cast<double>(row.n);
    errors[n] = std::max(errors[n], row.relative_error);
    seconds[n] = std::max(seconds[n], row.seconds);
  }
  report::Channel channel;
  channel.name = "given: " + regime;
  channel.curves.push_back(curve_of("Worst error of the seeds", "relative error", "", errors));
  channel.curves.push_back(curve_of("Longest time of the seeds", "time", "s", seconds));
  return channel;
}

report::TableRow line_of(const train::RecoverRow& row, int channel) {
  return {channel,
          {row.transform, std::to_string(row.n), row.from, row.method, std::to_string(row.seed),
           short_number(row.relative_error, 3), short_number(row.seconds, 3),
           row.recovered ? "yes" : "no"}};
}

}  // namespace

std::string recover_page(const std::vector<train::RecoverRow>& rows,
                         const train::RecoverOptions& options) {
  report::FeaturePage page;
  page.title = "Recovery of butterfly networks";
  page.input = rows.front().transform;
  page.subtitle = std::string("Papilio ") + build_info().version + " recover";
  page.facts = {{"Method", rows.front().method},
                {"Data", rows.front().from},
                {"Errors of", "the " + rows.front().error_of},
                {"Precision", name_of(options.dtype)},
                {"Recoveries", std::to_string(rows.size())}};
  report::Table table{"Recoveries",
                      {{"transform", false},
                       {"n"},
                       {"from", false},
                       {"method", false},
                       {"seed"},
                       {"relative error"},
                       {"seconds"},
                       {"recovered", false}},
                      {}};
  const std::vector<std::string> regimes = regimes_of(rows);
  const std::vector<RecoverSummary> summaries = summaries_of(rows);
  for (std::size_t i = 0; i < regimes.size(); ++i) {
    page.channels.push_back(channel_of(regimes[i], rows));
    page.channels.back().curves.push_back(share_curve(regimes[i], summaries, goal_of(options)));
    for (const train::RecoverRow& row : rows) {
      if (row.regime == regimes[i]) table.rows.push_back(line_of(row, static_cast<int>(i)));
    }
  }
  if (table.rows.size() > kMostRows) {
    table.rows.resize(kMostRows);
    page.notes.push_back("the table shows the first " + std::to_string(kMostRows) + " of " +
                         std::to_string(rows.size()) + " recoveries; --json gives all");
  }
  page.tables.push_back(summary_table(summaries, regimes, goal_of(options)));
  page.tables.push_back(std::move(table));
  page.definition = base::dump(recover_record(rows.front(), options), 2);
  page.machine = machine_of("one core", {});
  return report::render(page);
}

}  // namespace papilio::app
