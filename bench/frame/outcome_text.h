/// What a bench tells: the table on standard output and the JSON of Google Benchmark's schema.
#pragma once

#include <span>
#include <string>

#include "base/json.h"
#include "race.h"

namespace papilio::bench {

/// Processor, caches, ISA, compiler, version, and the GPU if the device is one: the record that
/// every result carries.
base::Json machine_record(const std::string& device = "cpu");

/// `{"context": ..., "benchmarks": [...]}`, which Google Benchmark's compare.py reads: real_time is
/// the median of a row in ns, p10 and p90, GFLOP/s, GB/s and the error are counters.
base::Json to_json(std::span<const Outcome> outcomes, const std::string& device = "cpu");

/// One line per outcome under each other, failures at the end.
std::string to_table(std::span<const Outcome> outcomes);

/// GFLOP/s by 5 n log2 n per complex transform and 2.5 n log2 n per real one.
double gflops(const Outcome& outcome);
/// GB/s against the least traffic.
double gigabytes(const Outcome& outcome);

}  // namespace papilio::bench
