// Names, JSON and table of results.
#include "outcome_text.h"

#include <gtest/gtest.h>

namespace papilio::bench {
namespace {

Outcome outcome(const std::string& variant) {
  return {{"peaks_bins", 256, 8192, 2, 16, 1000.0, 500.0},
          "papilio",
          variant,
          1e-7,
          "",
          {200.0, 190.0, 210.0, 205.0, 50}};
}

TEST(OutcomeText, NamesHoldTheCell) {
  EXPECT_EQ(outcome("").name(), "peaks_bins/papilio/n:256/batch:8192/segments:2/k:16");
  EXPECT_EQ(outcome("/isa:avx2/threads:2").name(),
            "peaks_bins/papilio/n:256/batch:8192/segments:2/k:16/isa:avx2/threads:2");
}

TEST(OutcomeText, JsonHasTheSchemaOfGoogleBenchmark) {
  const std::vector<Outcome> outcomes{outcome("/threads:2")};
  const base::Json json = to_json(outcomes);
  EXPECT_TRUE(json.at("context").contains("num_cpus"));
  const base::Json& entry = json.at("benchmarks").at(0);
  EXPECT_EQ(entry.at("name"), outcomes[0].name());
  EXPECT_EQ(entry.at("run_type"), "iteration");
  EXPECT_EQ(entry.at("time_unit"), "ns");
  EXPECT_EQ(entry.at("real_time"), 200.0);
  EXPECT_EQ(entry.at("cpu_time"), 205.0);
  EXPECT_EQ(entry.at("iterations"), 50);
  EXPECT_EQ(entry.at("threads"), 2);
  EXPECT_EQ(entry.at("gflops"), 5.0);
  EXPECT_EQ(entry.at("bytes_per_second"), 2.5e9);
}

TEST(OutcomeText, FailuresHaveNoTime) {
  std::vector<Outcome> outcomes{outcome("")};
  outcomes[0].failure = "out of luck";
  const base::Json entry = to_json(outcomes).at("benchmarks").at(0);
  EXPECT_EQ(entry.at("error_occurred"), true);
  EXPECT_EQ(entry.at("error_message"), "out of luck");
  EXPECT_FALSE(entry.contains("real_time"));
  EXPECT_NE(to_table(outcomes).find("FAILED " + outcomes[0].name() + ": out of luck"),
            std::string::npos);
}

}  // namespace
}  // namespace papilio::bench
