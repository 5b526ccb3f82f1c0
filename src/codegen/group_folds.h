/// Which graphs may be given their rows in parts.
#pragma once

#include "ir/graph.h"

namespace papilio::codegen {

/// Whether rows need nothing of their samples but sums and maxima over groups of kGroupFrames
/// frames, so that a row may come in parts: no frame is an output or kept, none is padded.
bool folds_groups(const ir::Graph& graph);

}  // namespace papilio::codegen
