// Rows: what they are, that splits never meet, and what is refused.
#include "train/data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "train/support.h"
#include "train/task.h"
#include "transform/apply.h"
#include "transform/inits.h"

namespace papilio::train {
namespace {

constexpr Split kSplits[] = {Split::training, Split::validation, Split::test};

double power_of(const std::vector<Complex>& values) {
  double sum = 0.0;
  for (const Complex value : values) sum += std::norm(value);
  return sum / static_cast<double>(values.size());
}

/// Mean power by bin of rows of n.
std::vector<double> spectrum_of(const Batch& batch, std::int64_t n) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  const transform::Network dft = transform::exact_dft(spec);
  std::vector<double> power(static_cast<std::size_t>(n));
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto x = std::span(batch.inputs)
                       .subspan(static_cast<std::size_t>(row * n), static_cast<std::size_t>(n));
    const auto y = transform::apply_network(dft, x);
    for (std::size_t k = 0; k < power.size(); ++k) power[k] += std::norm(y[k]);
  }
  return power;
}

/// A ramp, so that a window tells where it came from.
std::shared_ptr<const Recordings> ramps(std::vector<int> lengths) {
  auto recordings = std::make_shared<Recordings>();
  float base = 0.0F;
  for (const int length : lengths) {
    auto& channel = recordings->channels.emplace_back();
    for (int i = 0; i < length; ++i) channel.emplace_back(base + static_cast<float>(i), 0.0F);
    base += 10000.0F;
  }
  return recordings;
}

TEST(Noise, IsOfUnitMeanSquareAndRepeats) {
  for (const Noise noise : {Noise::white, Noise::pink, Noise::tones}) {
    for (const bool real : {false, true}) {
      const Batch a = noise_batch(noise, Split::training, 3, 5, 400, 64, real);
      const Batch b = noise_batch(noise, Split::training, 3, 5, 400, 64, real);
      EXPECT_EQ(a.inputs, b.inputs);
      // Pink noise varies most: its lowest frequencies hold few independent numbers.
      EXPECT_NEAR(power_of(a.inputs), 1.0, 0.15) << static_cast<int>(noise) << real;
      if (real) {
        EXPECT_EQ(a.inputs[7].imag(), 0.0);
      }
    }
  }
}

TEST(Noise, OfSplitsSeedsAndNumbersIsNeverTheSame) {
  for (const Noise noise : {Noise::white, Noise::pink, Noise::tones}) {
    std::set<double> firsts;
    for (const Split split : kSplits) {
      for (const std::uint64_t seed : {0U, 1U, 2U}) {
        for (const std::uint64_t number : {0U, 1U}) {
          firsts.insert(noise_batch(noise, split, seed, number, 1, 8, false).inputs[3].real());
        }
      }
    }
    EXPECT_EQ(firsts.size(), 18U);
  }
}

TEST(Noise, PinkFallsTenDecibelsADecade) {
  const Batch batch = noise_batch(Noise::pink, Split::test, 1, 0, 600, 256, true);
  const std::vector<double> power = spectrum_of(batch, 256);
  // Means of octaves around bins 8 and 64: 1/f makes them 8 to 1, a window's leakage a little less.
  double low = 0.0, high = 0.0;
  for (std::size_t k = 6; k < 12; ++k) low += power[k] / 6.0;
  for (std::size_t k = 48; k < 96; ++k) high += power[k] / 48.0;
  EXPECT_NEAR(low / high, 8.0, 1.2);
}

TEST(Noise, PinkIsTheSameFromItsFirstSampleOn) {
  for (const bool real : {false, true}) {
    const std::vector<Complex> stream =
        noise_batch(Noise::pink, Split::test, 1, 0, 1, 1 << 20, real).inputs;
    double near = 0.0, far = 0.0, power = 0.0, near_first = 0.0, far_first = 0.0;
    constexpr std::size_t kFar = 30;
    for (std::size_t i = 0; i + kFar < stream.size(); ++i) {
      near += (stream[i] * std::conj(stream[i + 1])).real();
      far += (stream[i] * std::conj(stream[i + kFar])).real();
    }
    constexpr int kBatches = 8000;
    for (std::uint64_t number = 0; number < kBatches; ++number) {
      const auto first = noise_batch(Noise::pink, Split::test, 2, number, 1, kFar + 1, real).inputs;
      power += std::norm(first[0]);
      near_first += (first[0] * std::conj(first[1])).real();
      far_first += (first[0] * std::conj(first[kFar])).real();
    }
    const auto all = static_cast<double>(stream.size() - kFar);
    EXPECT_NEAR(power / kBatches, 1.0, 0.06) << real;
    EXPECT_NEAR(near_first / kBatches, near / all, 0.06) << real;
    EXPECT_NEAR(far_first / kBatches, far / all, 0.06) << real;
  }
}

TEST(Noise, ATonesRowIsThreeLines) {
  const Batch batch = noise_batch(Noise::tones, Split::test, 1, 0, 1, 256, false);
  std::vector<double> power = spectrum_of(batch, 256);
  std::sort(power.rbegin(), power.rend());
  double strongest = 0.0, all = 0.0;
  for (std::size_t k = 0; k < power.size(); ++k) {
    all += power[k];
    if (k < 30) strongest += power[k];
  }
  EXPECT_GT(strongest / all, 0.95);
}

TEST(Recordings, WindowsOfTrainingAndValidationShareNoSample) {
  Data data;
  data.source = ramps({1000, 400});
  std::set<double> trained, judged;
  for (std::uint64_t number = 0; number < 200; ++number) {
    for (const Complex value : draw(data, Split::training, 7, number, 16, 16, false).inputs) {
      trained.insert(value.real());
    }
    for (const Complex value : draw(data, Split::validation, 7, number, 16, 16, false).inputs) {
      judged.insert(value.real());
    }
  }
  for (const double value : judged) EXPECT_FALSE(trained.contains(value)) << value;
  // All of both channels is used.
  EXPECT_GT(trained.size(), 1200U);
  EXPECT_GT(judged.size(), 130U);
  EXPECT_EQ(*trained.begin(), 0.0);
  EXPECT_EQ(*judged.rbegin(), 10399.0);
}

TEST(Recordings, AWindowIsConsecutive) {
  Data data;
  data.source = ramps({500});
  const Batch batch = draw(data, Split::training, 1, 0, 4, 32, false);
  for (std::size_t i = 1; i < 32; ++i) {
    EXPECT_EQ(batch.inputs[i].real(), batch.inputs[0].real() + static_cast<double>(i));
  }
}

TEST(Recordings, WhatCannotServeIsRefused) {
  Data data;
  data.source = ramps({159});
  expect_refusal([&] { validate(data, 16, false); }, {"159", "160", "last tenth"}, "[train] ");
  auto silent = std::make_shared<Recordings>();
  silent->channels.assign(1, std::vector<std::complex<float>>(1000));
  data.source = std::shared_ptr<const Recordings>(silent);
  expect_refusal([&] { validate(data, 16, false); }, {"silent"}, "[train] ");
  silent->channels[0][999] = 1.0F;
  EXPECT_NO_THROW(validate(data, 16, false));
  silent->complex = true;
  expect_refusal([&] { validate(data, 16, true); }, {"complex"}, "[train] ");
  silent->channels[0][5] = std::numeric_limits<float>::quiet_NaN();
  expect_refusal([&] { validate(data, 16, false); }, {"not finite"}, "[train] ");
}

TEST(Pairs, TheLastTenthIsHeldOut) {
  Batch pairs;
  pairs.rows = 50;
  for (int i = 0; i < 50 * 4; ++i) {
    pairs.inputs.emplace_back(i / 4);
    pairs.targets.emplace_back(-i / 4);
  }
  const Data data = pair_data(pairs);
  validate(data, 4, true);
  const Batch held = draw(data, Split::validation, 0, 0, 256, 4, true);
  EXPECT_EQ(held.rows, 5);
  EXPECT_EQ(held.inputs[0].real(), 45.0);
  const Batch batch = draw(data, Split::training, 0, 3, 500, 4, true);
  EXPECT_EQ(batch.rows, 500);
  for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
    EXPECT_LT(batch.inputs[i].real(), 45.0);
    EXPECT_EQ(batch.targets[i], -batch.inputs[i]);
  }
  expect_refusal([&] { validate(data, 5, true); }, {"50 pairs of 5"}, "[train] ");
}

TEST(Pairs, TooFewDetermineNothing) {
  const auto task_of = [](std::int64_t rows) {
    Batch pairs;
    pairs.rows = rows;
    pairs.inputs.assign(static_cast<std::size_t>(8 * rows), 1.0);
    pairs.targets = pairs.inputs;
    Task task;
    transform::NetworkSpec spec;
    spec.layout = transform::default_layout(8);
    task.model = {8, {transform::random_network(spec, 5)}};
    task.data = pair_data(std::move(pairs));
    return task;
  };
  // 24 twiddles of two numbers and a scale; 16 equations a pair.
  expect_refusal([&] { validate(task_of(2)); },
                 {"2 pairs", "25 real numbers", "1 is held out", "2 others are needed",
                  "16 equations", "at least 3"},
                 "[train] ");
  EXPECT_NO_THROW(validate(task_of(3)));
}

TEST(Matrices, MakeTheirTargets) {
  auto matrix = std::make_shared<transform::Matrix>(2, 2);
  matrix->values = {1.0, 2.0, Complex(0.0, 1.0), 0.0};
  Data data;
  data.matrix = matrix;
  validate(data, 2, false);
  const Batch batch = draw(data, Split::training, 1, 1, 5, 2, false);
  for (std::size_t row = 0; row < 5; ++row) {
    const Complex a = batch.inputs[2 * row], b = batch.inputs[2 * row + 1];
    EXPECT_NEAR(std::abs(batch.targets[2 * row] - (a + 2.0 * b)), 0.0, 1e-14);
    EXPECT_NEAR(std::abs(batch.targets[2 * row + 1] - Complex(0.0, 1.0) * a), 0.0, 1e-14);
  }
  expect_refusal([&] { validate(data, 4, false); }, {"2 x 2", "4 x 4"}, "[train] ");
  expect_refusal([&] { validate(data, 2, true); }, {"complex"}, "[train] ");
}

TEST(Data, OfOtherNumbersHaveOtherFingerprints) {
  Data white, pink, a, b;
  pink.source = Noise::pink;
  a.source = ramps({500});
  b.source = ramps({501});
  const std::set<std::string> all{fingerprint(white), fingerprint(pink), fingerprint(a),
                                  fingerprint(b)};
  EXPECT_EQ(all.size(), 4U);
  EXPECT_EQ(fingerprint(a), fingerprint(Data{ramps({500}), {}}));
}

}  // namespace
}  // namespace papilio::train
