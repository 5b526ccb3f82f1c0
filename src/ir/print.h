/// Text of graphs: for people, for PAPILIO_TRACE=passes, and as the key of hash-consing.
#pragma once

#include <string>

#include "ir/graph.h"

namespace papilio::ir {

/// Attributes as `{length=256 hop=128}`; equal text means equal attributes.
std::string to_text(const Attrs& attrs);

/// `%3 = mul(%1, %2) : f32[rows, frames(256/128), sample 256]`
std::string to_text(const Graph& graph, NodeId id);

/// All nodes, one a line, then the outputs.
std::string to_text(const Graph& graph);

}  // namespace papilio::ir
