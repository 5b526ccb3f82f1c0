// Options of Welch that nothing can satisfy: each is a UserError that says what to do.
#include <cmath>

#include "spectral/support.h"
#include "spectral/welch.h"

namespace papilio::spectral {
namespace {

void refused(const WelchOptions& options, std::initializer_list<std::string> parts) {
  expect_refusal([&] { check_welch(options); }, parts);
}

TEST(WelchErrors, Rate) {
  for (const double fs : {0.0, -1.0, double(NAN), double(INFINITY), 1e300}) {
    refused({.fs = fs}, {"[psd] the sample rate is", "--fs"});
  }
}

TEST(WelchErrors, Lengths) {
  refused({.nperseg = 0}, {"nperseg is 0", "--nperseg from 1"});
  refused({.nperseg = -5}, {"nperseg is -5"});
  refused({.nperseg = std::int64_t{1} << 40}, {"nperseg is 1099511627776"});
  refused({.noverlap = 256}, {"noverlap 256 must be from 0 to nperseg - 1 = 255", "--noverlap"});
  refused({.noverlap = -1}, {"noverlap -1"});
  refused({.n_fft = 255}, {"n_fft 255 is shorter than nperseg 256", "--n-fft"});
  refused({.n_fft = INT64_MAX}, {"n_fft is 9223372036854775807"});
  refused({.segments = 0}, {"segments is 0", "options.segments"});
}

TEST(WelchErrors, Ranges) {
  refused({.fmin = 0.3, .fmax = 0.2}, {"fmin 0.3 Hz is above fmax 0.2 Hz"});
  refused({.fmin = 0.6}, {"fmin 0.6 Hz is above Nyquist (0.5 Hz)"});
  refused({.fmin = NAN}, {"fmin is nan"});
  refused({.fmax = INFINITY}, {"fmax is inf"});
}

TEST(WelchErrors, Windows) {
  refused({.window = {"han", {}}}, {"did you mean hann?"});
  refused({.window = {"", {1.0}}}, {"1 values", "256 samples"});
  refused({.window = {"hann:sym", {}}, .nperseg = 2}, {"zero everywhere"});
  refused({.window = {"", {1.0, -1.0}}, .nperseg = 2, .scaling = Scaling::spectrum},
          {"sum is 0", "--scaling"});
  check_welch({.window = {"", {1.0, -1.0}}, .nperseg = 2});
}

TEST(WelchErrors, CarryTheCallersTag) {
  expect_refusal([] { check_welch({.nperseg = 0}, "coherence"); }, {"[coherence] nperseg"});
}

TEST(WelchErrors, DefaultsAreAccepted) { EXPECT_NO_THROW(check_welch({})); }

}  // namespace
}  // namespace papilio::spectral
