// Every diagnostic of the verifier, on a graph that is broken in one place.
#include "ir/verify.h"

#include <gtest/gtest.h>

#include "ir/op_samples.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

/// x -> affine -> affine, output y.
Graph small_graph() {
  GraphBuilder b(DType::f32);
  const NodeId x = b.input("x");
  const NodeId a = b.add(OpKind::Affine, {x}, AffineAttrs{2.0, 0.0});
  b.output("y", b.add(OpKind::Affine, {a}, AffineAttrs{3.0, 0.0}));
  return b.finish();
}

/// Graphs are immutable and builders refuse bad nodes, so the tests break one from behind. The
/// nodes themselves are no const objects.
Node& node_to_break(const Graph& graph, NodeId id) { return const_cast<Node&>(graph.node(id)); }

std::string diagnosis(const Graph& graph) {
  try {
    verify(graph);
  } catch (const InternalError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Verify, AcceptsWhatTheBuilderMakes) { EXPECT_EQ(diagnosis(small_graph()), "accepted"); }

TEST(Verify, AnInputMustComeEarlier) {
  const Graph graph = small_graph();
  node_to_break(graph, 1).inputs[0] = 2;
  EXPECT_EQ(diagnosis(graph),
            "[verify] an input does not come earlier in %1 = affine(%2){mul=2 add=0} : "
            "f32[rows, samples]");
}

TEST(Verify, TheTypeMustBeTheInferredOne) {
  const Graph graph = small_graph();
  node_to_break(graph, 2).type.dtype = DType::f64;
  EXPECT_EQ(diagnosis(graph),
            "[verify] the type is not the inferred one in %2 = affine(%1){mul=3 add=0} : "
            "f64[rows, samples]");
}

TEST(Verify, AttributesMustBeOfTheOp) {
  const Graph graph = small_graph();
  node_to_break(graph, 2).attrs = PadAttrs{};
  EXPECT_EQ(diagnosis(graph), "[ir] affine: wrong attributes");
}

TEST(Verify, EqualNodesMustBeOne) {
  const Graph graph = small_graph();
  node_to_break(graph, 2) = graph.node(1);
  EXPECT_EQ(diagnosis(graph),
            "[verify] an equal node exists already in %2 = affine(%0){mul=2 add=0} : "
            "f32[rows, samples]");
}

TEST(Verify, ThereMustBeAnOutput) {
  GraphBuilder b(DType::f32);
  b.input("x");
  EXPECT_EQ(diagnosis(b.finish()), "[verify] the graph has no output");
}

TEST(Verify, OutputsMustBeInTheGraph) {
  GraphBuilder b(DType::f32);
  b.input("x");
  b.output("y", 1);
  EXPECT_EQ(diagnosis(b.finish()), "[verify] output y is not in the graph");
}

TEST(Verify, OutputsMustHaveDifferentNames) {
  GraphBuilder b(DType::f32);
  const NodeId x = b.input("x");
  b.output("y", x);
  b.output("y", x);
  EXPECT_EQ(diagnosis(b.finish()), "[verify] two outputs are named y");
}

TEST(Verify, RegionsMustCoverTheGraph) {
  EXPECT_EQ(diagnosis(small_graph().with_regions({0, 0})),
            "[verify] regions do not cover the graph");
}

TEST(Verify, RegionsMustOnlyDependOnEarlierOnes) {
  EXPECT_EQ(diagnosis(small_graph().with_regions({0, 1, 1})), "accepted");
  EXPECT_EQ(diagnosis(small_graph().with_regions({0, 1, 0})),
            "[verify] a region depends on a later region in %2 = affine(%1){mul=3 add=0} : "
            "f32[rows, samples]  @0");
}

}  // namespace
}  // namespace papilio::ir
