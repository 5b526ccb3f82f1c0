/// When the nodes of a graph with shared values are computed, and where their values lie.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"
#include "ir/sweeps.h"
#include "runtime/cpu/batch_fusion.h"

namespace papilio::runtime::cpu {

/// How one node's values lie.
struct BatchValue {
  bool per_row = false;  ///< else shared: no rows, or the same in all: computed once
  bool complex = false;
  std::int64_t length = 0;  ///< elements of the last axis
  std::int64_t items = 1;   ///< of a row (its frames), or of a shared value

  /// Values of T of an item.
  std::int64_t width() const { return complex ? 2 * length : length; }
  /// And of a row, or of all of a shared value.
  std::int64_t row_width() const { return items * width(); }
};

struct BatchSweep : ir::Sweep {
  std::vector<std::int64_t> slots;  ///< by node: T before it in a block of one row; -1: not there
};

struct BatchSchedule {
  std::vector<BatchValue> values;  ///< by node
  std::vector<FusedNode> nodes;    ///< what their steps read
  std::vector<BatchSweep> sweeps;
  std::int64_t samples = 0;     ///< of every row
  std::int64_t row_values = 0;  ///< T of a block of one row: what all slots take
};

/// Throws UserError where rows have no fixed length.
BatchSchedule schedule_batch(const ir::Graph& graph);

}  // namespace papilio::runtime::cpu
