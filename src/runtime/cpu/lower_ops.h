/// One lowering per op that works inside an item: which kernel, which tables.
#pragma once

#include <span>

#include "ir/graph.h"
#include "runtime/cpu/tile_program.h"

namespace papilio::runtime::cpu {

/// What a lowering rule may use.
template <typename T>
struct OpContext {
  const ir::Graph& graph;
  const ir::Node& node;
  std::span<const Value> inputs;  ///< of the node's inputs (constants: empty values)
  Value output;                   ///< already allocated; may share the first input's slots
  kernels::Isa isa;
  SlotAllocator& slots;  ///< for scratch, given back when the step list of the op is done
  std::vector<Step<T>>& steps;
  int input_stored = -1;  ///< stored value of the first input, if it is one
  std::vector<T> window;  ///< detrend: one factor per element that follows it, or none
};

/// Appends the steps of context.node.
template <typename T>
void lower_op(OpContext<T>& context);

/// Values of the constant at `id` in the compute type (complex: re, im interleaved).
template <typename T>
std::vector<T> table_of(const ir::Graph& graph, ir::NodeId id);

}  // namespace papilio::runtime::cpu
