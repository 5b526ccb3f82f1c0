/// What papilio recover gives out: rows as text and JSON Lines, and the model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "train/model_file.h"
#include "train/recover.h"

namespace papilio::app {

/// What became of the seeds of one regime and n.
struct RecoverSummary {
  std::string regime;
  std::string from;
  std::int64_t n = 0;
  std::int64_t seeds = 0;
  std::int64_t recovered = 0;
  double median_error = 0.0;
  double worst_error = 0.0;
  double median_seconds = 0.0;
  /// Noisy pairs of one network: mean of relative_error^2 over that of the Cramer-Rao bound; 0:
  /// none.
  double error_over_bound = 0.0;

  double success_rate() const {
    return static_cast<double>(recovered) / static_cast<double>(seeds);
  }
};

/// One for each regime and n, in the order of their first rows.
std::vector<RecoverSummary> summaries_of(const std::vector<train::RecoverRow>& rows);

/// One object a summary, of the schema papilio.recover_summary.
base::Json summary_record(const RecoverSummary& summary, const train::RecoverOptions& options);

/// "7 of 10".
std::string recovered_text(const RecoverSummary& summary);

/// One table of rows for each regime, in the order of their first rows, and one of the seeds of
/// each n.
std::string recover_table(const std::vector<train::RecoverRow>& rows,
                          const train::RecoverOptions& options);

/// Each regime once, in the order of the rows.
std::vector<std::string> regimes_of(const std::vector<train::RecoverRow>& rows);

/// A page with a channel for each regime; there must be a row.
std::string recover_page(const std::vector<train::RecoverRow>& rows,
                         const train::RecoverOptions& options);

/// One object a row.
base::Json recover_record(const train::RecoverRow& row, const train::RecoverOptions& options);

/// The file's contents: twiddles where the blocks found have such a form and options.form asks for
/// it, the row as training summary.
train::ModelFile recovered_model(const train::Recovery& recovery,
                                 const train::RecoverOptions& options);

}  // namespace papilio::app
