// What a row plan touches: the input stays as it is, nothing is written outside the output row,
// any alignment and row stride will do, and the scale multiplies the result.
#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

class RowMemory : public EveryIsa {
 protected:
  template <typename T>
  void check(FftKind kind, std::int64_t n) {
    SCOPED_TRACE(name_of(kind) + " n=" + std::to_string(n));
    constexpr T kUntouched = T(-12345);
    constexpr std::int64_t rows = 3;
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::int64_t in_stride = plan.in_size() + 5, out_stride = plan.out_size() + 3;
    const std::vector<T> in = as<T>(random_values(1 + rows * in_stride, 5));
    std::vector<T> given = in;
    std::vector<T> out(static_cast<std::size_t>(1 + rows * out_stride), kUntouched);
    std::vector<T> scratch(static_cast<std::size_t>(plan.scratch_size() + 1));
    plan.run_many(given.data() + 1, in_stride, out.data() + 1, out_stride, rows, 0.25,
                  scratch.data() + 1);
    EXPECT_EQ(given, in);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto first = in.begin() + 1 + row * in_stride;
      const std::vector<T> plain = run_rows(plan, std::vector<T>(first, first + plan.in_size()), 1);
      const T* const got = out.data() + 1 + row * out_stride;
      EXPECT_EQ(got[-1], kUntouched);
      for (std::int64_t i = 0; i < plan.out_size(); ++i) {
        ASSERT_EQ(got[i], T(0.25) * plain[static_cast<std::size_t>(i)]) << "value " << i;
      }
      EXPECT_EQ(got[plan.out_size()], kUntouched);
    }
  }
};

TEST_P(RowMemory, odd_alignment_strides_and_scale) {
  for (std::int64_t n : {1, 2, 5, 16, 30, 37, 64, 80, 125, 200, 225, 256, 400, 401, 1023, 4096}) {
    for (FftKind kind : kKinds) {
      check<float>(kind, n);
      check<double>(kind, n);
    }
  }
}

TEST_P(RowMemory, imaginary_parts_of_dc_and_nyquist_are_zero_and_ignored) {
  for (std::int64_t n : {2, 9, 16, 100, 225, 512}) {
    SCOPED_TRACE(n);
    const RowFftPlan<double> to_bins(FftKind::r2c, n, GetParam());
    std::vector<double> bins = run_rows(to_bins, random_values(n, 6), 1);
    EXPECT_EQ(bins[1], 0.0);
    if (n % 2 == 0) {
      EXPECT_EQ(bins.back(), 0.0);
    }
    const RowFftPlan<double> to_samples(FftKind::c2r, n, GetParam());
    const std::vector<double> samples = run_rows(to_samples, bins, 1);
    bins[1] = 7;
    if (n % 2 == 0) bins.back() = -7;
    EXPECT_EQ(run_rows(to_samples, bins, 1), samples);
  }
}

PAPILIO_EVERY_ISA(RowMemory);

}  // namespace
}  // namespace papilio::kernels
