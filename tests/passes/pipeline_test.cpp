// The loop around the passes: order, trace, refusal of broken graphs.
#include "passes/pipeline.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "papilio/error.h"
#include "passes/graphs.h"

namespace papilio::passes {
namespace {

/// Sets PAPILIO_TRACE for a scope.
class Trace {
 public:
  explicit Trace(const char* list) { setenv("PAPILIO_TRACE", list, 1); }
  ~Trace() { unsetenv("PAPILIO_TRACE"); }
};

Graph welch() {
  return graph_of(
      [](auto& b) { return b.add(OpKind::MeanFrames, {b.add(OpKind::Power, {rfft8(b)})}); });
}

std::string traced(const char* list) {
  const Trace trace(list);
  testing::internal::CaptureStderr();
  run_passes(welch(), {});
  return testing::internal::GetCapturedStderr();
}

TEST(Pipeline, RegionsComeLast) { EXPECT_EQ(all_passes().back().name, "fuse_regions"); }

TEST(Pipeline, ResultHasRegions) {
  const Graph graph = run_passes(welch(), {});
  EXPECT_EQ(graph.regions().size(), graph.nodes().size());
}

TEST(Pipeline, TraceShowsWhatChangedAndNamesWhatDidNot) {
  const std::string text = traced("time,passes");
  EXPECT_NE(text.find("[passes] fold_constants ("), std::string::npos) << text;
  EXPECT_NE(text.find(" us): unchanged\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[passes] pair_segments ("), std::string::npos) << text;
  EXPECT_NE(text.find("= paired_mean_power(%1){n=8 scale=1}"), std::string::npos) << text;
}

TEST(Pipeline, SilentWithoutTrace) {
  EXPECT_EQ(traced(""), "");
  EXPECT_EQ(traced("no-passes"), "");
}

TEST(Pipeline, APassThatDoesNotApplyIsNotRun) {
  const Trace trace("passes");
  testing::internal::CaptureStderr();
  run_passes(graph_of([](auto& b) { return rfft8(b); }), {});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("pair_segments"), std::string::npos) << text;
}

TEST(Pipeline, RefusesAGraphThatDoesNotVerify) {
  GraphBuilder b(DType::f32);
  b.input("x");
  EXPECT_THROW(run_passes(b.finish(), {}), InternalError);
}

}  // namespace
}  // namespace papilio::passes
