// Transforms of many lengths, both ways, real and complex, against the reference: every shape that
// a device chooses for a length.
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "runtime/support.h"
#include "spectral/transform.h"

namespace papilio::runtime::testing {
namespace {

bool full_grid() { return std::getenv("PAPILIO_LONG") != nullptr; }

std::vector<std::int64_t> lengths(DType compute) {
  if (!full_grid()) return {64, 100, 256, 480, 2048};
  std::vector<std::int64_t> all;
  for (std::int64_t n = 1; n <= 64; ++n) all.push_back(n);
  for (const std::int64_t n :
       {100, 125,  128,  200,  243,  256,  300,  360,  400,  480,  500,  512,  625,  729,
        960, 1000, 1009, 1024, 1500, 2000, 2048, 2187, 3000, 4096, 5000, 6000, 8192, 16384}) {
    if (n <= 8192 || compute == DType::f32) all.push_back(n);
  }
  return all;
}

template <typename Real>
double error_of(const FftOptions& options, std::int64_t rows, DType compute,
                const RunSpec& device) {
  const bool complex = spectral::takes_complex(options);
  const std::int64_t n = *options.n;
  const std::int64_t samples = options.real && options.inverse ? n / 2 + 1 : n;
  const std::vector<double> values = signal(rows, samples, 3, complex);
  std::vector<Real> data(values.begin(), values.end());
  const DType dtype = complex ? ir::complex_of(compute) : compute;
  const auto view = base::dense(data.data(), dtype, {rows, samples});
  const auto graph = spectral::build_fft(options, samples, compute);
  const Outcome want = run(graph, view, {"reference", {}, 1, BadSamples::flag});
  return worst_row(run(graph, view, device).outputs[0], want.outputs[0], rows);
}

/// Compute type, real, inverse.
class TransformSizes : public ::testing::TestWithParam<std::tuple<DType, bool, bool>> {};

TEST_P(TransformSizes, LikeTheReference) {
  const RunSpec device = runs_under_test().back();
  const auto [compute, real, inverse] = GetParam();
  const bool single = compute == DType::f32;
  for (const std::int64_t n : lengths(compute)) {
    FftOptions options;
    options.n = n;
    options.real = real;
    options.inverse = inverse;
    const std::int64_t rows = n <= 512 ? 21 : 3;
    const double error = single ? error_of<float>(options, rows, compute, device)
                                : error_of<double>(options, rows, compute, device);
    EXPECT_LE(error, single ? 1e-6 : 1e-14) << "n " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TransformSizes,
                         ::testing::Combine(::testing::Values(DType::f32, DType::f64),
                                            ::testing::Bool(), ::testing::Bool()));

}  // namespace
}  // namespace papilio::runtime::testing
