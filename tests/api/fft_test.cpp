// Fft<float> and Fft<double> against FFTW in double: kinds, norms, crops, zero-padding, strides and
// rows, with numpy's meaning.
#include <fftw3.h>

#include <cstring>

#include "api/support.h"
#include "base/buffer.h"
#include "base/target.h"

namespace papilio::testing {
namespace {

using Complex = std::complex<double>;

/// Relative L2 per row of numerics.md: 4e-7 and 1e-6 (Bluestein) in f32, 1e-14 in f64.
template <typename R>
double bound(std::int64_t n) {
  if (sizeof(R) == 8) return 1e-14;
  for (const std::int64_t prime : {2, 3, 5}) {
    while (n % prime == 0) n /= prime;
  }
  return n == 1 ? 4e-7 : 1e-6;
}

/// Unscaled transform by FFTW; `row` has n elements.
std::vector<Complex> fftw(std::vector<Complex> row, bool inverse) {
  std::vector<Complex> out(row.size());
  auto* in = reinterpret_cast<fftw_complex*>(row.data());
  fftw_plan plan = fftw_plan_dft_1d(static_cast<int>(row.size()), in,
                                    reinterpret_cast<fftw_complex*>(out.data()),
                                    inverse ? FFTW_BACKWARD : FFTW_FORWARD, FFTW_ESTIMATE);
  fftw_execute(plan);
  fftw_destroy_plan(plan);
  return out;
}

double factor(Norm norm, bool inverse, std::int64_t n) {
  const auto size = static_cast<double>(n);
  if (norm == Norm::ortho) return 1.0 / std::sqrt(size);
  const bool scaled = (norm == Norm::backward && inverse) || (norm == Norm::forward && !inverse);
  return scaled ? 1.0 / size : 1.0;
}

/// numpy's fft, ifft, rfft and irfft of one row of `length` elements, in double.
std::vector<Complex> oracle(std::vector<Complex> row, const FftOptions& options) {
  const auto length = static_cast<std::int64_t>(row.size());
  const bool irfft = options.real && options.inverse;
  const std::int64_t n = options.n.value_or(irfft ? 2 * (length - 1) : length);
  if (irfft) {  // the Hermitian spectrum that the bins stand for
    row.resize(static_cast<std::size_t>(n / 2 + 1));
    std::vector<Complex> full(static_cast<std::size_t>(n));
    for (std::int64_t k = 0; k < n; ++k) {
      const Complex bin = row[static_cast<std::size_t>(std::min(k, n - k))];
      const bool edge = k == 0 || 2 * k == n;
      full[static_cast<std::size_t>(k)] =
          edge ? Complex(bin.real()) : (2 * k < n ? bin : std::conj(bin));
    }
    row = std::move(full);
  } else {
    row.resize(static_cast<std::size_t>(n));
  }
  std::vector<Complex> out = fftw(std::move(row), options.inverse);
  if (options.real && !options.inverse) out.resize(static_cast<std::size_t>(n / 2 + 1));
  for (Complex& x : out) {
    x *= factor(options.norm, options.inverse, n);
    if (irfft) x = x.real();
  }
  return out;
}

template <typename R, typename In, typename Out>
void check_rows(std::int64_t rows, std::int64_t length, const FftOptions& options,
                const std::string& what) {
  const Fft<R> fft(length, options);
  ASSERT_EQ(fft.length(), length);
  const auto in = signal<In>(rows, length);
  std::vector<Out> out(static_cast<std::size_t>(rows * fft.outputs()));
  fft.run(View<const In>(in.data(), rows, length), View<Out>(out.data(), rows, fft.outputs()));
  const std::int64_t n =
      options.real && options.inverse ? fft.outputs() : options.n.value_or(length);
  for (const std::int64_t row : {std::int64_t{0}, rows / 2, rows - 1}) {
    const auto first = in.begin() + row * length;
    const auto want = oracle({first, first + length}, options);
    const auto begin = out.begin() + row * fft.outputs();
    const std::vector<Complex> got(begin, begin + fft.outputs());
    EXPECT_LE(worst_row(got, want, 1), bound<R>(n)) << what << ", row " << row;
  }
}

template <typename R>
void check_kinds(std::int64_t rows, std::int64_t length, std::optional<std::int64_t> n,
                 Norm norm = Norm::backward) {
  using C = std::complex<R>;
  const std::string what = std::to_string(rows) + " x " + std::to_string(length) + ", n " +
                           (n ? std::to_string(*n) : "-") + ", norm " +
                           std::to_string(static_cast<int>(norm));
  check_rows<R, C, C>(rows, length, {.n = n, .norm = norm}, "fft " + what);
  check_rows<R, C, C>(rows, length, {.n = n, .inverse = true, .norm = norm}, "ifft " + what);
  check_rows<R, R, C>(rows, length, {.n = n, .real = true, .norm = norm}, "rfft " + what);
  if (n || length > 1) {
    check_rows<R, C, R>(rows, length, {.n = n, .real = true, .inverse = true, .norm = norm},
                        "irfft " + what);
  }
}

template <typename R>
class FftOf : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FftOf, Reals);

TYPED_TEST(FftOf, IsFftwsForEveryKindOfLength) {
  for (const std::int64_t n : {1, 2, 3, 4, 5, 8, 15, 16, 17, 97, 128, 400, 480, 1000, 1009, 4096}) {
    check_kinds<TypeParam>(2, n, {});
  }
}

TYPED_TEST(FftOf, NormsAreNumpys) {
  for (const Norm norm : {Norm::backward, Norm::ortho, Norm::forward, Norm::none}) {
    for (const std::int64_t n : {7, 48, 101}) check_kinds<TypeParam>(1, n, {}, norm);
  }
}

TYPED_TEST(FftOf, RowsAreCutOrZeroPaddedToN) {
  for (const std::int64_t length : {1, 9, 33, 64}) {
    for (const std::int64_t n : {1, 2, 15, 16, 31, 32, 64, 65, 127, 200}) {
      check_kinds<TypeParam>(3, length, n);
    }
  }
}

TYPED_TEST(FftOf, ManyRowsAreEachTheirOwn) {
  for (const std::int64_t rows : {3, 17, 1000}) check_kinds<TypeParam>(rows, 60, {});
}

TYPED_TEST(FftOf, MoreRowsThanAnyCacheHoldsChangeNoBit) {
  using C = std::complex<TypeParam>;
  constexpr std::int64_t kLength = 1024, kRowBytes = kLength * sizeof(C);
  const std::int64_t cache = base::describe_machine().l3_bytes;
  if (cache == 0 || cache > (std::int64_t{1} << 28)) GTEST_SKIP() << "last cache: " << cache;
  const std::int64_t rows = cache / kRowBytes / 2, some = 64;
  const auto block = signal<C>(some, kLength);
  base::Buffer<C> in(static_cast<std::size_t>(rows * kLength));
  base::Buffer<C> out(static_cast<std::size_t>(rows * kLength));
  for (std::int64_t i = 0; i < rows * kLength; ++i) {
    in[static_cast<std::size_t>(i)] = block[static_cast<std::size_t>(i % (some * kLength))];
  }
  const Fft<TypeParam> fft(kLength, {}, {.threads = 2});
  fft.run(View<const C>(in.data(), rows, kLength), View<C>(out.data(), rows, kLength));
  std::vector<C> want(block.size());
  fft.run(View<const C>(block.data(), some, kLength), View<C>(want.data(), some, kLength));
  for (std::int64_t row = 0; row < rows; row += some) {
    const C* got = out.data() + row * kLength;
    const auto bytes = static_cast<std::size_t>(std::min(some, rows - row) * kRowBytes);
    ASSERT_EQ(std::memcmp(got, want.data(), bytes), 0) << "row " << row;
  }
}

TYPED_TEST(FftOf, StridedRowsGiveTheBitsOfDenseOnes) {
  using R = TypeParam;
  using C = std::complex<R>;
  constexpr std::int64_t kRows = 5, kLength = 48;
  const Fft<R> fft(kLength);
  const auto dense = signal<C>(kRows, kLength);
  std::vector<C> want(dense.size());
  fft.run(View<const C>(dense.data(), kRows, kLength), View<C>(want.data(), kRows, kLength));
  std::vector<C> columns(dense.size()), got(dense.size());
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t i = 0; i < kLength; ++i) {
      columns[static_cast<std::size_t>(i * kRows + row)] =
          dense[static_cast<std::size_t>(row * kLength + i)];
    }
  }
  // Columns in, rows in reverse order out.
  fft.run(View<const C>(columns.data(), {kRows, kLength}, {1, kRows}),
          View<C>(got.data() + got.size() - 1, {kRows, kLength}, {-kLength, -1}));
  std::vector<C> reversed(got.rbegin(), got.rend());
  EXPECT_TRUE(same_bits(reversed, want));
  View<const C> doubled(dense.data(), kRows, kLength);
  doubled.scale = 0.5;
  fft.run(doubled, View<C>(got.data(), kRows, kLength));
  for (C& x : want) x *= R(0.5);
  EXPECT_TRUE(same_bits(got, want));
}

TYPED_TEST(FftOf, ThereAndBackIsTheSame) {
  using R = TypeParam;
  using C = std::complex<R>;
  for (const std::int64_t n : {400, 401}) {
    const auto x = signal<R>(4, n);
    const Fft<R> there(n, {.real = true});
    const Fft<R> back(there.outputs(), {.n = n, .real = true, .inverse = true});
    std::vector<C> bins(static_cast<std::size_t>(4 * there.outputs()));
    std::vector<R> y(x.size());
    there.run(View<const R>(x.data(), 4, n), View<C>(bins.data(), 4, there.outputs()));
    back.run(View<const C>(bins.data(), 4, there.outputs()), View<R>(y.data(), 4, n));
    EXPECT_LE(worst_row(y, x, 4), 2 * bound<R>(n)) << n;
  }
}

TEST(Fft, NoRowsAreNoWork) {
  const Fft<float> fft(16);
  fft.run(View<const std::complex<float>>(nullptr, 0, 16),
          View<std::complex<float>>(nullptr, 0, 16));
}

TEST(Fft, TheReferenceDeviceAgrees) {
  const auto x = signal<double>(3, 90);
  std::vector<Complex> got(3 * 46), want(3 * 46);
  const View<const double> rows(x.data(), 3, 90);
  Fft<double>(90, {.real = true}).run(rows, View<Complex>(got.data(), 3, 46));
  Fft<double>(90, {.real = true}, {.device = "reference"})
      .run(rows, View<Complex>(want.data(), 3, 46));
  EXPECT_LE(worst_row(got, want, 3), 1e-14);
}

TEST(Fft, RefusesWhatDoesNotFit) {
  using C = std::complex<float>;
  expect_refusal([] { Fft<float>(0); }, {"[fft]", "no elements"});
  expect_refusal([] { Fft<float>(-4); }, {"[fft]", "no elements"});
  expect_refusal([] { Fft<float>(8, {.n = 0}); }, {"[fft]", "n is 0"});
  expect_refusal([] { Fft<float>(8, {.n = -2}); }, {"[fft]", "n is -2"});
  expect_refusal([] { Fft<float>(1, {.real = true, .inverse = true}); }, {"[fft]", "give -n"});
  expect_refusal([] { Fft<float>(8, {}, {.device = "gpu"}); }, {"[device]", "gpu"});
  expect_refusal<DeviceError>([] { Fft<float>(8, {}, {.device = "cuda"}); }, {"CUDA"});

  std::vector<C> x(64), y(64);
  std::vector<float> real(64);
  const View<const C> in(x.data(), 2, 8);
  const Fft<float> fft(8);
  const Fft<float> rfft(8, {.real = true});
  for (const std::string device : {"cpu", "reference"}) {
    SCOPED_TRACE(device);
    const Fft<float> plan(8, {}, {.device = device});
    expect_refusal([&] { plan.run(in, View<C>(y.data(), 3, 8)); }, {"2, 8"});
    expect_refusal([&] { plan.run(in, View<C>(y.data(), 2, 7)); }, {"2, 8"});
    expect_refusal([&] { plan.run(View<const C>(x.data(), 2, 9), View<C>(y.data(), 2, 8)); },
                   {"9", "8"});
    expect_refusal([&] { plan.run(View<const C>(nullptr, 2, 8), View<C>(y.data(), 2, 8)); },
                   {"[fft]", "no data"});
    expect_refusal([&] { plan.run(in, View<C>(nullptr, 2, 8)); }, {"[fft]", "no data"});
    expect_refusal([&] { plan.run(View<const C>(x.data(), -2, 8), View<C>(y.data(), -2, 8)); },
                   {"[fft]", "negative extent"});
  }
  expect_refusal([&] { fft.run(View<const float>(real.data(), 2, 8), View<C>(y.data(), 2, 8)); },
                 {"[fft]", "maps complex rows to complex rows"});
  expect_refusal([&] { rfft.run(in, View<C>(y.data(), 2, 5)); },
                 {"[fft]", "maps real rows to complex rows"});
  expect_refusal([&] { rfft.run(in, View<float>(real.data(), 2, 8)); },
                 {"[fft]", "maps real rows to complex rows"});
}

}  // namespace
}  // namespace papilio::testing
