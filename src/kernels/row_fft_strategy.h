/// The two ways to run rows: along the row (row_fft_core), or rows in the lanes of a tile where a
/// row is too short or too awkward for that.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/isa.h"
#include "kernels/row_fft.h"
#include "kernels/row_fft_core.h"

namespace papilio::kernels {

/// One call of a strategy: 1 to group() rows in memory; strides in values of T.
template <typename T>
struct Rows {
  const T* in = nullptr;
  T* out = nullptr;
  std::int64_t in_stride = 0, out_stride = 0, count = 0;
  T scale = T(1);
  T* scratch = nullptr;
  const NextRows<T>* next = nullptr;  ///< nullptr: nothing to ask for
  bool streamed = false;  ///< out and out_stride are aligned to 64 bytes, streams() is true
};

template <typename T>
class RowFftStrategy {
 public:
  virtual ~RowFftStrategy() = default;
  virtual std::int64_t group() const { return 1; }
  /// Whether results can be written past the caches.
  virtual bool streams() const { return false; }
  virtual std::int64_t scratch_size() const = 0;
  virtual void run(const Rows<T>& rows) const = 0;
};

/// Rows in lanes; any n.
template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_rows_in_lanes(FftKind kind, std::int64_t n, Isa isa);

/// Lanes along the row, or nullptr where n has no core.
template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_row_at_a_time(FftKind kind, std::int64_t n, Isa isa);

}  // namespace papilio::kernels
