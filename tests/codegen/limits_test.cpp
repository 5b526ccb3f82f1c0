// Graphs that are too much for a kernel are refused in words that say how much is not.
#include <gtest/gtest.h>

#include <string>

#include "base/target.h"
#include "codegen/fft_shape.h"
#include "codegen/graphs.h"
#include "papilio/error.h"
#include "passes/pipeline.h"
#include "spectral/learned.h"
#include "transform/inits.h"

namespace papilio::test {
namespace {

using ir::OpKind;

/// What lowering says against the graph, "" if it takes it.
std::string refusal(ir::GraphBuilder& builder) {
  const ir::Graph graph = passes::run_passes(builder.finish(), base::describe_machine());
  codegen::Signature signature;
  for (const ir::Node& node : graph.nodes()) {
    if (node.op == OpKind::Input) signature.inputs.push_back({});
  }
  signature.dense_outputs.assign(graph.outputs().size(), true);
  try {
    codegen::lower_cuda(graph, signature);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

void expect_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
}

std::string with_ports(int inputs, int outputs) {
  ir::GraphBuilder b(DType::f32);
  ir::NodeId sum = b.input("x0", false, 4);
  for (int i = 1; i < inputs; ++i) {
    sum = b.add(OpKind::Add, {sum, b.input("x" + std::to_string(i), false, 4)});
  }
  for (int i = 0; i < outputs; ++i) {
    b.output("y" + std::to_string(i), b.add(OpKind::Affine, {sum}, ir::AffineAttrs{2.0 + i, 0.0}));
  }
  return refusal(b);
}

TEST(Limits, PortsOfAKernel) {
  EXPECT_EQ(with_ports(8, 8), "");
  expect_words(with_ports(9, 1), {"at most 8 inputs", "9 and 1"});
  expect_words(with_ports(1, 9), {"as many outputs", "1 and 9"});
}

/// Each median keeps its frames and its own values.
std::string with_medians(int medians) {
  ir::GraphBuilder b(DType::f32);
  const ir::NodeId x = b.add(OpKind::Frame, {b.input("x")}, ir::FrameAttrs{{16, 8}, {}});
  ir::NodeId sum = -1;
  for (int i = 0; i < medians; ++i) {
    const ir::NodeId scaled = b.add(OpKind::Affine, {x}, ir::AffineAttrs{2.0 + i, 0.0});
    const ir::NodeId median = b.add(OpKind::MedianFrames, {scaled});
    sum = i == 0 ? median : b.add(OpKind::Add, {sum, median});
  }
  b.output("y", sum);
  return refusal(b);
}

TEST(Limits, IntermediateResults) {
  EXPECT_EQ(with_medians(8), "");
  expect_words(with_medians(9), {"[cuda]", "keeps 18 intermediate results", "at most 16"});
}

std::string of_length(std::int64_t samples) {
  ir::GraphBuilder b(DType::f32);
  b.output("y", b.add(OpKind::Affine, {b.input("x", false, samples)}, ir::AffineAttrs{2.0, 1.0}));
  return refusal(b);
}

std::string of_frames(std::int64_t samples, std::int64_t hop) {
  ir::GraphBuilder b(DType::f32);
  const ir::NodeId x =
      b.add(OpKind::Frame, {b.input("x", false, samples)}, ir::FrameAttrs{{16, hop}, {}});
  b.output("y", b.add(OpKind::Affine, {x}, ir::AffineAttrs{2.0, 1.0}));
  return refusal(b);
}

TEST(Limits, ElementsOfAnItem) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 31) - 1;
  EXPECT_EQ(of_length(kMost), "");
  expect_words(of_length(kMost + 1), {"2147483648 elements", "2^31 - 1", "--device cpu"});
  EXPECT_EQ(of_frames(4 * kMost, 8), "");  // frames of it are short
  expect_words(of_frames(4 * kMost, kMost + 1), {"frames", "2147483648"});
}

/// Chips 7.5, 8.6, 8.0 and 9.0; the longest transforms of a block, and twice as long ones.
TEST(Limits, SharedMemoryOfABlock) {
  for (const std::int64_t kib : {64, 99, 163, 227}) {
    std::vector<NamedGraph> graphs = device_graphs();
    for (const DType compute : {DType::f32, DType::f64}) {
      const std::int64_t longest = codegen::longest_fft(compute == DType::f32 ? 4 : 8, kib * 1024);
      for (const std::int64_t n : {longest, 2 * longest, longest - 1, longest / 2 - 1}) {
        for (NamedGraph& graph : graphs_of_length(n, compute)) graphs.push_back(std::move(graph));
      }
    }
    for (const NamedGraph& graph : graphs) {
      SCOPED_TRACE(graph.name + ", " + std::to_string(kib) + " KiB");
      for (const codegen::Launch& launch : graph.lower(kib * 1024).launches) {
        EXPECT_LE(launch.shared_bytes, static_cast<std::size_t>(kib) * 1024) << launch.kernel;
      }
    }
  }
}

TEST(Limits, NetworksThatFitNoBlock) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(32768);
  const spectral::LearnedTransform network{transform::random_butterfly(spec, 5)};
  const NamedGraph graph{"learned",
                         spectral::build_learned(network, 32768, DType::f32),
                         {{{DType::c64, true, false}}, {true}}};
  try {
    graph.lower(99 * 1024);
    FAIL() << "it was lowered";
  } catch (const DeviceError& error) {
    expect_words(error.what(), {"bytes of shared memory", "has 101376", "--device cpu"});
  }
}

}  // namespace
}  // namespace papilio::test
