// Welch's PSD of two interleaved 16-bit channels, read where they lie: where is the alpha rhythm?
#include <papilio/papilio.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>
#include <vector>

constexpr double kRate = 250.0;

/// 60 s of a made-up EEG: noise in both channels, 20 uV at 10 Hz in the second. 0.1 uV a step.
std::vector<std::int16_t> recording() {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0.0, 10.0);
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 60 * 250; ++i) {
    const double alpha = 20.0 * std::sin(2.0 * std::numbers::pi * 10.0 * i / kRate);
    for (const double microvolts : {noise(random), noise(random) + alpha}) {
      samples.push_back(static_cast<std::int16_t>(std::lround(10.0 * microvolts)));
    }
  }
  return samples;
}

int main() {
  const std::vector<std::int16_t> samples = recording();
  const auto frames = static_cast<std::int64_t>(samples.size()) / 2;

  // Row r starts at sample r, its samples are two apart; 0.1 uV a step.
  papilio::View<const std::int16_t> channels(samples.data(), {2, frames}, {1, 2}, 0.1);

  auto psd = papilio::welch(channels, {.fs = kRate, .nperseg = 500, .fmin = 8.0, .fmax = 13.0});

  const auto bins = static_cast<std::size_t>(psd.shape[1]);
  std::printf("%zu bins from %g to %g Hz, mean of %lld segments, %s\n", bins,
              psd.frequencies.front(), psd.frequencies.back(),
              static_cast<long long>(psd.info.frames), psd.info.strategy.c_str());
  double band[2] = {0.0, 0.0};
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      band[row] += psd.data[row * bins + bin] * kRate / 500.0;  // uV^2/Hz times the bins' width
    }
    std::printf("channel %zu: %6.1f uV^2 from 8 to 13 Hz\n", row, band[row]);
  }
  // A sine of 20 uV has 200 uV^2; the noise, 100 uV^2 over 125 Hz, adds about 4.
  return std::abs(band[0] - 4.4) < 1.5 && std::abs(band[1] - 204.4) < 8.0 ? 0 : 1;
}
