/// The two ways to run rows: along the row (row_fft_core), or rows in the lanes of a tile where a
/// row is too short or too awkward for that.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/isa.h"
#include "kernels/row_fft.h"

namespace papilio::kernels {

/// Runs up to group() rows per call.
template <typename T>
class RowFftStrategy {
 public:
  virtual ~RowFftStrategy() = default;
  virtual std::int64_t group() const { return 1; }
  virtual std::int64_t scratch_size() const = 0;
  virtual void run(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride,
                   std::int64_t rows, T scale, T* scratch) const = 0;
};

/// Rows in lanes; any n.
template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_rows_in_lanes(FftKind kind, std::int64_t n, Isa isa);

/// Lanes along the row, or nullptr where n has no core.
template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_row_at_a_time(FftKind kind, std::int64_t n, Isa isa);

}  // namespace papilio::kernels
