// Row transforms against FFTW in double: every kind, both element types, many lengths and row
// counts; error per row.
#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

constexpr std::int64_t kMostPoints = 1 << 21;

class RowAccuracy : public EveryIsa {
 protected:
  template <typename T>
  void check(FftKind kind, std::int64_t n, std::int64_t rows, const std::vector<double>& in,
             const std::vector<double>& want) {
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::vector<T> got = run_rows(plan, as<T>(in), rows);
    double worst = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t at = row * plan.out_size();
      const double error = row_error(got.data() + at, want.data() + at, plan.out_size());
      worst = error <= worst ? worst : error;  // a NaN stays
    }
    EXPECT_LE(worst, bound<T>(n)) << name_of(kind) << " n=" << n << " rows=" << rows
                                  << (sizeof(T) == 4 ? " f32" : " f64");
  }

  void check_length(std::int64_t n, std::vector<std::int64_t> row_counts) {
    for (FftKind kind : kKinds) {
      const std::int64_t most = std::max<std::int64_t>(1, kMostPoints / n);
      const std::int64_t rows =
          std::min(most, *std::max_element(row_counts.begin(), row_counts.end()));
      const std::vector<double> in =
          random_values(rows * in_size(kind, n), static_cast<unsigned>(n));
      const std::vector<double> want = fftw_rows(kind, n, rows, in);
      for (std::int64_t count : row_counts) {
        count = std::min(count, rows);
        const std::vector<double> part(in.begin(), in.begin() + count * in_size(kind, n));
        check<float>(kind, n, count, part, want);
        check<double>(kind, n, count, part, want);
      }
    }
  }

  // 1, 3, and L - 1, L, L + 1 for the L of f64 and of f32; 1000 too if `many`.
  std::vector<std::int64_t> row_counts(bool many) const {
    if (short_grid()) return {3};
    std::vector<std::int64_t> counts{1, 3};
    for (const std::int64_t lanes : {lanes_of<double>(GetParam()), lanes_of<float>(GetParam())}) {
      for (const std::int64_t count : {lanes - 1, lanes, lanes + 1}) {
        if (count > 0) counts.push_back(count);
      }
    }
    if (many) counts.push_back(1000);
    return counts;
  }
};

TEST_P(RowAccuracy, every_small_length) {
  const std::int64_t step = short_grid() ? 5 : 1;
  for (std::int64_t n = 1; n <= 512; n += n < 150 ? 1 : step)
    check_length(n, row_counts(long_grid() || n % 16 == 0));
}

TEST_P(RowAccuracy, every_five_smooth_length_to_4096) {
  for (std::int64_t n = 513; n <= 4096; ++n) {
    if (is_five_smooth(n)) check_length(n, row_counts(long_grid() || n % 600 == 0));
  }
}

TEST_P(RowAccuracy, powers_of_two_to_131072) {
  for (std::int64_t n = 1024; n <= 131072; n *= 2) check_length(n, row_counts(long_grid()));
}

TEST_P(RowAccuracy, primes) {
  for (std::int64_t n : {521, 1021, 4099, 8191}) {
    check_length(n, row_counts(long_grid()));
  }
  if (long_grid()) check_length(65537, {1, 3});
}

TEST_P(RowAccuracy, a_million_points) {
  check_length(std::int64_t{1} << 20, {1});
  // On both sides of where rows are too long for passes.
  if (!short_grid()) {
    check_length(std::int64_t{1} << 18, {1});
    check_length(8 * 6561 * 5, {1});
  }
  if (long_grid()) check_length(3 * 3 * 3 * 3 * 3 * 5 * 5 * 5 * 5 * 7, {1});
}

PAPILIO_EVERY_ISA(RowAccuracy);

}  // namespace
}  // namespace papilio::kernels
