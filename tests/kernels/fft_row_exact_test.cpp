// Small lengths in f64 against the defining sum in long double, where FFTW itself is no better
// than the transform under test.
#include <complex>
#include <numbers>

#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

class RowExact : public EveryIsa {};

std::vector<double> defining_sum(std::int64_t n, const std::vector<double>& pairs) {
  std::vector<double> out;
  for (std::int64_t k = 0; k < n; ++k) {
    std::complex<long double> sum = 0;
    for (std::int64_t t = 0; t < n; ++t) {
      const long double turn = static_cast<long double>(t * k % n) / static_cast<long double>(n);
      const long double angle = -2 * std::numbers::pi_v<long double> * turn;
      const std::size_t at = static_cast<std::size_t>(2 * t);
      sum += std::complex<long double>(pairs[at], pairs[at + 1]) *
             std::complex<long double>(std::cos(angle), std::sin(angle));
    }
    out.push_back(static_cast<double>(sum.real()));
    out.push_back(static_cast<double>(sum.imag()));
  }
  return out;
}

TEST_P(RowExact, f64_is_within_a_few_roundings) {
  for (std::int64_t n = 1; n <= 200; ++n) {
    const std::vector<double> in = random_values(2 * n, static_cast<unsigned>(n));
    const std::vector<double> want = defining_sum(n, in);
    const std::vector<double> got =
        run_rows(RowFftPlan<double>(FftKind::forward, n, GetParam()), in, 1);
    const double limit = is_five_smooth(n) ? 5e-16 : 1e-15;
    EXPECT_LE(row_error(got.data(), want.data(), 2 * n), limit) << "n=" << n;
  }
}

PAPILIO_EVERY_ISA(RowExact);

}  // namespace
}  // namespace papilio::kernels
