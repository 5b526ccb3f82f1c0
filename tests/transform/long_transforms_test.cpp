// Long networks: exact ones agree with FFTW, and building and applying take time like n log n.
#include <fftw3.h>

#include <algorithm>
#include <chrono>

#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

Signal fftw(Signal x, int sign) {
  auto* data = reinterpret_cast<fftw_complex*>(x.data());
  const fftw_plan plan =
      fftw_plan_dft_1d(static_cast<int>(x.size()), data, data, sign, FFTW_ESTIMATE);
  fftw_execute(plan);
  fftw_destroy_plan(plan);
  return x;
}

NetworkSpec default_spec(std::int64_t n) {
  NetworkSpec spec;
  spec.layout = default_layout(n);
  return spec;
}

TEST(LongTransforms, AgreeWithFftwInBothDirections) {
  for (const std::int64_t n :
       {64, 128, 256, 400, 480, 512, 1000, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072}) {
    NetworkSpec spec = default_spec(n);
    spec.norm = Norm::none;
    const Signal x = noise(n, static_cast<std::uint64_t>(n));
    EXPECT_LT(distance(apply_network(exact_dft(spec), x), fftw(x, FFTW_FORWARD)), 2e-15) << n;
    spec.direction = Direction::inverse;
    EXPECT_LT(distance(apply_network(exact_dft(spec), x), fftw(x, FFTW_BACKWARD)), 2e-15) << n;
  }
}

TEST(LongTransforms, EveryReadingUndoesOrMirrorsAt131072) {
  const Network network = random_network(default_spec(131072), 5);
  const Signal x = noise(131072);
  const Signal y = apply_network(network, x);
  EXPECT_LT(distance(apply_network(network, y, Reading::inverse), x), 1e-14);
  // Unit-modulus radix-2 twiddles: the adjoint is n times the inverse.
  Signal back = apply_network(network, y, Reading::adjoint);
  for (Complex& value : back) value /= 131072.0;
  EXPECT_LT(distance(back, x), 1e-14);
}

/// The least seconds of five runs of body.
template <typename Body>
double seconds(const Body& body) {
  double least = 1e30;
  for (int run = 0; run < 5; ++run) {
    const auto start = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    least = std::min(least, taken.count());
  }
  return least;
}

// From n = 2048 to 131072, n log n grows by 99, n^2 by 4096; the bound leaves room for caches and
// busy machines.
TEST(LongTransforms, TimeGrowsLikeNLogN) {
  const NetworkSpec small = default_spec(2048);
  const NetworkSpec large = default_spec(131072);
  const double build = seconds([&] { exact_dft(large); }) / seconds([&] { exact_dft(small); });
  EXPECT_LT(build, 1000.0);
  const Network a = exact_dft(small);
  const Network b = exact_dft(large);
  const Signal x = noise(2048);
  const Signal y = noise(131072);
  const double run = seconds([&] { apply_network(b, y); }) / seconds([&] { apply_network(a, x); });
  EXPECT_LT(run, 1000.0);
}

}  // namespace
}  // namespace papilio::transform
