// One sweep in node order; the op table's space column says where a region ends.
#include "passes/fuse_regions.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace papilio::passes {
namespace {

bool starts_region(const ir::Node& node) {
  return ir::info_of(node.op).space == ir::Space::clip &&
         node.as<ir::ClampRangeAttrs>().over == ir::RangeMax::clip;
}

bool ends_region(const ir::Node& node) {
  const ir::Space space = ir::info_of(node.op).space;
  return space == ir::Space::fold || space == ir::Space::batch;
}

}  // namespace

ir::Graph fuse_regions(const ir::Graph& graph, const base::Target&) {
  std::vector<int> regions;
  for (const ir::Node& node : graph.nodes()) {
    int region = 0;
    for (const ir::NodeId input : node.inputs) {
      const int after = ends_region(graph.node(input)) ? 1 : 0;
      region = std::max(region, regions[static_cast<std::size_t>(input)] + after);
    }
    regions.push_back(region + (starts_region(node) ? 1 : 0));
  }
  return graph.with_regions(std::move(regions));
}

}  // namespace papilio::passes
