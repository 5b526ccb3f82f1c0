/// FFTs of rows in memory, one row at a time or many: a row's bits depend on its values, the
/// length, the element type and the instruction set only, never on other rows or their number.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/isa.h"

namespace papilio::kernels {

/// What a row transform maps: complex rows are (re, im) pairs, n of them, or n / 2 + 1 bins.
enum class FftKind : std::uint8_t {
  forward,  ///< n pairs -> n pairs
  inverse,  ///< n pairs -> n pairs, exponent +
  r2c,      ///< n reals -> n / 2 + 1 pairs
  c2r,      ///< n / 2 + 1 pairs -> n reals; imaginary parts of DC and (even n) Nyquist are ignored
};

/// Where results go: into the caches; or past them to memory, which pays where rows and results do
/// not fit into the caches. Only complex results and those of c2r whose rows start on cache lines
/// can go past; all others are cached.
enum class Writes : std::uint8_t { cached, streamed };

/// How one length is carried out; defined in row_fft.cpp.
template <typename T>
class RowFftStrategy;

/// A plan for rows of one kind and length, T = float or double. Immutable, cheap to copy,
/// thread-safe; running allocates nothing. Any n >= 1.
template <typename T>
class RowFftPlan {
 public:
  RowFftPlan(FftKind kind, std::int64_t n, Isa isa);

  FftKind kind() const { return kind_; }
  std::int64_t n() const { return n_; }
  Isa isa() const { return isa_; }
  /// Values of T per input and output row.
  std::int64_t in_size() const;
  std::int64_t out_size() const;
  /// Values of T of scratch that one thread needs; best aligned to 64 bytes.
  std::int64_t scratch_size() const;

  /// One row: out = scale * DFT(in). No alignment needed; in, out and scratch must not overlap.
  void run(const T* in, T* out, double scale, T* scratch) const;
  /// `rows` rows; strides in values of T, at least in_size() and out_size() apart.
  void run_many(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride,
                std::int64_t rows, double scale, T* scratch, Writes writes = Writes::cached) const;

 private:
  FftKind kind_;
  std::int64_t n_;
  Isa isa_;
  std::shared_ptr<const RowFftStrategy<T>> strategy_;
};

}  // namespace papilio::kernels
