/// Rows that a model is tested on, and the errors found on them.
#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "flags.h"
#include "tables.h"

namespace papilio::app {

struct TestRows {
  std::string data;  ///< path of a recording; "": noise
  std::int64_t seed = 0;
  std::int64_t rows = 256;  ///< of noise, or windows at most

  /// "256 rows of noise, seed 0".
  std::string text(std::size_t count) const;
  /// Adds data, seed and rows to a record.
  void note(std::size_t count, base::Json& record) const;
};

/// --data, --seed, --rows.
void add_test_row_flags(Flags& flags, TestRows& options);

/// Throws UsageError.
void check_test_rows(const Flags& flags, const TestRows& options);

/// Calls take(rows) for stacks [count, n] of all rows. Noise is of unit variance, from random
/// numbers that no training and no recovery draws. Throws UserError, tagged with the verb, for a
/// recording that is too short, silent, or complex where rows are to be `real`.
void for_test_rows(const std::string& verb, const TestRows& options, std::int64_t n, bool real,
                   bool quiet,
                   const std::function<void(std::span<const std::complex<double>>)>& take);

/// Relative errors of rows in ascending order, without those that have none (NaN).
std::vector<double> known_errors(std::vector<double> errors);

/// Mean, median and maximum of known_errors; NaN becomes null.
base::Json spread_json(const std::vector<double>& known);
/// "median M, mean M, worst M".
std::string spread_text(const std::vector<double>& known);

/// The places with the largest errors, worst first: a table with the headings "worst NAME" and
/// "relative error".
TextTable worst_places(const std::string& name, const std::vector<double>& errors);

}  // namespace papilio::app
