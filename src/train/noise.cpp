// One function a class of noise.
#include "train/noise.h"

#include <array>
#include <cmath>
#include <numbers>

namespace papilio::train {
namespace {

constexpr int kTones = 3;
constexpr double kToneDecibels = 40.0;
constexpr std::size_t kPoles = 6;
constexpr std::array<double, kPoles> kPole{0.99886, 0.99332, 0.96900, 0.86650, 0.55000, -0.7616};
constexpr std::array<double, kPoles> kGain{0.0555179, 0.0750759, 0.1538520,
                                           0.3104856, 0.5329522, -0.0168980};
// Of the pink filter's slowest pole the memory is 900 samples.
constexpr int kImpulse = 8192;

using Triangle = std::array<std::array<double, kPoles>, kPoles>;

/// L of C = L L^T, where C_ij = g_i g_j / (1 - p_i p_j) is the covariance of what the poles p with
/// the gains g hold of white noise.
const Triangle& held_factor() {
  static const Triangle factor = [] {
    Triangle l{};
    for (std::size_t i = 0; i < kPoles; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double rest = kGain[i] * kGain[j] / (1.0 - kPole[i] * kPole[j]);
        for (std::size_t k = 0; k < j; ++k) rest -= l[i][k] * l[j][k];
        l[i][j] = i == j ? std::sqrt(rest) : rest / l[j][j];
      }
    }
    return l;
  }();
  return factor;
}

/// White in, pink out: six poles and a delay, P. Kellet's "refined" filter (musicdsp.org, 1999).
class PinkFilter {
 public:
  /// Silent so far.
  PinkFilter() = default;
  /// As if white noise had always gone in: its state is drawn at once, where a warm-up would take
  /// thousands of samples for every batch.
  PinkFilter(base::Rng& rng, bool real) {
    std::array<Complex, kPoles> drawn;
    for (Complex& value : drawn) value = unit_sample(rng, real);
    for (std::size_t i = 0; i < kPoles; ++i) {
      for (std::size_t j = 0; j <= i; ++j) held_[i] += held_factor()[i][j] * drawn[j];
    }
    (*this)(unit_sample(rng, real));  // the delay is of the same sample as the poles
  }

  Complex operator()(Complex white) {
    Complex sum = delayed_ + 0.5362 * white;
    for (std::size_t i = 0; i < kPole.size(); ++i) {
      held_[i] = kPole[i] * held_[i] + kGain[i] * white;
      sum += held_[i];
    }
    delayed_ = 0.115926 * white;
    return sum;
  }

 private:
  std::array<Complex, kPoles> held_{};
  Complex delayed_ = 0.0;
};

/// What brings the filter's output to unit mean square: one over the norm of its impulse response.
double pink_gain() {
  static const double gain = [] {
    PinkFilter filter;
    double power = std::norm(filter(1.0));
    for (int i = 0; i < kImpulse; ++i) power += std::norm(filter(0.0));
    return 1.0 / std::sqrt(power);
  }();
  return gain;
}

void add_pink(base::Rng& rng, std::int64_t count, bool real, std::vector<Complex>& values) {
  PinkFilter filter(rng, real);
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
