// Definitions are compiled once: what shares a program, what does not, and for how long.
#include "api/program_cache.h"

#include <cstdlib>

#include "api/support.h"
#include "papilio/error.h"

namespace papilio::api {
namespace {

FeatureSpec spec_of(std::int64_t nperseg) {
  FeatureSpec spec;
  WelchOptions options;
  options.fs = 1000.0;
  options.nperseg = nperseg;
  spec.definition = {"psd", "", {}, options};
  return spec;
}

TEST(ProgramCache, TheSameRequestSharesItsProgram) {
  const FeatureSpec spec = spec_of(64);
  const auto first = prepare(spec, 500);
  FeatureSpec more_rows = spec;
  more_rows.rows = 7;
  more_rows.source = "b.npy";
  more_rows.execution.threads = 2;
  EXPECT_EQ(prepare(more_rows, 500), first);
}

TEST(ProgramCache, RowsOfAnyLengthShareAProgramWhereTheyFitAlike) {
  FeatureSpec spec = spec_of(64);
  EXPECT_EQ(prepare(spec, 501), prepare(spec, 500));
  EXPECT_EQ(prepare(spec, 501)->fitted.graph.nodes().size(),
            fit(spec.definition, 10000, false, DType::f32).graph.nodes().size());
  // A segment that shrinks with the row is another transform.
  std::get<WelchOptions>(spec.definition.options).short_rows = ShortRows::shrink;
  EXPECT_NE(prepare(spec, 63), prepare(spec, 62));
}

TEST(ProgramCache, WhateverChangesTheProgramChangesIt) {
  const FeatureSpec spec = spec_of(64);
  const auto first = prepare(spec, 500);
  EXPECT_NE(prepare(spec_of(65), 500), first);
  FeatureSpec other = spec;
  other.complex = true;
  EXPECT_NE(prepare(other, 500), first);
  other = spec;
  other.compute = DType::f64;
  EXPECT_NE(prepare(other, 500), first);
  other = spec;
  other.execution.device = "reference";
  EXPECT_NE(prepare(other, 500), first);
  other = spec;
  std::get<WelchOptions>(other.definition.options).window = {"", std::vector<double>(64, 0.5)};
  EXPECT_NE(prepare(other, 500), first);
  EXPECT_EQ(prepare(spec, 500), first);
}

TEST(ProgramCache, TheInstructionSetIsAskedForAtEveryCall) {
  const char* before = std::getenv("PAPILIO_ISA");
  const std::string kept = before == nullptr ? "" : before;
  const FeatureSpec spec = spec_of(32);
  const auto first = prepare(spec, 100);
  ASSERT_EQ(setenv("PAPILIO_ISA", "scalar", 1), 0);
  const auto scalar = prepare(spec, 100);
  ASSERT_EQ(before == nullptr ? unsetenv("PAPILIO_ISA") : setenv("PAPILIO_ISA", kept.c_str(), 1),
            0);
  EXPECT_EQ(scalar->program->strategy(), "cpu scalar");
  EXPECT_EQ(prepare(spec, 100), first);
}

TEST(ProgramCache, OnlyTheLastFewAreKept) {
  const auto first = prepare(spec_of(16), 100);
  for (std::int64_t nperseg = 17; nperseg < 40; ++nperseg) {
    prepare(spec_of(nperseg), 100);
    if (nperseg < 30) {
      EXPECT_EQ(prepare(spec_of(16), 100), first) << "used all the time";
    }
  }
  EXPECT_NE(prepare(spec_of(16), 100), first);
}

TEST(ProgramCache, LongTransformsAndFailuresAreNotKept) {
  const auto first = prepare(spec_of(1 << 17), 1 << 17);
  EXPECT_NE(prepare(spec_of(1 << 17), 1 << 17), first);
  for (int i = 0; i < 2; ++i) EXPECT_THROW(prepare(spec_of(64), 63), UserError);
}

}  // namespace
}  // namespace papilio::api
