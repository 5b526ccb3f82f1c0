// Symbolic frame counts against counting by hand.
#include <gtest/gtest.h>

#include "ir/type.h"

namespace papilio::ir {
namespace {

/// Starts at -pad_left and hops while the whole frame lies inside the padded row.
std::int64_t count_whole_frames(const FrameRule& rule, std::int64_t samples) {
  std::int64_t frames = 0;
  for (std::int64_t start = -rule.pad_left; start + rule.length <= samples + rule.pad_right;
       start += rule.hop) {
    ++frames;
  }
  return frames;
}

template <typename F>
void for_each_rule(FrameCount count, F f) {
  for (const std::int64_t length : {1, 2, 5, 8}) {
    for (const std::int64_t hop : {1, 2, 3, 7, 11}) {
      for (const std::int64_t left : {0, 1, 4}) {
        for (const std::int64_t right : {0, 3}) f(FrameRule{length, hop, left, right, count, 0});
      }
    }
  }
}

TEST(FrameCounts, FullCountsWholeFrames) {
  for_each_rule(FrameCount::full, [](const FrameRule& rule) {
    for (std::int64_t samples = 0; samples < 40; ++samples) {
      EXPECT_EQ(rule.frames(samples), count_whole_frames(rule, samples))
          << rule.length << "/" << rule.hop << " of " << samples;
    }
  });
}

TEST(FrameCounts, DropLastHasOneFewerButNeverBelowNone) {
  for_each_rule(FrameCount::drop_last, [](const FrameRule& rule) {
    for (std::int64_t samples = 0; samples < 40; ++samples) {
      const std::int64_t whole = count_whole_frames(rule, samples);
      EXPECT_EQ(rule.frames(samples), std::max<std::int64_t>(0, whole - 1));
    }
  });
}

// kaldi without snip-edges: one frame per hop, counted when at least half of its hop is there.
TEST(FrameCounts, RoundedCountsHopsWhoseMiddleIsInside) {
  for (const std::int64_t hop : {1, 2, 3, 8, 160}) {
    const FrameRule rule{5, hop, 1, 0, FrameCount::rounded, 0};
    for (std::int64_t samples = 0; samples < 500; ++samples) {
      std::int64_t frames = 0;
      while (frames * hop + (hop + 1) / 2 <= samples) ++frames;
      EXPECT_EQ(rule.frames(samples), frames) << hop << " of " << samples;
    }
  }
}

TEST(FrameCounts, FixedSamplesReplaceTheLengthOfTheRow) {
  FrameRule rule{4, 2, 0, 0, FrameCount::full, 12};
  EXPECT_EQ(rule.frames(3), 5);
  EXPECT_EQ(rule.frames(1000), 5);
  EXPECT_EQ(rule.effective_samples(3), 12);
}

TEST(FrameCounts, TypesResolveEveryExtent) {
  const FrameRule rule{4, 2, 0, 0, FrameCount::full, 0};
  const Type type{DType::f32, {rows_dim(), frames_dim(rule), fixed(Axis::sample, 4)}};
  EXPECT_EQ(type.resolve(7, 11), (std::vector<std::int64_t>{7, 4, 4}));
  EXPECT_TRUE(type.has_frames());
  const Type rows{DType::f32, {rows_dim(), samples_dim()}};
  EXPECT_EQ(rows.resolve(0, 9), (std::vector<std::int64_t>{0, 9}));
  EXPECT_FALSE(rows.has_frames());
}

}  // namespace
}  // namespace papilio::ir
