// Shared by the FFT tests: lengths, random rows, the FFTW oracle in double, errors per row.
#pragma once

#include <fftw3.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "kernels/fft_factors.h"
#include "kernels/isa.h"
#include "kernels/row_fft.h"

namespace papilio::kernels {

/// PAPILIO_LONG=1 asks for the full grids.
inline bool long_grid() {
  const char* value = std::getenv("PAPILIO_LONG");
  return value != nullptr && *value != '\0' && *value != '0';
}

/// PAPILIO_SHORT=1: what a sanitizer build has time for.
inline bool short_grid() {
  const char* value = std::getenv("PAPILIO_SHORT");
  return value != nullptr && *value != '\0' && *value != '0' && !long_grid();
}

inline constexpr FftKind kKinds[] = {FftKind::forward, FftKind::inverse, FftKind::r2c,
                                     FftKind::c2r};

inline std::string name_of(FftKind kind) {
  return std::vector<std::string>{"forward", "inverse", "r2c", "c2r"}[static_cast<int>(kind)];
}

/// Relative L2 per row: 4e-7 and 1e-6 (Bluestein) in f32, 1e-14 in f64.
template <typename T>
double bound(std::int64_t n) {
  if (sizeof(T) == 8) return 1e-14;
  return is_five_smooth(n) ? 4e-7 : 1e-6;
}

inline std::int64_t in_size(FftKind kind, std::int64_t n) {
  return kind == FftKind::r2c ? n : kind == FftKind::c2r ? 2 * (n / 2 + 1) : 2 * n;
}

inline std::int64_t out_size(FftKind kind, std::int64_t n) {
  return kind == FftKind::c2r ? n : kind == FftKind::r2c ? 2 * (n / 2 + 1) : 2 * n;
}

/// Normal deviates that float holds exactly, so that one oracle serves both element types.
inline std::vector<double> random_values(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = static_cast<double>(normal(generator));
  return values;
}

template <typename T>
std::vector<T> as(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

/// FFTW's answer in double for dense rows.
inline std::vector<double> fftw_rows(FftKind kind, std::int64_t n, std::int64_t rows,
                                     const std::vector<double>& in) {
  const std::int64_t in_step = in_size(kind, n), out_step = out_size(kind, n);
  std::vector<double> source(static_cast<std::size_t>(in_step));
  std::vector<double> out(static_cast<std::size_t>(rows * out_step));
  std::vector<double> target(static_cast<std::size_t>(out_step));
  auto* const complex_in = reinterpret_cast<fftw_complex*>(source.data());
  auto* const complex_out = reinterpret_cast<fftw_complex*>(target.data());
  const int length = static_cast<int>(n);
  fftw_plan plan = nullptr;
  if (kind == FftKind::r2c) {
    plan = fftw_plan_dft_r2c_1d(length, source.data(), complex_out, FFTW_ESTIMATE);
  } else if (kind == FftKind::c2r) {
    plan = fftw_plan_dft_c2r_1d(length, complex_in, target.data(), FFTW_ESTIMATE);
  } else {
    plan = fftw_plan_dft_1d(length, complex_in, complex_out,
                            kind == FftKind::forward ? FFTW_FORWARD : FFTW_BACKWARD, FFTW_ESTIMATE);
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    std::copy_n(in.begin() + row * in_step, in_step, source.begin());
    if (kind == FftKind::c2r) {  // numerics.md: imaginary parts of DC and Nyquist are ignored
      source[1] = 0;
      if (n % 2 == 0) source[static_cast<std::size_t>(in_step - 1)] = 0;
    }
    fftw_execute(plan);
    std::copy(target.begin(), target.end(), out.begin() + row * out_step);
  }
  fftw_destroy_plan(plan);
  return out;
}

/// ||got - want|| / ||want|| of one row; 0 wanted means exactly 0 or infinity.
template <typename T>
double row_error(const T* got, const double* want, std::int64_t size) {
  double error = 0, norm = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double difference = static_cast<double>(got[i]) - want[i];
    error += difference * difference;
    norm += want[i] * want[i];
  }
  if (norm == 0) return error == 0 ? 0 : HUGE_VAL;
  return std::sqrt(error / norm);
}

/// Runs dense rows through a plan.
template <typename T>
std::vector<T> run_rows(const RowFftPlan<T>& plan, const std::vector<T>& in, std::int64_t rows,
                        double scale = 1.0) {
  std::vector<T> out(static_cast<std::size_t>(rows * plan.out_size()));
  std::vector<T> scratch(static_cast<std::size_t>(plan.scratch_size()));
  plan.run_many(in.data(), plan.in_size(), out.data(), plan.out_size(), rows, scale,
                scratch.data());
  return out;
}

/// Tests with this fixture run once per instruction set; absent ones are visible skips.
class EveryIsa : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const std::vector<Isa> usable = usable_isas();
    if (std::find(usable.begin(), usable.end(), GetParam()) == usable.end()) {
      GTEST_SKIP() << name_of(GetParam()) << " is not usable here";
    }
  }
};

#define PAPILIO_EVERY_ISA(fixture)                                                                \
  INSTANTIATE_TEST_SUITE_P(                                                                       \
      Isa, fixture, ::testing::Values(Isa::scalar, Isa::sse4, Isa::avx2, Isa::avx512, Isa::neon), \
      [](const auto& tested) { return std::string(name_of(tested.param)); })

}  // namespace papilio::kernels
