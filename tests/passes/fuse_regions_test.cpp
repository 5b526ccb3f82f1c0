// Where one region ends and the next begins.
#include "passes/fuse_regions.h"

#include <gtest/gtest.h>

#include "ir/verify.h"
#include "passes/graphs.h"

namespace papilio::passes {
namespace {

std::vector<int> regions_of(const Graph& graph) {
  const Graph fused = fuse_regions(graph, {});
  EXPECT_NO_THROW(ir::verify(fused));
  return {fused.regions().begin(), fused.regions().end()};
}

TEST(FuseRegions, FramesAndWhatReadsThemAreOneRegion) {
  EXPECT_EQ(regions_of(graph_of([](auto& b) { return b.add(OpKind::Power, {rfft8(b)}); })),
            (std::vector<int>{0, 0, 0, 0}));
}

TEST(FuseRegions, AFoldEndsItsRegion) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId mean = b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {rfft8(b)})});
    return b.add(OpKind::Log, {mean}, ir::LogAttrs{});
  });
  EXPECT_EQ(regions_of(graph), (std::vector<int>{0, 0, 0, 0, 0, 1}));
}

TEST(FuseRegions, ASumOverItemsEndsItsRegion) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId sum = b.add(OpKind::SumItems, {frames8(b)}, ir::SumAttrs{});
    return b.add(OpKind::SumElements, {sum}, ir::SumAttrs{});
  });
  EXPECT_EQ(regions_of(graph), (std::vector<int>{0, 0, 0, 1}));
}

Graph clamped(ir::RangeMax over) {
  return graph_of([&](auto& b) {
    const NodeId clamp =
        b.add(OpKind::ClampRange, {frames8(b)}, ir::ClampRangeAttrs{1.0, over, 0.0});
    return b.add(OpKind::Affine, {clamp}, ir::AffineAttrs{2.0, 0.0});
  });
}

TEST(FuseRegions, AClampToTheMaximumOfAClipStartsOne) {
  EXPECT_EQ(regions_of(clamped(ir::RangeMax::clip)), (std::vector<int>{0, 0, 1, 1}));
}

TEST(FuseRegions, AClampInsideAFrameDoesNot) {
  EXPECT_EQ(regions_of(clamped(ir::RangeMax::frame)), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_EQ(regions_of(clamped(ir::RangeMax::fixed)), (std::vector<int>{0, 0, 0, 0}));
}

TEST(FuseRegions, ANodeIsInTheHighestRegionOfItsInputs) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId power = b.add(OpKind::Power, {rfft8(b)});
    const NodeId mean = b.add(OpKind::MeanFrames, {power});
    const NodeId constant = b.constant({1, 2, 3, 4, 5});
    return b.add(OpKind::Mul, {mean, constant});
  });
  EXPECT_EQ(regions_of(graph), (std::vector<int>{0, 0, 0, 0, 0, 0, 1}));
}

}  // namespace
}  // namespace papilio::passes
