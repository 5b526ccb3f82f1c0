/// What the pages of all verbs have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/signal.h"
#include "papilio/execution.h"
#include "report/page.h"

namespace papilio::app {

/// Rows that a page shows.
std::int64_t shown_rows(const io::SignalInfo& info);

/// Positions of frequencies in FFT order, in ascending order.
std::vector<std::size_t> ascending(const std::vector<double>& frequencies);

/// Papilio, how it was built and what it ran on.
std::vector<report::Entry> machine_of(const std::string& strategy, const Execution& execution);

}  // namespace papilio::app
