/// Flags that every verb with an INPUT has: how it is read, where the result goes, what runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "flags.h"
#include "io/open.h"
#include "io/result.h"
#include "papilio/definition.h"
#include "papilio/execution.h"

namespace papilio::app {

struct CommonOptions {
  std::string input;
  io::InputOptions in;
  bool scale_given = false;
  std::optional<Nonfinite> nonfinite;
  std::optional<DType> dtype;
  Execution execution;
  std::string output;  ///< "": none, "-": standard output
  std::optional<std::string> kind;
  std::string html;  ///< "": none
  bool json = false;
  bool stamp = false;
  bool quiet = false;

  /// Whether the readable table goes to standard output.
  bool wants_table() const;
};

void add_common_flags(Flags& flags, CommonOptions& options);

/// --device alone.
void add_device_flag(Flags& flags, std::string& device);

/// --device and --threads, for verbs without an INPUT.
void add_device_flags(Flags& flags, std::string& device, int& threads);

/// What the flags alone can tell about input and outputs, before any work: UsageError for
/// contradictions, UserError for outputs that cannot be written. Returns the kind of --output.
std::optional<io::Kind> check_common(const Flags& flags, const CommonOptions& options);

/// Throws UsageError for flags that mean nothing to a reader of this kind.
void check_reader_flags(const Flags& flags, const io::SignalInfo& info);

}  // namespace papilio::app
