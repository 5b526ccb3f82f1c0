// Emitted code is a product: stable, and read by people. To accept a change, look at it and run
// with PAPILIO_UPDATE_GOLDEN=1.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/target.h"
#include "codegen/graphs.h"
#include "papilio/error.h"
#include "passes/pipeline.h"

namespace papilio::test {
namespace {

std::string file_of(const std::string& name) {
  return std::string(PAPILIO_TEST_SOURCES) + "/codegen/golden/" + name + ".txt";
}

std::string read(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, TextIsAsItWasLastLookedAt) {
  const NamedGraph graph = device_graph(GetParam());
  const std::string text = graph.lower().source;
  const std::string file = file_of(GetParam());
  if (std::getenv("PAPILIO_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << text;
  EXPECT_EQ(text, read(file)) << "see " << file;
}

INSTANTIATE_TEST_SUITE_P(Graphs, Golden,
                         testing::Values("rfft_256", "psd", "psd_long", "psd_linear_i16", "bins",
                                         "peaks_distance", "whisper", "own", "rfft_100000",
                                         "learned_256", "training", "training_sgd"));

TEST(DeviceText, IsTheSameEachTime) {
  for (const NamedGraph& graph : device_graphs()) {
    EXPECT_EQ(graph.lower().source, graph.lower().source) << graph.name;
  }
}

TEST(DeviceText, RowsOfAnyLengthAreRefusedNotCutShort) {
  ir::GraphBuilder b(DType::f32);
  b.output("y", b.add(ir::OpKind::Affine, {b.input("x")}, ir::AffineAttrs{2.0, 1.0}));
  codegen::Signature signature;
  signature.inputs = {{}};
  signature.dense_outputs = {true};
  const ir::Graph graph = passes::run_passes(b.finish(), base::describe_machine());
  EXPECT_THROW(codegen::lower_cuda(graph, signature), UserError);
}

TEST(DeviceText, LinesFitAndIndentationIsEven) {
  for (const NamedGraph& graph : device_graphs()) {
    std::istringstream lines(graph.lower().source);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 200U) << graph.name << ": " << line;
      EXPECT_EQ(line.find_first_not_of(' ') % 2 == 0 || line.empty(), true) << line;
      EXPECT_EQ(line.find('\t'), std::string::npos) << line;
    }
  }
}

}  // namespace
}  // namespace papilio::test
