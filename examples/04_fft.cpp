// Transforms planned once and run often: a fast convolution by spectra, without an allocation.
#include <papilio/papilio.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <vector>

int main() {
  constexpr std::int64_t kRows = 100, kLength = 300, kTaps = 101, kN = kLength + kTaps - 1;

  // Rows of a ramp, and a moving average of 101 samples.
  std::vector<double> rows(kRows * kLength), taps(kTaps, 1.0 / kTaps);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<double>(i % kLength);

  // As numpy.fft.rfft(x, n=400) and irfft(X, n=400): n zero-pads or cuts. Any n will do.
  const papilio::Fft<double> rfft(kLength, {.n = kN, .real = true});
  const papilio::Fft<double> rfft_taps(kTaps, {.n = kN, .real = true});
  const papilio::Fft<double> irfft(rfft.outputs(), {.n = kN, .real = true, .inverse = true});

  const std::int64_t bins = rfft.outputs();
  std::vector<std::complex<double>> spectra(kRows * static_cast<std::size_t>(bins));
  std::vector<std::complex<double>> filter(static_cast<std::size_t>(bins));
  std::vector<double> smooth(kRows * kN);

  papilio::Scratch scratch;  // grows in the first run, is reused by the others; one per thread
  rfft_taps.run(papilio::View<const double>(taps), papilio::View(filter.data(), 1, bins), scratch);
  rfft.run(papilio::View<const double>(rows.data(), kRows, kLength),
           papilio::View(spectra.data(), kRows, bins), scratch);
  for (std::size_t i = 0; i < spectra.size(); ++i) spectra[i] *= filter[i % filter.size()];
  irfft.run(papilio::View<const std::complex<double>>(spectra.data(), kRows, bins),
            papilio::View(smooth.data(), kRows, kN), scratch);

  // Where all taps overlap, the moving average of a ramp is the ramp, 50 samples later.
  double worst = 0.0;
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t i = kTaps - 1; i < kLength; ++i) {
      worst = std::max(worst, std::abs(smooth[row * kN + i] - (static_cast<double>(i) - 50.0)));
    }
  }
  std::printf("%lld rows convolved through %lld bins, largest error %.1e\n",
              static_cast<long long>(kRows), static_cast<long long>(bins), worst);
  return worst < 1e-11 ? 0 : 1;
}
