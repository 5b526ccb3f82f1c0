/// Networks and chains as nodes of a graph, whose numbers are nodes too: parameters for training,
/// constants for a model that is only run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "transform/chain.h"
#include "transform/network.h"
#include "transform/parameters.h"

namespace papilio::transform {

/// One node per tensor, in the order of get_parameters. A caller that trains only some of them
/// takes the params of those and the constants of the others.
using ParameterNodes = std::vector<ir::NodeId>;

/// Params [count], complex where the tensors are, of their names.
ParameterNodes make_params(ir::GraphBuilder& builder, const std::vector<Parameter>& parameters);

/// The tensors' values.
ParameterNodes make_constants(ir::GraphBuilder& builder, const std::vector<Parameter>& parameters);

/// The network times x [.., n]; a real x of a complex network counts as complex numbers. A
/// real-input network takes a real x and gives n/2 + 1 bins. The result is complex.
///
/// Of `structure` the spec, the permutation and the presence of gates matter; its numbers are those
/// of the nodes, so that several networks follow one another (encoder, decoder) by several calls.
///
/// Throws UserError for an invalid structure, InternalError for nodes that do not fit it.
ir::NodeId add_network(ir::GraphBuilder& builder, const Network& structure,
                       std::span<const ir::NodeId> parameters, ir::NodeId x);

/// All factors of the chain on x [.., n]; a real-input network takes the real part of a complex x.
/// The result is complex: a real part has zeros beside it.
ir::NodeId add_chain(ir::GraphBuilder& builder, const Chain& structure,
                     std::span<const ir::NodeId> parameters, ir::NodeId x);

}  // namespace papilio::transform
