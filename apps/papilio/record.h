/// From a feature to what files hold: named arrays and the record of how they came about.
#pragma once

#include <string>

#include "base/json.h"
#include "feature_command.h"
#include "io/result.h"

namespace papilio::app {

/// Borrows the outcome's memory. With --db its powers are turned into a copy in decibels.
io::Result feature_record(const FeatureCommand& command, const FeatureOutcome& outcome);

/// What every record starts with: schema and its version, Papilio, verb.
base::Json record_head(const std::string& schema, const std::string& verb);
/// The same of a feature, then input and its facts.
base::Json record_head(const std::string& verb, const io::SignalInfo& info);
/// Device and instruction set of a strategy such as "cpu avx512".
void add_device(base::Json& meta, const std::string& strategy);
/// The time, where --stamp asks for it.
void add_stamp(base::Json& meta, bool stamp);

/// Leading axes of the input, then `rest`.
std::vector<std::int64_t> shape_after_rows(const io::SignalInfo& info,
                                           const std::vector<std::int64_t>& rest);

/// Index in the file of a sample that was read; after resampling, in what was read.
std::int64_t sample_in_file(const io::SignalInfo& info, std::int64_t sample);

/// "V^2/Hz", "V^2" or "": the unit of powers in this scaling; "unit" stands for an unnamed one.
std::string power_unit(const WelchOptions& welch, const std::string& units);

/// "nonfinite:17", "nonfinite:17 skipped:3", "overflow" or "".
std::string flag_text(const io::SignalInfo& info, const runtime::RowStatus& status);

}  // namespace papilio::app
