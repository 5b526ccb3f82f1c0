// What README.md shows: a PSD of one row, and the peaks of a stack without a copy.
#include <papilio/papilio.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

// Two seconds at 250 Hz with a tone of 10 Hz.
std::vector<float> load() {
  std::vector<float> row(500);
  for (std::size_t t = 0; t < row.size(); ++t) {
    row[t] = static_cast<float>(
        std::sin(2.0 * 3.14159265358979 * 10.0 * static_cast<double>(t) / 250.0));
  }
  row.resize(1024, 0.0f);
  return row;
}

}  // namespace

int main() {
  std::vector<float> x = load();  // one row
  auto psd = papilio::welch(x, {.fs = 250.0, .nperseg = 512});
  for (std::size_t bin = 0; bin < psd.frequencies.size(); ++bin)
    std::printf("%8.2f Hz  %g\n", psd.frequencies[bin], psd.data[bin]);

  const std::int64_t rows = 2;
  const std::int64_t length = 1024;
  std::vector<std::int16_t> recorded;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const float value : x) recorded.push_back(static_cast<std::int16_t>(1000.0f * value));
  }
  const std::int16_t* samples = recorded.data();
  papilio::View<const std::int16_t> stack(samples, rows, length);  // many rows, no copy
  auto found = papilio::peaks(stack, {.welch = {.fs = 48000.0}, .top = 5});

  // 10 Hz of 250 are 1920 Hz of 48000.
  const bool right =
      found.shape[0] == 2 && found.count[1] > 0 && std::abs(found.data[2] - 1920.0f) < 100.0f;
  return right ? 0 : 1;
}
