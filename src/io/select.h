/// Channels, mono, start and duration, scale and units of a signal, as a reader on a reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/signal.h"

namespace papilio::io {

/// What of a signal is used; every field has the name of its flag.
struct Selection {
  /// "0,2-4" or names; "" is all.
  std::string channels;
  /// Mean of the selected channels, formed in double.
  bool mono = false;
  /// Seconds; need a rate. A duration beyond the end stops at the end.
  std::optional<double> start;
  std::optional<double> duration;
  /// Replaces the rate of the source.
  std::optional<double> fs;
  double scale = 1.0;
  std::string units;
};

/// Rows named by a list such as "0,2-4,left" (0-based numbers, ranges, names), in its order.
std::vector<std::int64_t> parse_channels(const std::string& list, const SignalInfo& info);

/// A reader of the selected part of `source`.
ReaderPtr select(ReaderPtr source, const Selection& selection);

}  // namespace papilio::io
