// The DCTs through what surrounds their networks.
#include "train/outer.h"

#include "train/hierarchical.h"
#include "train/support.h"

namespace papilio::train {
namespace {

constexpr const char* kRegime =
    "permutations, diagonal and real part given, conjugate symmetry of the rows given";

void expect_dct(const std::string& from, const std::string& method,
                const std::vector<std::int64_t>& sizes, std::uint64_t seeds) {
  for (const char* name : {"dct2", "dct4"}) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      for (const std::int64_t n : sizes_here(sizes)) {
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
          RecoverOptions options;
          options.transform = name;
          options.n = n;
          options.from = from;
          options.method = method;
          options.dtype = dtype;
          options.seed = seed;
          const RecoverRow row = recover(options).row;
          EXPECT_LE(row.relative_error, tolerance(dtype)) << name << " n " << n;
          EXPECT_EQ(row.regime, kRegime);
        }
      }
    }
  }
}

TEST(OuterStructure, GivesTheDctsInClosedForm) {
  expect_dct("matrix", "hierarchical", {8, 12, 64, 256, 400}, 1);
  expect_dct("matrix", "als", {8, 64, 256}, 2);
}

TEST(OuterStructure, GivesTheDctsFromPairs) { expect_dct("pairs", "identify", {8, 64}, 2); }

TEST(OuterStructure, GivesLongDcts) {
  if (!full_grids()) GTEST_SKIP() << "set PAPILIO_LONG=1";
  expect_dct("matrix", "hierarchical", {512, 1024, 2048}, 1);
  expect_dct("pairs", "identify", {16, 32, 128, 256, 512, 1024, 2048}, 3);
}

TEST(OuterStructure, RefusesWhatDoesNotDetermineTheNetwork) {
  Target conv = make_target({.transform = "conv", .n = 8});
  expect_refusal([&] { factor_chain(conv.model, conv.matrix, DType::f64); },
                 {"closed form", "method als"});
  Target dct = make_target({.transform = "dct2", .n = 8});
  transform::Matrix complex = dct.matrix;
  complex.at(1, 1) += std::complex<double>(0.0, 1e-9);
  expect_refusal([&] { factor_chain(dct.model, complex, DType::f64); }, {"imaginary parts"});
  expect_refusal([&] { factor_chain(dct.model, transform::Matrix(4, 4), DType::f64); },
                 {"4 x 4", "n = 8"});
  Model blind = dct.model;
  std::get<transform::Diagonal>(blind.chain.factors[2]).values.assign(8, 1.0);
  expect_refusal([&] { factor_chain(blind, dct.matrix, DType::f64); }, {"rows 1 and 7"});
  transform::Chain empty{4, {}};
  expect_refusal([&] { first_network(empty); }, {"no network"});
}

}  // namespace
}  // namespace papilio::train
