// The CPU device against the reference device: every feature graph, f32 and f64, every ISA, odd row
// counts, strided and integer input; and the promises about rows that never touch one another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

#include "runtime/support.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {
namespace {

constexpr double kF32 = 1e-6;
constexpr double kF64 = 1e-14;

double bound(DType compute) { return compute == DType::f32 ? kF32 : kF64; }

/// Rows of `dtype` f32 or f64 (or their complex types), and a view of them.
struct Rows {
  Rows(std::int64_t rows, std::int64_t samples, DType compute, bool complex = false,
       unsigned seed = 1) {
    const std::vector<double> values = signal(rows, samples, seed, complex);
    if (compute == DType::f32) {
      single.assign(values.begin(), values.end());
      view = base::dense(single.data(), complex ? DType::c64 : DType::f32, {rows, samples});
    } else {
      twice = values;
      view = base::dense(twice.data(), complex ? DType::c128 : DType::f64, {rows, samples});
    }
  }
  std::vector<float> single;
  std::vector<double> twice;
  base::TensorView view;
};

void expect_like_reference(const ir::Graph& graph, const base::TensorView& input,
                           const std::string& what) {
  const Outcome want = run(graph, input, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, input, spec);
    for (std::size_t i = 0; i < want.outputs.size(); ++i) {
      EXPECT_LE(worst_row(got.outputs[i], want.outputs[i], input.shape[0]), bound(graph.compute()))
          << what << " " << name_of(spec);
    }
  }
}

ir::Graph welch_graph(WelchOptions options, bool complex, DType compute, std::int64_t samples) {
  return spectral::build_welch(spectral::fit_welch(options, samples), complex, compute);
}

TEST(CpuProgram, WelchMeanOfFewAndManySegments) {
  for (const DType compute : {DType::f32, DType::f64}) {
    for (const std::int64_t samples : {64, 96, 160, 300, 2000, 5000}) {
      for (const std::int64_t rows : {1, 5, 37}) {
        WelchOptions options;
        options.nperseg = 64;
        const Rows data(rows, samples, compute);
        expect_like_reference(welch_graph(options, false, compute, samples), data.view,
                              "welch " + std::to_string(samples) + " x " + std::to_string(rows));
      }
    }
  }
}

TEST(CpuProgram, WelchOptionsOfEveryKind) {
  for (const DType compute : {DType::f32, DType::f64}) {
    for (const Average average : {Average::mean, Average::median, Average::max}) {
      for (const Detrend detrend : {Detrend::none, Detrend::constant, Detrend::linear}) {
        for (const std::int64_t nperseg : {50, 57, 64}) {
          WelchOptions options;
          options.nperseg = nperseg;
          options.noverlap = nperseg / 3;
          options.n_fft = nperseg + 7;
          options.average = average;
          options.detrend = detrend;
          options.fmin = 0.1;
          const Rows data(3, 700, compute);
          expect_like_reference(welch_graph(options, false, compute, 700), data.view,
                                "nperseg " + std::to_string(nperseg));
        }
      }
    }
  }
}

TEST(CpuProgram, WelchOfComplexRows) {
  for (const DType compute : {DType::f32, DType::f64}) {
    for (const Average average : {Average::mean, Average::median}) {
      WelchOptions options;
      options.nperseg = 60;
      options.average = average;
      const Rows data(5, 1000, compute, true);
      expect_like_reference(welch_graph(options, true, compute, 1000), data.view, "complex");
      options.fmin = -0.2;
      options.fmax = 0.1;
      expect_like_reference(welch_graph(options, true, compute, 1000), data.view, "across 0 Hz");
    }
  }
}

TEST(CpuProgram, LogMelOfEveryProfile) {
  for (const std::string name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    for (const DType compute : {DType::f32, DType::f64}) {
      const Definition definition = profile("mel", name, 16000);
      const auto& options = std::get<MelOptions>(definition.options);
      const Rows data(3, 5000, compute, false, 7);
      const auto graph = spectral::build_log_mel(spectral::fit_mel(options, 5000, name), compute);
      const Outcome want = run(graph, data.view, {"reference", {}, 1, BadSamples::flag});
      for (const RunSpec& spec : runs_under_test()) {
        const Outcome got = run(graph, data.view, spec);
        ASSERT_EQ(got.outputs[0].size(), want.outputs[0].size());
        EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], 3),
                  compute == DType::f32 ? 1e-5 : 1e-12)
            << name << " " << name_of(spec);
      }
    }
  }
}

TEST(CpuProgram, QuietFramesAreRaisedToTheFloorOfTheirOwnClip) {
  const auto options = std::get<MelOptions>(profile("mel", "whisper", 16000).options);
  const auto graph = spectral::build_log_mel(spectral::fit_mel(options, 6000), DType::f64);
  Rows data(3, 6000, DType::f64, false, 3);
  for (std::size_t i = 0; i < data.twice.size(); ++i) {
    const std::size_t row = i / 6000;
    const bool quiet = i % 6000 > 1000 && i % 6000 < 5500;
    if (row == 2 || (row == 0 && quiet)) data.twice[i] *= 1e-6;
  }
  const Outcome want = run(graph, data.view, {"reference", {}, 1, BadSamples::flag});
  const std::size_t clip = want.outputs[0].size() / 3;
  const auto floored = [&](std::size_t row) {
    const auto first = want.outputs[0].begin() + static_cast<std::ptrdiff_t>(row * clip);
    const auto last = first + static_cast<std::ptrdiff_t>(clip);
    return std::count(first, last, *std::min_element(first, last));
  };
  EXPECT_GT(floored(0), static_cast<std::ptrdiff_t>(clip) / 2);
  EXPECT_EQ(floored(2), 1);
  expect_like_reference(graph, data.view, "quiet frames");
}

TEST(CpuProgram, ClipsCutAndPaddedBeforeFraming) {
  auto options = std::get<MelOptions>(profile("mel", "whisper", 16000).options);
  for (const double seconds : {0.1, 0.25, 0.5}) {
    options.pad_to = seconds;
    const Rows data(3, 4000, DType::f64);
    expect_like_reference(spectral::build_log_mel(spectral::fit_mel(options, 4000), DType::f64),
                          data.view, "padded to " + std::to_string(seconds));
  }
}

TEST(CpuProgram, PeaksAndBinsFindWhatTheReferenceFinds) {
  for (const TopMode mode : {TopMode::peaks, TopMode::bins}) {
    PeaksOptions options;
    options.welch.nperseg = 128;
    options.top = 5;
    options.mode = mode;
    const Rows data(9, 1000, DType::f64);
    const auto graph =
        spectral::build_peaks(spectral::fit_peaks(options, 1000, false), false, DType::f64, true);
    const Outcome want = run(graph, data.view, {"reference", {}, 1, BadSamples::flag});
    for (const RunSpec& spec : runs_under_test()) {
      const Outcome got = run(graph, data.view, spec);
      for (std::size_t i = 0; i < want.outputs[0].size(); ++i) {
        if (std::isnan(want.outputs[0][i])) {
          EXPECT_TRUE(std::isnan(got.outputs[0][i]));
        } else {
          EXPECT_NEAR(got.outputs[0][i], want.outputs[0][i], 1e-9 * std::abs(want.outputs[0][i]));
        }
      }
      EXPECT_LE(worst_row(got.outputs[1], want.outputs[1], 9), kF64);
    }
  }
}

/// Rows that share a block on a GPU have few and many peaks to weigh against one another.
TEST(CpuProgram, PeaksKeepTheirDistanceInEveryRow) {
  PeaksOptions options;
  options.welch.nperseg = 256;
  options.top = 8;
  options.mode = TopMode::peaks;
  options.min_distance = 3.0 / 256.0;
  Rows data(20, 384, DType::f64);
  std::fill_n(data.twice.begin() + 4 * 384, 384, 0.0);  // no peak at all
  const auto graph =
      spectral::build_peaks(spectral::fit_peaks(options, 384, false), false, DType::f64);
  const Outcome want = run(graph, data.view, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, data.view, spec);
    for (std::size_t i = 0; i < want.outputs[0].size(); i += 4) {  // bins
      EXPECT_EQ(got.outputs[0][i], want.outputs[0][i]) << name_of(spec) << " slot " << i / 4;
    }
  }
}

TEST(CpuProgram, TransformsInRows) {
  for (const DType compute : {DType::f32, DType::f64}) {
    for (const bool real : {false, true}) {
      for (const bool inverse : {false, true}) {
        for (const std::int64_t length : {1, 2, 7, 16, 33}) {
          FftOptions options;
          options.real = real;
          options.inverse = inverse;
          options.n = length + (length > 2 ? 3 : 0);
          const bool complex = spectral::takes_complex(options);
          const Rows data(4, length, compute, complex);
          expect_like_reference(spectral::build_fft(options, length, compute), data.view,
                                "fft " + std::to_string(length));
        }
      }
    }
  }
}

TEST(CpuProgram, RowsKeepTheirBitsBesideAnyOthers) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = welch_graph(options, false, DType::f32, 1000);
  Rows data(40, 1000, DType::f32);
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome all = run(graph, data.view, spec);
    const std::size_t row_bytes = all.bytes[0].size() / 40;
    for (const std::int64_t row : {0, 1, 17, 39}) {
      base::TensorView one = data.view;
      one.data = data.single.data() + row * 1000;
      one.shape[0] = 1;
      const Outcome alone = run(graph, one, spec);
      EXPECT_EQ(0, std::memcmp(alone.bytes[0].data(),
                               all.bytes[0].data() + static_cast<std::size_t>(row) * row_bytes,
                               row_bytes))
          << name_of(spec) << " row " << row;
    }
  }
}

TEST(CpuProgram, BadRowsAreFlaggedAndTheirNeighboursUntouched) {
  for (const std::int64_t samples : {96, 1000}) {
    WelchOptions options;
    options.nperseg = 64;
    const auto graph = welch_graph(options, false, DType::f32, samples);
    Rows data(20, samples, DType::f32);
    const Outcome clean = run(graph, data.view, runs_under_test().back());
    // Where the window is zero.
    data.single[static_cast<std::size_t>(2 * samples)] = std::numeric_limits<float>::infinity();
    data.single[static_cast<std::size_t>(3 * samples + 40)] =
        std::numeric_limits<float>::quiet_NaN();
    data.single[static_cast<std::size_t>(11 * samples + 7)] =
        std::numeric_limits<float>::infinity();
    const Outcome got = run(graph, data.view, runs_under_test().back());
    EXPECT_EQ(got.status[2].first_bad, 0);
    EXPECT_EQ(got.status[3].first_bad, 40);
    EXPECT_EQ(got.status[11].first_bad, 7);
    for (std::size_t i = 0; i < got.outputs[0].size(); ++i) {
      const std::size_t row = i / 33;
      if (row == 2 || row == 3 || row == 11) {
        EXPECT_TRUE(std::isnan(got.outputs[0][i]));
      } else {
        EXPECT_EQ(got.outputs[0][i], clean.outputs[0][i]);
        EXPECT_EQ(got.status[row].first_bad, -1);
      }
    }
  }
}

TEST(CpuProgram, PowersTooLargeAreNoBadSamples) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = welch_graph(options, false, DType::f32, 256);
  Rows data(5, 256, DType::f32);
  data.single[static_cast<std::size_t>(2 * 256 + 100)] = 1e30F;
  const Outcome got = run(graph, data.view, runs_under_test().back());
  for (std::size_t row = 0; row < 5; ++row) {
    EXPECT_EQ(got.status[row].first_bad, -1) << row;
    EXPECT_EQ(got.status[row].overflow, row == 2) << row;
  }
}

/// A line is 1000 times what lies about it.
TEST(CpuProgram, PowersBesideAnOffsetAndALine) {
  for (const Detrend detrend : {Detrend::constant, Detrend::linear}) {
    WelchOptions options;
    options.nperseg = 200;
    options.detrend = detrend;
    const auto graph = welch_graph(options, false, DType::f32, 1000);
    Rows data(2, 1000, DType::f32);
    const std::size_t line = detrend == Detrend::linear ? 1000 : 1;
    for (std::size_t i = 0; i < 2000; ++i) data.single[i] += static_cast<float>(1000 + i % line);
    const Outcome want = run(graph, data.view, {"reference", {}, 1});
    for (const RunSpec& spec : runs_under_test()) {
      const Outcome got = run(graph, data.view, spec);
      EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], 2), 1e-6) << name_of(spec);
    }
  }
}

/// A tone whose power is beyond the compute type, in one bin.
TEST(CpuProgram, PowersTooLargeStayInTheirBands) {
  MelOptions options;
  options.n_fft = options.win_length = 256;
  options.hop_length = 128;
  options.n_mels = 40;
  options.center = false;
  const auto graph = spectral::build_log_mel(spectral::fit_mel(options, 512), DType::f32);
  Rows data(1, 512, DType::f32);
  for (std::size_t i = 0; i < 512; ++i) {
    data.single[i] = 3e19F * std::cos(std::numbers::pi_v<float> * static_cast<float>(i) / 4.0F);
  }
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, data.view, spec);
    std::int64_t infinite = 0;
    for (const double value : got.outputs[0]) {
      EXPECT_FALSE(std::isnan(value)) << name_of(spec);
      infinite += std::isinf(value) ? 1 : 0;
    }
    EXPECT_GT(infinite, 0);
    EXPECT_LT(infinite, 40) << name_of(spec);
    EXPECT_TRUE(got.status[0].overflow);
  }
}

TEST(CpuProgram, SkippedSegmentsLeaveTheMeanOfTheOthers) {
  WelchOptions options;
  options.nperseg = 64;
  options.noverlap = 0;
  const auto graph = welch_graph(options, false, DType::f64, 640);
  Rows data(2, 640, DType::f64);
  std::vector<double> shorter(data.twice.begin() + 64, data.twice.begin() + 640);
  data.twice[5] = std::numeric_limits<double>::quiet_NaN();
  RunSpec skip = runs_under_test().back();
  skip.bad = BadSamples::skip;
  const Outcome got = run(graph, data.view, skip);
  const Outcome want =
      run(graph, base::dense(shorter.data(), DType::f64, {1, 576}), {"reference", {}, 1, {}});
  EXPECT_EQ(got.status[0].skipped, 1);
  EXPECT_EQ(got.status[0].first_bad, 5);
  EXPECT_EQ(got.status[1].skipped, 0);
  EXPECT_EQ(got.status[1].first_bad, -1);
  const std::vector<double> first(got.outputs[0].begin(), got.outputs[0].begin() + 33);
  EXPECT_LE(worst_row(first, want.outputs[0], 1), kF64);
}

TEST(CpuProgram, IntegerAndStridedInputIsConvertedInTheLoad) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = welch_graph(options, false, DType::f32, 500);
  std::vector<std::int16_t> interleaved(static_cast<std::size_t>(3 * 500));
  std::vector<float> rows(interleaved.size());
  for (std::size_t i = 0; i < interleaved.size(); ++i) {
    interleaved[i] = static_cast<std::int16_t>(static_cast<int>(i * 7919 % 4001) - 2000);
    rows[i % 3 * 500 + i / 3] = static_cast<float>(interleaved[i]) / 32768.0F;
  }
  base::TensorView strided = base::dense(interleaved.data(), DType::i16, {3, 500});
  strided.byte_strides[0] = 2;
  strided.byte_strides[1] = 6;
  strided.scale = 1.0 / 32768.0;
  const RunSpec spec = runs_under_test().back();
  const Outcome got = run(graph, strided, spec);
  const Outcome want = run(graph, base::dense(rows.data(), DType::f32, {3, 500}), spec);
  EXPECT_TRUE(got.bytes[0] == want.bytes[0]);
}

/// More than a side of a GPU's grid may have blocks; rows repeat after 7, so that few are compared.
TEST(CpuProgram, MoreThan65535Rows) {
  if (emulated()) GTEST_SKIP() << "too many rows for the emulator";
  constexpr std::int64_t kRows = 70'001;
  const auto graph = welch_graph({.nperseg = 16}, false, DType::f32, 24);
  const Rows few(7, 24, DType::f32);
  std::vector<float> all;
  for (std::int64_t row = 0; row < kRows; ++row) {
    const auto first = few.single.begin() + row % 7 * 24;
    all.insert(all.end(), first, first + 24);
  }
  const Outcome want = run(graph, few.view, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, base::dense(all.data(), DType::f32, {kRows, 24}), spec);
    std::vector<double> repeated;
    for (std::int64_t row = 0; row < kRows; ++row) {
      const auto first = want.outputs[0].begin() + row % 7 * 9;
      repeated.insert(repeated.end(), first, first + 9);
    }
    EXPECT_LE(worst_row(got.outputs[0], repeated, kRows), kF32) << name_of(spec);
  }
}

TEST(CpuProgram, NoRowsGiveNoResultsAndNoCrash) {
  WelchOptions options;
  options.nperseg = 64;
  const auto graph = welch_graph(options, false, DType::f32, 500);
  float nothing = 0;
  const base::TensorView none = base::dense(&nothing, DType::f32, {0, 500});
  EXPECT_TRUE(run(graph, none, runs_under_test().back()).outputs[0].empty());
}

}  // namespace
}  // namespace papilio::runtime::testing
