/// How many rows a device takes at once.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace papilio::app {

/// What the rows are for: transforms of n_fft samples, Welch PSDs of so many half-overlapped
/// segments, and the k strongest bins of them; no n_fft: not asked for.
struct BatchQuestion {
  std::int64_t n_fft = 0;
  std::int64_t segments = 2;
  std::int64_t k = 16;
};

/// Throws UserError for what no row can satisfy.
void check_batch(const BatchQuestion& question);

/// {n_fft, segments, k, devices: [{device, memory_bytes, works: [{work, samples, rows,
/// bytes_per_row}]} or {device, why}]}: float rows in the device's memory, at once. The largest
/// count for which samples, results and work memory fit into memory_bytes: half of what the host
/// has free, as --max-memory, and 15/16 of what a GPU has, whose driver rounds blocks up.
base::Json batch_report(const BatchQuestion& question, const std::vector<std::string>& gpus);

/// The same as rows of a table.
std::vector<std::pair<std::string, std::string>> batch_rows(const base::Json& report);

}  // namespace papilio::app
