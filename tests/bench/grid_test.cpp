// Sizes and instruction sets of a bench as the command line writes them.
#include "grid.h"

#include <gtest/gtest.h>

#include "kernels/isa.h"
#include "papilio/error.h"

namespace papilio::bench {
namespace {

using Sizes = std::vector<std::int64_t>;

Sizes sizes(const std::string& text) { return parse_sizes("--n-fft", text); }

TEST(Grid, ListsKeepTheirOrder) { EXPECT_EQ(sizes("400,64,1000"), Sizes({400, 64, 1000})); }

TEST(Grid, RangesArePowersOfTwo) {
  EXPECT_EQ(sizes("64-512"), Sizes({64, 128, 256, 512}));
  EXPECT_EQ(sizes("65-1000"), Sizes({128, 256, 512}));
  EXPECT_EQ(sizes("1-2,400"), Sizes({1, 2, 400}));
}

TEST(Grid, AnythingElseIsRefused) {
  for (const char* text : {"", ",", "64,", "0", "-64", "64-", "x", "1e3", "100-90", "65-127", " 64",
                           "99999999999", "64-99999999999999999999"}) {
    EXPECT_THROW(sizes(text), UserError) << text;
  }
}

TEST(Grid, IsasAreThoseOfThisChip) {
  const std::string best = kernels::name_of(kernels::usable_isas().front());
  EXPECT_EQ(parse_isas("--isa", best + "," + best), std::vector<std::string>{best});
  EXPECT_THROW(parse_isas("--isa", "mmx"), UserError);
  EXPECT_THROW(parse_isas("--isa", ""), UserError);
}

}  // namespace
}  // namespace papilio::bench
