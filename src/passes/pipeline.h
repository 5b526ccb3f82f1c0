/// The ordered table of passes and the loop that runs it.
#pragma once

#include <span>
#include <string_view>

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

struct Pass {
  std::string_view name;
  ir::Graph (*run)(const ir::Graph& graph, const base::Target& target);
  /// Whether the pass applies at all.
  bool (*when)(const ir::Graph& graph, const base::Target& target);
};

/// All passes in the order in which they run.
std::span<const Pass> all_passes();

/// Verifies, then runs every pass that applies, verifying after each. With `passes` in the list
/// PAPILIO_TRACE each pass's result goes to stderr, or `unchanged`, with its time in microseconds.
/// Throws InternalError naming the pass that broke a rule or touched the named outputs.
ir::Graph run_passes(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
