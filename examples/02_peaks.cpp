// The strongest spectral peaks of many signals, written into memory of the caller's own.
#include <papilio/papilio.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

constexpr std::int64_t kMachines = 6, kSamples = 20000;

/// Vibration of a machine at 1 kHz: a rotor at 20 Hz and a fraction, its third harmonic, an offset.
std::vector<double> vibrations() {
  std::vector<double> data;
  for (std::int64_t machine = 0; machine < kMachines; ++machine) {
    const double hz = 20.0 + 0.3 * static_cast<double>(machine);
    for (std::int64_t i = 0; i < kSamples; ++i) {
      const double phase = 2.0 * std::numbers::pi * hz * static_cast<double>(i) / 1000.0;
      data.push_back(9.81 + std::sin(phase) + 0.5 * std::sin(3.0 * phase));
    }
  }
  return data;
}

int main() {
  const std::vector<double> data = vibrations();
  const papilio::View<const double> rows(data.data(), kMachines, kSamples);

  papilio::PeaksOptions options;
  options.welch = {.fs = 1000.0, .nperseg = 4096, .scaling = papilio::Scaling::spectrum};
  options.top = 2;
  options.min_distance = 5.0;  // Hz

  // The shape is known beforehand: [rows, top, 4], double for rows of double.
  const auto shape = papilio::peaks_shape(options, kMachines);
  std::vector<double> memory(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]));
  papilio::peaks_into(rows, std::span(memory), options);

  bool good = true;
  for (std::int64_t machine = 0; machine < kMachines; ++machine) {
    // bin, power, frequency_hz, peak_power of the first slot, then of the second
    const double* slot = memory.data() + machine * 8;
    std::printf("machine %lld: %6.2f Hz (%.3f), %6.2f Hz (%.3f)\n", static_cast<long long>(machine),
                slot[2], slot[3], slot[6], slot[7]);
    const double hz = 20.0 + 0.3 * static_cast<double>(machine);
    good = good && std::abs(slot[2] - hz) < 0.05 && std::abs(slot[6] - 3.0 * hz) < 0.05;
  }

  try {
    options.welch.nperseg = 40960;
    papilio::peaks(rows, options);
    good = false;
  } catch (const papilio::UserError& error) {
    std::printf("refused: %s\n", error.what());
  }
  return good ? 0 : 1;
}
