/// The reference device: runs a graph node by node in double precision.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"
#include "reference/tensor.h"

namespace papilio::reference {

/// The named outputs of `graph`, in their order. `inputs` are the rows [rows, samples] of its Input
/// nodes and the values of its Param nodes, both in the order of the nodes. Throws InternalError
/// when they do not fit the graph.
std::vector<Tensor> interpret(const ir::Graph& graph, std::span<const Tensor> inputs);

/// The value of a node all of whose inputs are constants of known value.
Tensor evaluate_constant(const ir::Node& node, std::span<const Tensor> inputs);

/// The value of a Const node.
Tensor value_of_constant(const ir::ConstAttrs& attrs);

}  // namespace papilio::reference
