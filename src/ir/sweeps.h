/// When the values of a graph with shared values (params, sums over all rows) can be computed:
/// sweeps over the rows, and between them what belongs to no row.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace papilio::ir {

/// First the shared nodes, then one sweep over all rows, in which values of rows are computed as
/// often as sweeps need them and sums are gathered.
struct Sweep {
  std::vector<NodeId> shared;        ///< in order; before the sweep
  std::vector<NodeId> steps;         ///< values of rows, and sums
  std::vector<NodeId> sums;          ///< over the rows, ready when the sweep is done
  std::vector<std::size_t> outputs;  ///< results of rows that this sweep gives
};

/// By node: whether each row has a value of its own. What is spread from a shared value is the same
/// in all rows, but for frames.
std::vector<bool> differ_by_row(const Graph& graph);

/// A sum over the rows; of what rows share it is computed like any other shared value.
bool sums_rows(const Graph& graph, const std::vector<bool>& by_row, NodeId id);

/// `operands` tells what the computation of a node reads.
std::vector<Sweep> cut_into_sweeps(const Graph& graph, const std::vector<bool>& by_row,
                                   const std::function<std::span<const NodeId>(NodeId)>& operands);

}  // namespace papilio::ir
