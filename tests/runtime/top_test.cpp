// Top-k on every device: given the same powers each finds the bins that the reference finds, in the
// same order. A transform of the frames beside it, whose results nobody looks at, sets how many
// threads of a GPU share a row.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/support.h"
#include "spectral/peaks.h"

namespace papilio::runtime::testing {
namespace {

using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A search of the first bins of frames of `n` samples.
struct Search {
  std::int64_t n = 256;
  bool peaks = false;
  ir::TopAttrs attrs;

  Search(std::int64_t length, bool of_peaks, std::int64_t k, bool one_sided = true)
      : n(length), peaks(of_peaks) {
    attrs.k = k;
    attrs.n_fft = n;
    attrs.bin_hz = 0.25;
    attrs.one_sided = attrs.doubled = one_sided;
    attrs.height = attrs.threshold = attrs.prominence = attrs.fmin_hz = attrs.fmax_hz = kNone;
  }
  ir::Graph graph() const {
    GraphBuilder builder(DType::f32);
    ir::FrameAttrs frame;
    frame.rule.length = frame.rule.hop = n;
    const NodeId frames = builder.add(OpKind::Frame, {builder.input("x")}, frame);
    const std::int64_t bins = attrs.one_sided ? n / 2 + 1 : n;
    const NodeId powers = builder.add(OpKind::Slice, {frames}, ir::SliceAttrs{0, bins});
    builder.output("top", builder.add(peaks ? OpKind::Peaks : OpKind::TopBins, {powers}, attrs));
    const NodeId complex = builder.add(OpKind::Complex, {frames});
    builder.output("spectrum", builder.add(OpKind::Fft, {complex}, ir::FftAttrs{n, 1.0}));
    return builder.finish();
  }
};

/// Rows of powers that make the choice hard, one kind each.
std::vector<float> hard_rows(std::int64_t n) {
  std::mt19937 random(3);
  const auto below = [&](unsigned most) { return static_cast<float>(random() % most); };
  std::vector<float> data;
  const auto row = [&](auto&& value) {
    for (std::int64_t i = 0; i < n; ++i) data.push_back(value(static_cast<double>(i)));
  };
  std::exponential_distribution<float> noise;
  row([&](double) { return noise(random); });
  row([&](double) { return 0.0F; });
  row([&](double) { return 3.5F; });
  row([&](double) { return below(6); });
  // Equal but for their last bits, a few larger ones among them.
  for (const unsigned most : {4U, 40U, 4000U}) {
    row([&](double) { return 1.0F + std::ldexp(below(most), -23); });
    row([&](double) { return (random() % 12 == 0 ? 2.0F : 1.0F) + std::ldexp(below(most), -22); });
  }
  row([&](double i) { return static_cast<float>(i); });
  row([&](double i) { return static_cast<float>(1000.0 - i); });
  row([&](double i) { return static_cast<float>(static_cast<int>(i) / 3 % 5); });
  row([&](double) { return std::ldexp(below(9), -149); });
  row([&](double) { return std::ldexp(below(9), 120); });
  row([&](double i) { return i == 20 ? 1.0F : 0.0F; });
  row([&](double) { return noise(random); });
  return data;
}

void expect_like_reference(const Search& search, std::vector<float> data) {
  const auto rows = static_cast<std::int64_t>(data.size()) / search.n;
  const auto view = base::dense(data.data(), DType::f32, {rows, search.n});
  const auto graph = search.graph();
  const Outcome want = run(graph, view, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, view, spec);
    for (std::size_t i = 0; i < want.outputs[0].size(); ++i) {
      const double a = got.outputs[0][i];
      const double b = want.outputs[0][i];
      const auto slot = static_cast<std::int64_t>(i) / 4;
      const double error = i % 4 < 2 ? 0.0 : 1e-6 * std::abs(b) + (i % 4 == 2 ? 1e-7 : 0.0);
      const bool same = std::isnan(b) ? std::isnan(a) : std::abs(a - b) <= error;
      ASSERT_TRUE(same) << name_of(spec) << " n " << search.n
                        << (search.peaks ? " peaks " : " bins ") << search.attrs.k << " row "
                        << slot / search.attrs.k << " rank " << slot % search.attrs.k << " field "
                        << i % 4 << ": " << a << ", not " << b;
    }
    for (std::size_t row = 0; row < want.status.size(); ++row) {
      EXPECT_EQ(got.status[row].first_bad, want.status[row].first_bad) << row;
    }
  }
}

TEST(Top, TiesAndNearTiesInAllSizes) {
  for (const bool peaks : {false, true}) {
    for (const std::int64_t n : {8, 16, 32, 100, 128, 256, 512}) {
      for (const std::int64_t k : {1, 16}) {
        expect_like_reference(Search(n, peaks, k), hard_rows(n));
      }
    }
  }
}

TEST(Top, AnyNumberOfPicks) {
  for (const bool peaks : {false, true}) {
    for (const std::int64_t k : {3, 5, 9, 17, 32, 40}) {
      for (const std::int64_t n : {32, 256}) {
        expect_like_reference(Search(n, peaks, k), hard_rows(n));
      }
    }
  }
}

TEST(Top, TwoSidedSpectra) {
  for (const bool peaks : {false, true}) {
    for (const std::int64_t n : {8, 30, 128, 256}) {
      for (const std::int64_t k : {5, 16}) {
        expect_like_reference(Search(n, peaks, k, false), hard_rows(n));
      }
    }
  }
}

TEST(Top, RangesAndConditions) {
  for (const bool peaks : {false, true}) {
    for (const bool one_sided : {false, true}) {
      Search search(256, peaks, 16, one_sided);
      search.attrs.fmin_hz = one_sided ? 3.1 : -7.0;
      search.attrs.fmax_hz = 14.0;
      expect_like_reference(search, hard_rows(256));
      search.attrs.fmin_hz = 100.0;  // nothing is left
      expect_like_reference(search, hard_rows(256));
    }
  }
  Search search(256, true, 16);
  search.attrs.height = 1.0;
  expect_like_reference(search, hard_rows(256));
  search.attrs.threshold = 0.5;
  expect_like_reference(search, hard_rows(256));
  search.attrs.distance = 3;
  expect_like_reference(search, hard_rows(256));
  search.attrs.prominence = 0.75;
  expect_like_reference(search, hard_rows(256));
}

TEST(Top, BadRowsBesideGoodOnes) {
  for (const bool peaks : {false, true}) {
    std::vector<float> data = hard_rows(256);
    data[7] = std::numeric_limits<float>::quiet_NaN();
    data[std::size_t{256} * 4 + 200] = std::numeric_limits<float>::infinity();  // behind the bins
    expect_like_reference(Search(256, peaks, 16), data);
  }
}

// Peaks beside deep valleys: the parabola is steep on one side.
TEST(Top, PeaksOfManySlopes) {
  std::mt19937 random(5);
  std::vector<float> data;
  for (int i = 0; i < 40 * 256; ++i) {
    const auto depth = static_cast<double>(random() % 1000) * (i / 256) * 2e-3;
    data.push_back(static_cast<float>(std::pow(10.0, i % 2 == 0 ? -depth : 0.01 * depth)));
  }
  for (const std::int64_t k : {16, 60}) expect_like_reference(Search(256, true, k), data);
}

TEST(Top, OverflowIsFlaggedAndLeavesTheOthers) {
  for (const TopMode mode : {TopMode::bins, TopMode::peaks}) {
    PeaksOptions options;
    options.welch.nperseg = 256;
    options.mode = mode;
    std::vector<double> values = signal(8, 384);
    std::vector<float> data(values.begin(), values.end());
    const auto graph =
        spectral::build_peaks(spectral::fit_peaks(options, 384, false), false, DType::f32, false);
    const auto view = base::dense(data.data(), DType::f32, {8, 384});
    const RunSpec spec = runs_under_test().back();
    const Outcome clean = run(graph, view, spec);
    for (std::size_t i = 0; i < 384; ++i) data[3 * 384 + i] *= 1e30F;
    const Outcome got = run(graph, view, spec);
    for (std::size_t row = 0; row < 8; ++row) {
      EXPECT_EQ(got.status[row].overflow, row == 3) << row;
      for (std::size_t i = 0; i < 64; ++i) {
        if (row == 3) continue;
        EXPECT_EQ(got.outputs[0][row * 64 + i], clean.outputs[0][row * 64 + i]) << row;
      }
    }
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
