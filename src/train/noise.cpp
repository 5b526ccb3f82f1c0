// One function a class of noise.
#include "train/noise.h"

#include <array>
#include <cmath>
#include <numbers>

namespace papilio::train {
namespace {

constexpr int kTones = 3;
constexpr double kToneDecibels = 40.0;
// Of the pink filter's slowest pole the memory is 900 samples.
constexpr int kWarmUp = 8192;

/// White in, pink out: six poles and a delay, P. Kellet's "refined" filter (musicdsp.org, 1999).
class PinkFilter {
 public:
  Complex operator()(Complex white) {
    constexpr std::array<double, 6> kPole{0.99886, 0.99332, 0.96900, 0.86650, 0.55000, -0.7616};
    constexpr std::array<double, 6> kGain{0.0555179, 0.0750759, 0.1538520,
                                          0.3104856, 0.5329522, -0.0168980};
    Complex sum = delayed_ + 0.5362 * white;
    for (std::size_t i = 0; i < kPole.size(); ++i) {
      held_[i] = kPole[i] * held_[i] + kGain[i] * white;
      sum += held_[i];
    }
    delayed_ = 0.115926 * white;
    return sum;
  }

 private:
  std::array<Complex, 6> held_{};
  Complex delayed_ = 0.0;
};

/// What brings the filter's output to unit mean square: one over the norm of its impulse response.
double pink_gain() {
  static const double gain = [] {
    PinkFilter filter;
    double power = std::norm(filter(1.0));
    for (int i = 0; i < kWarmUp; ++i) power += std::norm(filter(0.0));
    return 1.0 / std::sqrt(power);
  }();
  return gain;
}

void add_pink(base::Rng& rng, std::int64_t count, bool real, std::vector<Complex>& values) {
  PinkFilter filter;
  for (int i = 0; i < kWarmUp; ++i) filter(unit_sample(rng, real));
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(pink_gain() * filter(unit_sample(rng, real)));
  }
}

void add_tones(base::Rng& rng, std::int64_t n, bool real, std::vector<Complex>& values) {
  std::array<Complex, kTones> tone, turn;
  double power = 0.0;
  for (std::size_t i = 0; i < kTones; ++i) {
    const double level = std::pow(10.0, -kToneDecibels * rng.uniform() / 20.0);
    tone[i] = std::polar(level, 2.0 * std::numbers::pi * rng.uniform());
    turn[i] = std::polar(1.0, 2.0 * std::numbers::pi * rng.uniform());
    power += real ? 0.5 * level * level : level * level;
  }
  for (Complex& value : tone) value /= std::sqrt(power);
  for (std::int64_t t = 0; t < n; ++t) {
    Complex sum = 0.0;
    for (std::size_t i = 0; i < kTones; ++i) {
      sum += tone[i];
      tone[i] *= turn[i];
    }
    values.push_back(real ? sum.real() : sum);
  }
}

}  // namespace

const std::vector<std::string>& noise_names() {
  static const std::vector<std::string> names{"white", "pink", "tones"};
  return names;
}

Complex unit_sample(base::Rng& rng, bool real) {
  if (real) return rng.normal();
  const double re = rng.normal();
  return std::sqrt(0.5) * Complex(re, rng.normal());
}

base::Rng stream_of(Split split, std::uint64_t seed, std::uint64_t number) {
  return base::Rng(seed, number, static_cast<unsigned>(split));
}

Batch noise_batch(Noise noise, Split split, std::uint64_t seed, std::uint64_t number,
                  std::int64_t rows, std::int64_t n, bool real) {
  base::Rng rng = stream_of(split, seed, number);
  Batch batch;
  batch.rows = rows;
  batch.inputs.reserve(static_cast<std::size_t>(rows * n));
  switch (noise) {
    case Noise::white:
      for (std::int64_t i = 0; i < rows * n; ++i) batch.inputs.push_back(unit_sample(rng, real));
      break;
    case Noise::pink:
      add_pink(rng, rows * n, real, batch.inputs);
      break;
    case Noise::tones:
      for (std::int64_t row = 0; row < rows; ++row) add_tones(rng, n, real, batch.inputs);
      break;
  }
  return batch;
}

}  // namespace papilio::train
