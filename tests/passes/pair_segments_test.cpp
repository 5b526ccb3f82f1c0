// Mean powers of real frames are paired, and only those that nothing else reads.
#include "passes/pair_segments.h"

#include <gtest/gtest.h>

#include "passes/dead_code.h"
#include "passes/graphs.h"

namespace papilio::passes {
namespace {

Graph paired(const Graph& graph) { return dead_code(pair_segments(graph, {}), {}); }

TEST(PairSegments, MeanOfPowersBecomesOneOp) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId spectrum = b.add(OpKind::Rfft, {frames8(b)}, ir::FftAttrs{8, 1.0});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
  });
  EXPECT_EQ(ir::to_text(paired(graph)), text_of([](auto& b) {
              return b.add(OpKind::PairedMeanPower, {frames8(b)}, ir::FftAttrs{8, 1.0});
            }));
}

TEST(PairSegments, NotWhenTheTransformIsScaledOrItsFramesAreMixed) {
  const auto untouched = [](auto&& spectrum_of) {
    const Graph graph = graph_of([&](auto& b) {
      return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum_of(b)})});
    });
    EXPECT_EQ(ir::to_text(paired(graph)), ir::to_text(graph));
  };
  untouched([](auto& b) { return b.add(OpKind::Rfft, {frames8(b)}, ir::FftAttrs{8, 0.5}); });
  untouched([](auto& b) {
    const NodeId square = b.add(OpKind::Mul, {frames8(b), frames8(b)});
    return b.add(OpKind::Rfft, {square}, ir::FftAttrs{8, 1.0});
  });
  untouched([](auto& b) {
    const NodeId raised = b.add(OpKind::Affine, {frames8(b)}, ir::AffineAttrs{1.0, 2.0});
    return b.add(OpKind::Rfft, {raised}, ir::FftAttrs{8, 1.0});
  });
}

TEST(PairSegments, FramesJoinedAndSummedStayApart) {
  const auto joined = [](auto& b) {
    const NodeId tail = b.add(OpKind::Slice, {frames8(b)}, ir::SliceAttrs{4, 8});
    const NodeId head = b.add(OpKind::Slice, {frames8(b)}, ir::SliceAttrs{0, 4});
    return b.add(OpKind::Concat, {tail, head});
  };
  const Graph graph = graph_of([&](auto& b) {
    const NodeId spectrum = b.add(OpKind::Rfft, {joined(b)}, ir::FftAttrs{8, 1.0});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
  });
  EXPECT_EQ(ir::to_text(paired(graph)), text_of([&](auto& b) {
              return b.add(OpKind::PairedMeanPower, {joined(b)}, ir::FftAttrs{8, 1.0});
            }));
}

TEST(PairSegments, EachNodeIsLookedAtOnce) {
  // A sum of a value with itself, 64 times over, has 2^64 paths to the frames.
  const Graph graph = graph_of([](auto& b) {
    NodeId x = frames8(b);
    for (int i = 0; i < 64; ++i) x = b.add(OpKind::Add, {x, x});
    const NodeId spectrum = b.add(OpKind::Rfft, {x}, ir::FftAttrs{8, 1.0});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
  });
  EXPECT_EQ(paired(graph).node(paired(graph).outputs()[0].node).op, OpKind::PairedMeanPower);
}

TEST(PairSegments, ASliceOfBinsComesAfterThePair) {
  const ir::SliceAttrs bins{1, 3};
  const Graph graph = graph_of([&](auto& b) {
    const NodeId part = b.add(OpKind::Slice, {rfft8(b)}, bins);
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {part})});
  });
  EXPECT_EQ(ir::to_text(paired(graph)), text_of([&](auto& b) {
              const NodeId all = b.add(OpKind::PairedMeanPower, {frames8(b)}, ir::FftAttrs{8, 1.0});
              return b.add(OpKind::Slice, {all}, bins);
            }));
}

// Two real segments can share one transform only if it is the DFT: bins k and n - k of a network
// have nothing to do with each other.
TEST(PairSegments, NotForALearnedTransform) {
  const Graph graph = graph_of([](auto& b) {
    ir::ButterflyAttrs attrs;
    attrs.radices = {2, 2, 2};
    attrs.last = 3;
    const NodeId twiddles = b.constant(std::vector<double>(24, 1.0), true);
    const NodeId z = b.add(OpKind::Complex, {frames8(b)});
    const NodeId bins = b.add(OpKind::Butterfly, {z, twiddles}, attrs);
    const NodeId half = b.add(OpKind::Slice, {bins}, ir::SliceAttrs{0, 5});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {half})});
  });
  EXPECT_EQ(ir::to_text(paired(graph)), ir::to_text(graph));
}

void expect_unpaired(const Graph& graph) {
  EXPECT_EQ(ir::to_text(paired(graph)), ir::to_text(graph));
}

TEST(PairSegments, NotWhenTheSpectrumIsAnOutput) {
  expect_unpaired(graph_of([](GraphBuilder& b) {
    b.output("spectrum", rfft8(b));
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {rfft8(b)})});
  }));
}

TEST(PairSegments, NotWhenThePowersAreRead) {
  expect_unpaired(graph_of([](GraphBuilder& b) {
    const NodeId power = b.add(OpKind::Power, {rfft8(b)});
    b.output("largest", b.add(OpKind::MaxFrames, {power}));
    return b.add(OpKind::MeanFrames, {power});
  }));
}

TEST(PairSegments, NotForOtherAveragesOrComplexFrames) {
  expect_unpaired(graph_of(
      [](auto& b) { return b.add(OpKind::MedianFrames, {b.add(OpKind::Power, {rfft8(b)})}); }));
  expect_unpaired(graph_of([](auto& b) {
    const NodeId frames = b.add(OpKind::Frame, {b.input("z", true)}, frames_of(8, 4));
    const NodeId spectrum = b.add(OpKind::Fft, {frames}, ir::FftAttrs{8, 1.0});
    return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {spectrum})});
  }));
}

}  // namespace
}  // namespace papilio::passes
