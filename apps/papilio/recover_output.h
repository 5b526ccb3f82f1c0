/// What papilio recover gives out: rows as text and JSON Lines, and the model.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "train/model_file.h"
#include "train/recover.h"

namespace papilio::app {

/// One table for each regime, in the order of their first rows, with how many rows were recovered.
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
