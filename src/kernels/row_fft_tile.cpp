// Short and awkward rows: L of them ride in the lanes of a tile. Lanes are independent, so a row
// alone in its tile gets the same bits as among others.
#include "kernels/fft_tables.h"
#include "kernels/row_fft_strategy.h"
#include "kernels/tile_fft.h"

namespace papilio::kernels {
namespace {

// A tile has no place to spread its requests over; short rows need few.
template <typename T>
void ask_for_next_rows(const NextRows<T>* next, std::int64_t rows) {
  if (next == nullptr) return;
  for (std::int64_t row = 0; row < rows; ++row) {
    prefetch(next->in + row * next->in_step, next->size);
    if (next->out != nullptr) prefetch(next->out + row * next->out_step, next->size);
  }
}

template <typename T>
class ComplexRowsInLanes final : public RowFftStrategy<T> {
 public:
  ComplexRowsInLanes(FftKind kind, std::int64_t n, Isa isa)
      : inverse_(kind == FftKind::inverse), tables_(n, isa), tile_(fft_kernels<T>(isa).tile) {}

  std::int64_t group() const override { return tables_.lanes(); }

  std::int64_t scratch_size() const override {
    return 4 * tables_.n() * tables_.lanes() + work_size(tables_);
  }

  void run(const Rows<T>& rows) const override {
    const std::int64_t lanes = tables_.lanes(), values = tables_.n() * lanes;
    T* const pairs = rows.scratch;
    T* re = pairs + 2 * values;
    T* im = re + values;
    T* const work = im + values;
    ask_for_next_rows(rows.next, group());
    tile_.load_rows(rows.in, rows.in_stride, rows.count, 2 * tables_.n(), pairs);
    if (inverse_) {
      fft(tables_, pairs + lanes, pairs, 2, im, re, work);
    } else {
      fft(tables_, pairs, pairs + lanes, 2, re, im, work);
    }
    tile_.interleave({re, im}, tables_.n(), rows.scale, pairs);
    tile_.store_rows(pairs, rows.count, 2 * tables_.n(), rows.out, rows.out_stride);
  }

 private:
  bool inverse_;
  FftTables<T> tables_;
  const TileKernels<T>& tile_;
};

template <typename T>
class RealRowsInLanes final : public RowFftStrategy<T> {
 public:
  RealRowsInLanes(FftKind kind, std::int64_t n, Isa isa)
      : forward_(kind == FftKind::r2c), tables_(n, isa), tile_(fft_kernels<T>(isa).tile) {}

  std::int64_t group() const override { return tables_.complex().lanes(); }

  std::int64_t scratch_size() const override {
    return 4 * tables_.bins() * group() + work_size(tables_);
  }

  void run(const Rows<T>& rows) const override {
    ask_for_next_rows(rows.next, group());
    const std::int64_t bins = tables_.bins();
    T* const a = rows.scratch;  // room for n reals or `bins` pairs, as n <= 2 bins
    T* const b = a + 2 * bins * group();
    T* const work = b + 2 * bins * group();
    if (forward_) {
      T* const im = b + bins * group();
      tile_.load_rows(rows.in, rows.in_stride, rows.count, tables_.n(), a);
      rfft(tables_, a, b, im, work);
      tile_.interleave({b, im}, bins, rows.scale, a);
      tile_.store_rows(a, rows.count, 2 * bins, rows.out, rows.out_stride);
    } else {
      tile_.load_rows(rows.in, rows.in_stride, rows.count, 2 * bins, a);
      irfft(tables_, a, a + group(), 2, rows.scale, b, work);
      tile_.store_rows(b, rows.count, tables_.n(), rows.out, rows.out_stride);
    }
  }

 private:
  bool forward_;
  RealFftTables<T> tables_;
  const TileKernels<T>& tile_;
};

}  // namespace

template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_rows_in_lanes(FftKind kind, std::int64_t n, Isa isa) {
  if (kind == FftKind::forward || kind == FftKind::inverse) {
    return std::make_unique<ComplexRowsInLanes<T>>(kind, n, isa);
  }
  return std::make_unique<RealRowsInLanes<T>>(kind, n, isa);
}

template std::unique_ptr<const RowFftStrategy<float>> make_rows_in_lanes<float>(FftKind,
                                                                                std::int64_t, Isa);
template std::unique_ptr<const RowFftStrategy<double>> make_rows_in_lanes<double>(FftKind,
                                                                                  std::int64_t,
                                                                                  Isa);

}  // namespace papilio::kernels
