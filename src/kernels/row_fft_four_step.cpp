// Row transforms in four steps: with j = j1 n2 + j2 and k = k1 + n1 k2,
//   X[k] = sum_j2 w_n2^{j2 k2} ( w_n^{j2 k1} ( sum_j1 w_n1^{j1 k1} x[j] ) ).
// Step 1 transforms tiles of V columns (j2 in the lanes), step 2 multiplies by w_n on the way to a
// matrix [k1][j2], step 3 transposes V of its rows into a tile (k1 in the lanes) and transforms it,
// step 4 stores contiguous runs of k1. Memory is visited twice, whatever the length.
#include <algorithm>
#include <limits>
#include <vector>

#include "base/buffer.h"
#include "kernels/fft_factors.h"
#include "kernels/fft_tables.h"
#include "kernels/row_fft_core.h"
#include "kernels/tile_fft.h"

namespace papilio::kernels {
namespace {

// Shorter rows are too small to be cut in two: better several of them in the lanes of a tile.
constexpr std::int64_t kShortestSplit = 128;

// What moving a row in and out of tiles costs on top, measured where passes are the alternative.
constexpr double kMoves = 1.3;

// Up to here the n twiddles of step 2 are kept as vectors; beyond, they are made from two factors.
constexpr std::int64_t kLongestTable = 1 << 17;

struct Split {
  std::int64_t n1 = 0, n2 = 0;
  std::size_t width = 0;
  double cost = std::numeric_limits<double>::infinity();
};

std::int64_t groups_of(std::int64_t count, std::int64_t lanes) {
  return (count + lanes - 1) / lanes;
}

double waste(std::int64_t count, std::int64_t lanes) {
  return static_cast<double>(groups_of(count, lanes) * lanes) / static_cast<double>(count);
}

// Relative slowness of a tile that outgrows the first, then the second level of cache.
double cache_penalty(std::int64_t bytes) {
  return bytes <= (32 << 10) ? 1.0 : bytes <= (512 << 10) ? 1.2 : 1.6;
}

template <typename T>
Split best_split(std::int64_t n, Isa isa) {
  const FftKernels<T>& kernels = fft_kernels<T>(isa);
  Split best;
  for (std::size_t w = 0; w < kernels.widths.size(); ++w) {
    const std::int64_t lanes = kernels.widths[w].lanes;
    if (lanes == 0) continue;
    for (std::int64_t n1 = lanes; n1 <= n / lanes; ++n1) {
      if (n % n1 != 0) continue;
      const std::int64_t n2 = n / n1;
      const auto tile_bytes = 4 * lanes * static_cast<std::int64_t>(sizeof(T));
      const double columns = (radices_cost(n1, isa) + 2.0) * waste(n2, lanes);
      const double rows = (radices_cost(n2, isa) + 2.5) * waste(n1, lanes);
      const double cost =
          (columns * cache_penalty(tile_bytes * n1) + rows * cache_penalty(tile_bytes * n2)) *
          (w == 0   ? 1.0
           : w == 1 ? 1.8
                    : 3.4);
      if (cost < best.cost) best = {n1, n2, w, cost};
      if (n1 > (1 << 14)) break;
    }
  }
  return best;
}

template <typename T>
class RowFourStep final : public RowCore<T> {
 public:
  RowFourStep(std::int64_t n, const Split& split, Isa isa)
      : n1_(split.n1),
        n2_(split.n2),
        width_(fft_kernels<T>(isa).widths[split.width]),
        column_tables_(n1_, isa, width_.lanes),
        row_tables_(n2_, isa, width_.lanes) {
    make_twiddles(n);
  }

  bool streams() const override { return fills_lines<T>(n1_); }

  std::int64_t scratch_size() const override {
    const std::int64_t tile = std::max(n1_, n2_) * width_.lanes;
    return 2 * n1_ * padded(n2_) + 2 * 2 * padded(tile) + 2 * n1_ + 2 * padded(tile);
  }

  void run(const RowCall<T>& call) const override {
    const std::int64_t matrix_size = n1_ * padded(n2_), tile = std::max(n1_, n2_) * width_.lanes;
    T* scratch = call.scratch;
    const Target<T> matrix{scratch, scratch + matrix_size};
    scratch += 2 * matrix_size;
    const Target<T> a = carve_split(scratch, tile), b = carve_split(scratch, tile);
    columns(call, matrix, a, b, scratch);
    rows(call, as_source(matrix), a, b, scratch);
  }

 private:
  // First column (or row) of group g; the last group steps back to stay inside.
  std::int64_t start(std::int64_t group, std::int64_t count) const {
    return std::min(group * width_.lanes, count - width_.lanes);
  }

  // T from pairs of group g to those of the group after it, which may be the first of another row.
  std::int64_t ahead(std::int64_t g, std::int64_t count, const T* row, const T* next_row) const {
    if (g + 1 < groups_of(count, width_.lanes)) return 2 * (start(g + 1, count) - start(g, count));
    return next_row != nullptr ? next_row - row - 2 * start(g, count) : 0;
  }

  void columns(const RowCall<T>& call, Target<T> matrix, Target<T> a, Target<T> b, T* work) const {
    const bool split = call.in == Layout::split;
    for (std::int64_t g = 0; g < groups_of(n2_, width_.lanes); ++g) {
      const std::int64_t j0 = start(g, n2_);
      ColumnArgs<T> load;
      load.src = {call.src.re + (split ? 1 : 2) * j0, split ? call.src.im + j0 : nullptr};
      load.dst = a;
      load.count = n1_;
      load.src_stride = n2_;
      if (!split) load.ahead = ahead(g, n2_, call.src.re, call.next ? call.next->in : nullptr);
      width_.load_columns[static_cast<std::size_t>(call.in)](load);
      fft_destroying(column_tables_, a.re, a.im, b.re, b.im, work);
      store_twiddled(g, as_source(b), {matrix.re + j0, matrix.im + j0});
    }
  }

  void store_twiddled(std::int64_t group, Source<T> tile, Target<T> dst) const {
    ColumnArgs<T> args;
    args.src = tile;
    args.dst = dst;
    args.count = n1_;
    args.dst_stride = padded(n2_);
    args.twiddles = twiddles_.data();
    if (coarse_.empty()) {
      args.twiddles += group * 2 * n1_ * width_.lanes;
      return width_.store_columns_twiddled(args);
    }
    // w_n^{k1 j2} = w_n^{k1 j0} w_n^{k1 lane}; the first is made for a few k1 at a time.
    constexpr std::int64_t kChunk = 64;
    double scalars[2 * kChunk];
    const std::int64_t j0 = start(group, n2_);
    for (std::int64_t k1 = 0; k1 < n1_; k1 += kChunk) {
      args.count = std::min(kChunk, n1_ - k1);
      for (std::int64_t i = 0; i < args.count; ++i) {
        const std::complex<double> w = root((k1 + i) * j0);
        scalars[2 * i] = w.real();
        scalars[2 * i + 1] = w.imag();
      }
      args.scalars = scalars;
      width_.store_columns_twiddled_twice(args);
      args.src.re += args.count * width_.lanes;
      args.src.im += args.count * width_.lanes;
      args.dst.re += args.count * args.dst_stride;
      args.dst.im += args.count * args.dst_stride;
      args.twiddles += args.count * 2 * width_.lanes;
    }
  }

  void rows(const RowCall<T>& call, Source<T> matrix, Target<T> a, Target<T> b, T* work) const {
    const bool split = call.out == Layout::split;
    for (std::int64_t g = 0; g < groups_of(n1_, width_.lanes); ++g) {
      const std::int64_t k0 = start(g, n1_);
      ColumnArgs<T> load;
      load.src = {matrix.re + k0 * padded(n2_), matrix.im + k0 * padded(n2_)};
      load.dst = a;
      load.count = n2_;
      load.src_stride = padded(n2_);
      width_.load_rows(load);
      fft_destroying(row_tables_, a.re, a.im, b.re, b.im, work);
      ColumnArgs<T> store;
      store.src = as_source(b);
      store.dst = {call.dst.re + (split ? 1 : 2) * k0, split ? call.dst.im + k0 : nullptr};
      store.count = n2_;
      store.dst_stride = n1_;
      store.scale = call.scale;
      store.streamed = call.streamed;
      if (!split) store.ahead = ahead(g, n1_, call.dst.re, call.next ? call.next->out : nullptr);
      width_.store_columns[static_cast<std::size_t>(call.out)](store);
    }
  }

  void make_twiddles(std::int64_t n) {
    const Roots roots(n);
    const bool table = n <= kLongestTable;
    const std::int64_t lanes = width_.lanes, groups = table ? groups_of(n2_, lanes) : 1;
    twiddles_ = base::Buffer<T>(static_cast<std::size_t>(2 * groups * n1_ * lanes));
    T* out = twiddles_.data();
    for (std::int64_t g = 0; g < groups; ++g) {
      for (std::int64_t k1 = 0; k1 < n1_; ++k1, out += 2 * lanes) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          const ExtendedComplex w = roots.at(k1 * (start(g, n2_) + lane));
          out[lane] = static_cast<T>(w.real());
          out[lanes + lane] = static_cast<T>(w.imag());
        }
      }
    }
    if (table) return;
    while ((std::int64_t{1} << (2 * shift_)) < n) ++shift_;
    const auto rounded = [&](std::int64_t k) { return std::complex<double>(roots.at(k)); };
    for (std::int64_t k = 0; k < n; k += std::int64_t{1} << shift_) coarse_.push_back(rounded(k));
    for (std::int64_t k = 0; k < std::int64_t{1} << shift_; ++k) fine_.push_back(rounded(k));
  }

  // w_n^k, 0 <= k < n.
  std::complex<double> root(std::int64_t k) const {
    const std::complex<double>& a = coarse_[static_cast<std::size_t>(k >> shift_)];
    const std::complex<double>& b =
        fine_[static_cast<std::size_t>(k & ((std::int64_t{1} << shift_) - 1))];
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }

  std::int64_t n1_, n2_;
  const WidthKernels<T>& width_;
  FftTables<T> column_tables_, row_tables_;
  base::Buffer<T> twiddles_;
  int shift_ = 0;
  std::vector<std::complex<double>> coarse_, fine_;
};

}  // namespace

template <typename T>
double row_four_step_cost(std::int64_t n, Isa isa) {
  if (n < kShortestSplit || !is_five_smooth(n)) return -1;
  const double cost = kMoves * best_split<T>(n, isa).cost;
  return cost < std::numeric_limits<double>::infinity() ? cost : -1;
}

template <typename T>
std::unique_ptr<const RowCore<T>> make_row_four_step(std::int64_t n, Isa isa) {
  return std::make_unique<RowFourStep<T>>(n, best_split<T>(n, isa), isa);
}

template double row_four_step_cost<float>(std::int64_t, Isa);
template double row_four_step_cost<double>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<float>> make_row_four_step<float>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<double>> make_row_four_step<double>(std::int64_t, Isa);

}  // namespace papilio::kernels
