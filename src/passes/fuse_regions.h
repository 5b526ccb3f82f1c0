/// Decides which nodes run together while their tile stays in the cache.
#pragma once

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// Numbers the regions: sources are in region 0; a node is in the highest region of its inputs, and
/// in the next one after a `fold` or `batch` (its result is complete only when all frames of the
/// row, or all rows, have passed) or when it is a clamp to the maximum of a whole clip itself. A
/// `split` (frame) runs with its readers.
///
/// Needs: runs last; other passes drop the numbers. Guarantees: no region depends on a later one.
ir::Graph fuse_regions(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
