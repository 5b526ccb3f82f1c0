// What a row plan touches: the input stays as it is, nothing is written outside the output row,
// any alignment and row stride will do, and the scale multiplies the result.
#include <algorithm>

#include "base/buffer.h"
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

  /// The same bits past the caches, with nothing written between rows, wherever the rows lie.
  template <typename T>
  void check_streamed(FftKind kind, std::int64_t n) {
    SCOPED_TRACE(name_of(kind) + " n=" + std::to_string(n));
    constexpr T kUntouched = T(-12345);
    constexpr std::int64_t line = 64 / sizeof(T);
    const std::int64_t rows = n <= 512 ? 2 * 8 + 3 : 5;  // groups of rows, and some left over
    const RowFftPlan<T> plan(kind, n, GetParam());
    const std::vector<T> in = as<T>(random_values(rows * plan.in_size(), 9));
    const std::vector<T> cached = run_rows(plan, in, rows, 0.5);
    std::vector<T> scratch(static_cast<std::size_t>(plan.scratch_size()));
    const std::int64_t stride = (plan.out_size() / line + 2) * line;
    for (std::int64_t shift : {std::int64_t{0}, std::int64_t{2}}) {
      base::Buffer<T> out(static_cast<std::size_t>(shift + rows * stride));
      std::fill_n(out.data(), out.size(), kUntouched);
      plan.run_many(in.data(), plan.in_size(), out.data() + shift, stride, rows, 0.5,
                    scratch.data(), Writes::streamed);
      for (std::int64_t row = 0; row < rows; ++row) {
        const T* got = out.data() + shift + row * stride;
        const T* want = cached.data() + row * plan.out_size();
        ASSERT_TRUE(std::equal(want, want + plan.out_size(), got)) << "row " << row;
        ASSERT_TRUE(std::all_of(got + plan.out_size(), got + stride,
                                [](T value) { return value == kUntouched; }));
      }
    }
  }
};

TEST_P(RowMemory, streamed_rows_have_the_bits_of_cached_ones) {
  for (std::int64_t n : {6, 64, 72, 128, 200, 256, 400, 401, 480, 512, 1000, 1536, 8192, 65536}) {
    for (FftKind kind : kKinds) {
      check_streamed<float>(kind, n);
      check_streamed<double>(kind, n);
    }
  }
}

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
