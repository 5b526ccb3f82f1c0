// Forward and gradients of butterfly plans against plain loops in double: every length, radix,
// form and reading.
#include "butterfly_support.h"
#include "transform/layout.h"

namespace papilio::runtime::testing {
namespace {

class ButterflyPlanOf : public EveryIsa {
 protected:
  void expect_both(const PlainButterfly& net, const Places& at = {}) {
    expect_right<float>(net, GetParam(), at);
    expect_right<double>(net, GetParam(), at);
  }
};

/// Prime radices, where none exceeds 32.
std::vector<int> prime_radices(std::int64_t n) {
  std::vector<int> radices;
  for (int r = 2; n > 1; ++r) {
    if (r > 32) return {};
    for (; n % r == 0; n /= r) radices.push_back(r);
  }
  return radices;
}

TEST_P(ButterflyPlanOf, every_short_length) {
  for (std::int64_t n = 2; n <= 64; ++n) {
    const std::vector<int> radices = prime_radices(n);
    if (radices.empty()) continue;
    for (const bool block : {false, true}) {
      const PlainButterfly net = digit_reversed(plain_network(radices, block));
      expect_both(net, {3, 1, 0});
      expect_both(transposed(net), {3, 0, 2});
    }
    expect_both(transposed(inverse(digit_reversed(plain_network(radices)))), {2, 0, 0});
  }
}

TEST_P(ButterflyPlanOf, powers_of_two_and_the_lengths_of_speech) {
  for (const std::int64_t n : {96, 128, 256, 400, 480, 512, 1000, 1024, 2048, 4096}) {
    const PlainButterfly net = digit_reversed(plain_network(prime_radices(n)));
    expect_both(net, {3, 0, 0});
    expect_both(transposed(net), {3, 0, 0});
  }
}

TEST_P(ButterflyPlanOf, any_radices_in_every_form) {
  const std::vector<std::vector<int>> lists = {
      {2},          {32},   {31},      {4, 2, 3}, {16, 16}, {16, 5, 5}, {7, 11},
      {5, 5, 4, 4}, {3, 8}, {8, 3, 2}, {6, 10},   {9, 12},  {32, 2},    {2, 32}};
  for (const std::vector<int>& radices : lists) {
    for (const bool block : {false, true}) {
      const PlainButterfly net = shuffled(plain_network(radices, block));
      expect_both(net, {2, 0, 0});
      expect_both(transposed(net), {2, 0, 0});
      if (block) continue;
      expect_both(inverse(net), {2, 0, 0});
      expect_both(transposed(inverse(net)), {2, 0, 0});
      expect_both(linear(net), {2, 0, 0});
      expect_both(transposed(linear(inverse(net))), {2, 0, 0});
    }
  }
}

TEST_P(ButterflyPlanOf, runs_of_stages) {
  for (const bool block : {false, true}) {
    for (const std::vector<int>& radices : {std::vector<int>{2, 3, 4, 5}, {2, 2, 2, 2, 2, 2, 2}}) {
      PlainButterfly net = digit_reversed(plain_network(radices, block));
      const int stages = net.attrs.last;
      for (int first = 0; first <= stages; ++first) {
        for (int last = first; last <= stages; ++last) {
          net.attrs.first = first;
          net.attrs.last = last;
          if ((first + last) % 2 == 1) net.attrs.permutation = nullptr;
          expect_both(net, {2, 0, 0});
          expect_both(transposed(net), {2, 0, 0});
        }
      }
    }
  }
}

TEST_P(ButterflyPlanOf, rows_run_along_memory_only_where_that_is_the_same_network) {
  const std::vector<int> radices(10, 2);
  const auto along = [&](const PlainButterfly& net) {
    return ButterflyPlan<float>(net.attrs, GetParam()).along_rows();
  };
  const PlainButterfly net = digit_reversed(plain_network(radices));
  EXPECT_TRUE(along(net));
  EXPECT_TRUE(along(transposed(net)));
  EXPECT_TRUE(along(inverse(net)));
  EXPECT_FALSE(along(linear(net)));
  EXPECT_FALSE(along(plain_network(radices)));
  EXPECT_FALSE(along(shuffled(plain_network(radices))));
  EXPECT_FALSE(along(digit_reversed(plain_network(radices, true))));
  expect_both(linear(net), {2, 0, 0});
  expect_both(inverse(net), {2, 0, 0});
  expect_both(shuffled(plain_network(radices)), {2, 0, 0});
}

// One reading each, as the plain loops take their time.
TEST_P(ButterflyPlanOf, long_ones_within_the_stated_memory) {
  const PlainButterfly fast = digit_reversed(plain_network(std::vector<int>(17, 2)));
  expect_right<float>(fast, GetParam(), {1, 0, 0});
  PlainButterfly general = shuffled(fast);
  expect_right<float>(general, GetParam(), {5, 0, 0});
  expect_right<double>(transposed(general), GetParam(), {3, 0, 0});
  const ButterflyPlan<float> plan(general.attrs, GetParam());
  EXPECT_LE(plan.work_size() * 4, (std::int64_t{4} << 20) + 4096);
  EXPECT_LE(plan.backward_work_size() * 4, (std::int64_t{36} << 20) + 65536);
}

PAPILIO_EVERY_ISA(ButterflyPlanOf);

}  // namespace
}  // namespace papilio::runtime::testing
