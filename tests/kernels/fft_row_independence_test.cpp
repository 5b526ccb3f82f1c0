// A row's bits never depend on other rows: not on their loudness, NaNs, zeros or number.
#include <cstring>
#include <limits>

#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

// Rows in lanes, passes, four steps and Bluestein, even and odd.
constexpr std::int64_t kLengths[] = {1,   2,   7,   32,  60,  64,   75,  125,
                                     128, 225, 256, 375, 401, 1000, 2187};

class RowIndependence : public EveryIsa {
 protected:
  // Calls body(kind, n, T{}) for every kind, length and element type.
  template <typename Body>
  void for_all(Body body) {
    for (std::int64_t n : kLengths) {
      for (FftKind kind : kKinds) {
        SCOPED_TRACE(name_of(kind) + " n=" + std::to_string(n));
        body(kind, n, float());
        body(kind, n, double());
      }
    }
  }
};

template <typename T>
bool same_bits(const T* a, const T* b, std::int64_t size) {
  return std::memcmp(a, b, static_cast<std::size_t>(size) * sizeof(T)) == 0;
}

TEST_P(RowIndependence, position_and_number_of_rows_change_no_bit) {
  for_all([&](FftKind kind, std::int64_t n, auto zero) {
    using T = decltype(zero);
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::int64_t rows = 2 * lanes_of<T>(GetParam()) + 3;
    const std::vector<T> in = as<T>(random_values(rows * plan.in_size(), 1));
    const std::vector<T> together = run_rows(plan, in, rows);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto first = in.begin() + row * plan.in_size();
      const std::vector<T> alone = run_rows(plan, std::vector<T>(first, first + plan.in_size()), 1);
      EXPECT_TRUE(
          same_bits(alone.data(), together.data() + row * plan.out_size(), plan.out_size()));
    }
  });
}

TEST_P(RowIndependence, a_row_a_million_times_louder_disturbs_no_neighbour) {
  for_all([&](FftKind kind, std::int64_t n, auto zero) {
    using T = decltype(zero);
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::int64_t rows = lanes_of<T>(GetParam()) + 1;
    std::vector<double> in = random_values(rows * plan.in_size(), 2);
    for (std::int64_t i = 0; i < rows * plan.in_size(); ++i) {
      if (i / plan.in_size() % 2 == 1) in[static_cast<std::size_t>(i)] *= 0x1p20;
    }
    const std::vector<double> want = fftw_rows(kind, n, rows, in);
    const std::vector<T> got = run_rows(plan, as<T>(in), rows);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t at = row * plan.out_size();
      EXPECT_LE(row_error(got.data() + at, want.data() + at, plan.out_size()), bound<T>(n));
    }
  });
}

TEST_P(RowIndependence, a_zero_row_beside_loud_ones_is_exactly_zero) {
  for_all([&](FftKind kind, std::int64_t n, auto zero) {
    using T = decltype(zero);
    const RowFftPlan<T> plan(kind, n, GetParam());
    std::vector<T> in = as<T>(random_values(3 * plan.in_size(), 3));
    std::fill_n(in.begin() + plan.in_size(), plan.in_size(), zero);
    const std::vector<T> out = run_rows(plan, in, 3);
    for (std::int64_t i = 0; i < plan.out_size(); ++i) {
      EXPECT_EQ(out[static_cast<std::size_t>(plan.out_size() + i)], zero);
    }
  });
}

TEST_P(RowIndependence, non_finite_rows_change_no_bit_of_others) {
  for_all([&](FftKind kind, std::int64_t n, auto zero) {
    using T = decltype(zero);
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::int64_t rows = lanes_of<T>(GetParam()) + 2;
    std::vector<T> in = as<T>(random_values(rows * plan.in_size(), 4));
    const std::vector<T> clean = run_rows(plan, in, rows);
    for (std::int64_t row = 0; row < rows; row += 2) {
      in[static_cast<std::size_t>(row * plan.in_size() + plan.in_size() / 2)] =
          row % 4 == 0 ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::infinity();
    }
    const std::vector<T> dirty = run_rows(plan, in, rows);
    for (std::int64_t row = 1; row < rows; row += 2) {
      const std::int64_t at = row * plan.out_size();
      EXPECT_TRUE(same_bits(clean.data() + at, dirty.data() + at, plan.out_size()));
    }
  });
}

PAPILIO_EVERY_ISA(RowIndependence);

}  // namespace
}  // namespace papilio::kernels
