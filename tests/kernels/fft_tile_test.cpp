// Tile transforms: every lane is a transform of its own.
#include <cstring>
#include <limits>

#include "base/buffer.h"
#include "kernels/fft_support.h"
#include "kernels/tile_fft.h"

namespace papilio::kernels {
namespace {

constexpr std::int64_t kLengths[] = {1,  2,  3,  4,  5,   7,   8,   13, 15,
                                     16, 20, 64, 97, 100, 256, 400, 521};

// A tile of `elements` x L, and its lanes as separate signals.
template <typename T>
struct Tile {
  Tile(std::int64_t elements, std::int64_t width, unsigned seed)
      : lanes(width), values(as<T>(random_values(elements * width, seed))) {}
  T* data() { return values.data(); }
  T& at(std::int64_t element, std::int64_t lane) {
    return values[static_cast<std::size_t>(element * lanes + lane)];
  }
  std::int64_t lanes;
  std::vector<T> values;
};

class TileFft : public EveryIsa {
 protected:
  template <typename T>
  void check_complex(std::int64_t n, bool inverse, std::int64_t stride) {
    const FftTables<T> tables(n, GetParam());
    const std::int64_t lanes = tables.lanes();
    Tile<T> src(2 * n, lanes, 1), re(n, lanes, 2), im(n, lanes, 3);
    const std::vector<T> before = src.values;
    std::vector<T> work(static_cast<std::size_t>(work_size(tables)));
    T* const src_im = src.data() + (stride == 2 ? lanes : n * lanes);
    if (inverse) {
      fft(tables, src_im, src.data(), stride, im.data(), re.data(), work.data());
    } else {
      fft(tables, src.data(), src_im, stride, re.data(), im.data(), work.data());
    }
    EXPECT_EQ(src.values, before);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      std::vector<double> signal, got;
      for (std::int64_t e = 0; e < n; ++e) {
        signal.push_back(src.at(stride == 2 ? 2 * e : e, lane));
        signal.push_back(src.at(stride == 2 ? 2 * e + 1 : n + e, lane));
        got.push_back(re.at(e, lane));
        got.push_back(im.at(e, lane));
      }
      const FftKind kind = inverse ? FftKind::inverse : FftKind::forward;
      const std::vector<double> want = fftw_rows(kind, n, 1, signal);
      EXPECT_LE(row_error(got.data(), want.data(), 2 * n), bound<T>(n))
          << "n=" << n << " lane " << lane << " stride " << stride;
    }
  }

  template <typename T>
  void check_power(std::int64_t n) {
    const FftTables<T> tables(n, GetParam());
    const std::int64_t lanes = tables.lanes();
    const Tile<T> signal(2 * n, lanes, 13);
    base::Buffer<T> sums(static_cast<std::size_t>(n * lanes));
    base::Buffer<T> work(static_cast<std::size_t>(power_work_size(tables)));
    for (const bool add : {false, true}) {
      Tile<T> x = signal;
      fft_power(tables, x.data(), x.data() + n * lanes, add, sums.data(), work.data());
    }
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      std::vector<double> row, want, got;
      for (std::int64_t e = 0; e < n; ++e) {
        row.push_back(signal.values[static_cast<std::size_t>(e * lanes + lane)]);
        row.push_back(signal.values[static_cast<std::size_t>((n + e) * lanes + lane)]);
        got.push_back(sums[static_cast<std::size_t>(e * lanes + lane)]);
      }
      const std::vector<double> bins = fftw_rows(FftKind::forward, n, 1, row);
      for (std::size_t k = 0; k < bins.size(); k += 2) {
        want.push_back(2 * (bins[k] * bins[k] + bins[k + 1] * bins[k + 1]));
      }
      EXPECT_LE(row_error(got.data(), want.data(), n), 2 * bound<T>(n)) << "n=" << n;
    }
  }

  template <typename T>
  void check_real(std::int64_t n) {
    const RealFftTables<T> tables(n, GetParam());
    const std::int64_t lanes = tables.complex().lanes(), bins = tables.bins();
    Tile<T> src(n, lanes, 4), re(bins, lanes, 5), im(bins, lanes, 6), back(n, lanes, 7);
    std::vector<T> work(static_cast<std::size_t>(work_size(tables)));
    rfft(tables, src.data(), re.data(), im.data(), work.data());
    irfft(tables, re.data(), im.data(), 1, static_cast<T>(1.0 / static_cast<double>(n)),
          back.data(), work.data());
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      std::vector<double> signal, got, round_trip;
      for (std::int64_t e = 0; e < n; ++e) signal.push_back(src.at(e, lane));
      for (std::int64_t e = 0; e < n; ++e) round_trip.push_back(back.at(e, lane));
      for (std::int64_t k = 0; k < bins; ++k) {
        got.push_back(re.at(k, lane));
        got.push_back(im.at(k, lane));
      }
      const std::vector<double> want = fftw_rows(FftKind::r2c, n, 1, signal);
      EXPECT_LE(row_error(got.data(), want.data(), 2 * bins), bound<T>(n)) << "n=" << n;
      EXPECT_LE(row_error(round_trip.data(), signal.data(), n), 2 * bound<T>(n)) << "n=" << n;
      EXPECT_EQ(im.at(0, lane), T(0));
      if (n % 2 == 0) {
        EXPECT_EQ(im.at(n / 2, lane), T(0));
      }
    }
  }

  template <typename T>
  void check_lanes(std::int64_t n, T intruder) {
    const RealFftTables<T> tables(n, GetParam());
    const std::int64_t lanes = tables.complex().lanes(), bins = tables.bins();
    Tile<T> src(n, lanes, 8), clean_re(bins, lanes, 9), clean_im(bins, lanes, 9);
    Tile<T> re(bins, lanes, 9), im(bins, lanes, 9);
    std::vector<T> work(static_cast<std::size_t>(work_size(tables)));
    rfft(tables, src.data(), clean_re.data(), clean_im.data(), work.data());
    for (std::int64_t e = 0; e < n; e += 3) src.at(e, lanes / 2) = intruder;
    rfft(tables, src.data(), re.data(), im.data(), work.data());
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      if (lane == lanes / 2) continue;
      for (std::int64_t k = 0; k < bins; ++k) {
        ASSERT_EQ(std::memcmp(&re.at(k, lane), &clean_re.at(k, lane), sizeof(T)), 0) << n;
        ASSERT_EQ(std::memcmp(&im.at(k, lane), &clean_im.at(k, lane), sizeof(T)), 0) << n;
      }
    }
  }
};

TEST_P(TileFft, complex_forward_and_inverse) {
  for (std::int64_t n : kLengths) {
    for (bool inverse : {false, true}) {
      for (std::int64_t stride : {1, 2}) {
        check_complex<float>(n, inverse, stride);
        check_complex<double>(n, inverse, stride);
      }
    }
  }
}

TEST_P(TileFft, destroying_the_source_changes_no_bit) {
  for (std::int64_t n : kLengths) {
    const FftTables<float> tables(n, GetParam());
    const std::int64_t values = n * tables.lanes();
    Tile<float> src(2 * n, tables.lanes(), 15);
    Tile<float> kept(2 * n, tables.lanes(), 16), lost(2 * n, tables.lanes(), 17);
    std::vector<float> work(static_cast<std::size_t>(work_size(tables)));
    fft(tables, src.data(), src.data() + values, 1, kept.data(), kept.data() + values, work.data());
    fft_destroying(tables, src.data(), src.data() + values, lost.data(), lost.data() + values,
                   work.data());
    EXPECT_EQ(lost.values, kept.values) << "n=" << n;
  }
}

TEST_P(TileFft, powers_are_those_of_the_transform) {
  for (std::int64_t n : kLengths) {
    check_power<float>(n);
    check_power<double>(n);
  }
}

TEST_P(TileFft, real_and_back) {
  for (std::int64_t n : kLengths) {
    check_real<float>(n);
    check_real<double>(n);
  }
}

TEST_P(TileFft, no_lane_sees_another) {
  for (std::int64_t n : kLengths) {
    check_lanes<float>(n, std::numeric_limits<float>::quiet_NaN());
    check_lanes<float>(n, 1e6F);
    check_lanes<double>(n, std::numeric_limits<double>::infinity());
  }
}

TEST_P(TileFft, lanes_with_the_same_signal_have_the_same_bits) {
  for (std::int64_t n : kLengths) {
    const FftTables<float> tables(n, GetParam());
    const std::int64_t lanes = tables.lanes();
    Tile<float> src(2 * n, lanes, 10), re(n, lanes, 11), im(n, lanes, 12);
    for (std::int64_t e = 0; e < 2 * n; ++e) {
      for (std::int64_t lane = 1; lane < lanes; ++lane) src.at(e, lane) = src.at(e, 0);
    }
    std::vector<float> work(static_cast<std::size_t>(work_size(tables)));
    fft(tables, src.data(), src.data() + n * lanes, 1, re.data(), im.data(), work.data());
    for (std::int64_t e = 0; e < n; ++e) {
      for (std::int64_t lane = 1; lane < lanes; ++lane) {
        ASSERT_EQ(std::memcmp(&re.at(e, lane), &re.at(e, 0), sizeof(float)), 0) << n;
        ASSERT_EQ(std::memcmp(&im.at(e, lane), &im.at(e, 0), sizeof(float)), 0) << n;
      }
    }
  }
}

PAPILIO_EVERY_ISA(TileFft);

}  // namespace
}  // namespace papilio::kernels
