/// What papilio inspect finds out about a model, as a record and as a page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model_command.h"
#include "train/model_stats.h"

namespace papilio::app {

struct Inspection {
  train::ModelFile model;
  std::vector<std::vector<train::StageStats>> stages;  ///< of each part
  std::string target;                                  ///< "": there is none to compare with
  std::optional<train::MatrixError> error;
};

/// Loads and examines the file.
Inspection inspect(const ModelCommand& command);

base::Json inspection_record(const ModelCommand& command, const Inspection& found);

/// Heatmaps of |w| and phase by stage and parameter, their curves for each stage, of the error by
/// bin up to n = 2048, and the figures.
std::string inspection_page(const ModelCommand& command, const Inspection& found);

/// "network, n = 400, f64, written by Papilio 0.1.0".
std::string kind_text(const train::ModelFile& model);

/// "relative error of the matrix against the exact dft 1.2e-07".
std::string error_text(const Inspection& found);

}  // namespace papilio::app
