/// CSV tables of numbers: every column is a row of the signal; values are f64.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/open.h"
#include "io/signal.h"

namespace papilio::io {

/// A parsed table. Held in memory as f64, whole: CSV is the one input that is not chunked.
struct CsvTable {
  /// One per data column.
  std::vector<std::string> names;
  /// Line-major: values[line * names.size() + column].
  std::vector<double> values;
  std::int64_t lines = 0;
  /// From a `time`, `t` or `time_s` column, which is not among the data.
  std::optional<double> fs;
};

/// Throws UserError with line and column for whatever is not a rectangular table of numbers.
CsvTable parse_csv(std::string_view text, const std::string& name, char delimiter);

ReaderPtr open_csv(const std::string& path, const OpenOptions& options);

}  // namespace papilio::io
