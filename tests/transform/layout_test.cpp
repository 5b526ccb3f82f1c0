// Layouts: radices from n and from text, positions of blocks, digit reversal; what is refused.
#include "transform/layout.h"

#include <algorithm>

#include "transform/support.h"

namespace papilio::transform {
namespace {

const char* const kRadices[] = {"2",      "3,2",    "2,2,2,2", "4,2,3",   "3,4,2",
                                "16,5,5", "5,16,5", "16,16",   "2,3,5,7", "32,31"};

TEST(Layout, DefaultsAreSmallPrimes) {
  EXPECT_EQ(radices_text(default_layout(64)), "2,2,2,2,2,2");
  EXPECT_EQ(radices_text(default_layout(400)), "2,2,2,2,5,5");
  EXPECT_EQ(radices_text(default_layout(480)), "2,2,2,2,2,3,5");
  EXPECT_EQ(radices_text(default_layout(1000)), "2,2,2,5,5,5");
  EXPECT_EQ(radices_text(default_layout(31)), "31");
  EXPECT_EQ(default_layout(131072).stages(), 17);
}

TEST(Layout, TextGoesThereAndBack) {
  for (const char* radices : kRadices) EXPECT_EQ(radices_text(parse_layout(radices)), radices);
  EXPECT_EQ(parse_layout("16,5,5").n, 400);
  EXPECT_EQ(parse_layout("16,16"), layout_of({16, 16}));
}

TEST(Layout, EachStageCoversEveryPositionOnceInStrides) {
  for (const char* radices : kRadices) {
    const Layout layout = parse_layout(radices);
    std::int64_t stride = 1;
    for (int s = 0; s < layout.stages(); ++s) {
      const StageShape shape = layout.stage(s);
      EXPECT_EQ(shape.stride, stride);
      EXPECT_EQ(shape.blocks() * shape.radix, layout.n);
      std::vector<int> times(static_cast<std::size_t>(layout.n), 0);
      for (std::int64_t b = 0; b < shape.blocks(); ++b) {
        EXPECT_EQ(shape.phase(b), shape.position(b, 0) % stride);
        for (std::int64_t j = 0; j < shape.radix; ++j) {
          ++times.at(static_cast<std::size_t>(shape.position(b, j)));
          EXPECT_EQ(shape.position(b, j), shape.position(b, 0) + j * stride);
        }
      }
      EXPECT_EQ(std::count(times.begin(), times.end(), 1), layout.n) << radices << ", stage " << s;
      stride *= shape.radix;
    }
  }
}

TEST(Layout, PositionsFollowTheirFormula) {
  const StageShape shape = layout_of({4, 2, 3}).stage(1);  // r = 2, m = 4, n = 24
  EXPECT_EQ(shape.position(0, 0), 0);
  EXPECT_EQ(shape.position(3, 1), 7);   // g = 0, k = 3
  EXPECT_EQ(shape.position(5, 1), 13);  // g = 1, k = 1
  EXPECT_EQ(shape.phase(5), 1);
}

TEST(Layout, DigitReversalOfPowersOfTwoIsBitReversal) {
  EXPECT_EQ(digit_reversal(layout_of({2, 2, 2})),
            (std::vector<std::int32_t>{0, 4, 2, 6, 1, 5, 3, 7}));
}

// i = d_0 + 3 d_1 over radices 3, 2: p = 2 d_0 + d_1.
TEST(Layout, DigitReversalOfMixedRadices) {
  EXPECT_EQ(digit_reversal(layout_of({3, 2})), (std::vector<std::int32_t>{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(digit_reversal(layout_of({2, 3})), (std::vector<std::int32_t>{0, 3, 1, 4, 2, 5}));
}

TEST(Layout, DigitReversalIsUndoneByTheReversedRadices) {
  for (const char* radices : kRadices) {
    const Layout layout = parse_layout(radices);
    Layout back = layout;
    std::reverse(back.radices.begin(), back.radices.end());
    const std::vector<std::int32_t> p = digit_reversal(layout);
    const std::vector<std::int32_t> q = digit_reversal(back);
    for (std::size_t i = 0; i < p.size(); ++i) {
      ASSERT_EQ(q[static_cast<std::size_t>(p[i])], static_cast<std::int32_t>(i)) << radices;
    }
  }
}

TEST(Layout, RefusesWhatIsNoLayout) {
  expect_refusal([] { layout_of({}); }, {"at least one radix"});
  expect_refusal([] { layout_of({2, 33}); }, {"radix 33", "2 to 32"});
  expect_refusal([] { layout_of({1, 2}); }, {"radix 1"});
  expect_refusal([] { layout_of(std::vector<int>(7, 32)); }, {"exceeds 2^30"});
  expect_refusal([] { validate(Layout{9, {2, 4}}); }, {"2,4", "product 8", "n = 9"});
}

TEST(Layout, RefusesLengthsWithoutSmallFactors) {
  expect_refusal([] { default_layout(1); }, {"n = 1", "from 2"});
  expect_refusal([] { default_layout((std::int64_t{1} << 30) + 2); }, {"not from 2 to 2^30"});
  expect_refusal([] { default_layout(74); }, {"n = 74", "prime factor above 32 (37"});
}

TEST(Layout, RefusesWhatIsNoListOfRadices) {
  for (const char* text : {"", "16,", ",2", "4x4", "16 5", "2,-"}) {
    expect_refusal([&] { parse_layout(text); }, {"'" + std::string(text) + "'", "16,5,5"});
  }
  expect_refusal([] { parse_layout("-2"); }, {"radix -2"});
}

}  // namespace
}  // namespace papilio::transform
