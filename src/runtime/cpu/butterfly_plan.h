/// How the CPU runs a butterfly op and its gradients: over rows in memory where the network is one
/// of radix-2 twiddles, over tiles otherwise.
#pragma once

#include <complex>
#include <cstdint>
#include <optional>

#include "ir/attrs.h"
#include "kernels/row_butterfly.h"
#include "kernels/row_fft.h"
#include "runtime/cpu/butterfly_tiles.h"

namespace papilio::runtime {

/// y = A(p) x as ir::ButterflyAttrs says, over rows of n complex values. T = float or double.
/// Structure only: immutable, thread-safe, serves any parameters. Rows may lie anywhere (`step` of
/// a few values apart, any alignment); tables and work are aligned to 64 bytes. What is read, what
/// is written and work do not overlap. Work: a few rows for radix-2 twiddle networks, else as
/// TileButterfly says; linear in n times stages at most.
///
/// A row of y or dx has the same bits whatever rows share the call. Gradients of parameters are
/// summed in an order that n, T, the ISA and the number of rows of a call fix: the same calls give
/// the same bits, another division of rows into calls may not.
template <typename T>
class ButterflyPlan {
 public:
  /// `attrs` must be valid (ir/verify.h).
  ButterflyPlan(const ir::ButterflyAttrs& attrs, kernels::Isa isa);

  std::int64_t n() const { return n_; }
  /// Complex values of p.
  std::int64_t parameters() const;
  /// Values of T in a table, or in a gradient table.
  std::int64_t table_size() const;
  /// Values of T that forward needs, and that backward needs.
  std::int64_t work_size() const;
  std::int64_t backward_work_size() const;
  /// Values of T a row that forward can keep to spare backward work, in memory for an even number
  /// of rows; 0: nothing.
  std::int64_t kept_size() const;
  /// Whether rows are run along memory.
  bool along_rows() const { return row_.has_value(); }

  /// p as the kernels read it.
  void pack(const std::complex<T>* p, T* table) const;
  /// dp += the gradients that backward gathered.
  void unpack_add(const T* gradient_table, std::complex<T>* dp) const;

  /// y = A(p) x. x is only read.
  void forward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> y, std::int64_t rows,
               T* work, kernels::Writes writes = kernels::Writes::cached, T* kept = nullptr) const;
  /// From x and g = dL/d(re y) + i dL/d(im y): dx = A^H g unless dx.values is null, and the
  /// gradient by p, in the same convention, added to `gradient_table` (zeros before the first
  /// call). `kept` is what forward kept of the same rows, or nullptr.
  void backward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> g,
                kernels::PairRows<T> dx, std::int64_t rows, T* gradient_table, T* work,
                const T* kept = nullptr) const;

 private:
  void backward_along_rows(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> g,
                           kernels::PairRows<T> dx, std::int64_t rows, T* gradient_table, T* work,
                           const T* kept) const;

  std::int64_t n_ = 0;
  bool transposed_ = false;
  std::optional<kernels::RowButterfly<T>> row_;
  std::optional<TileButterfly<T>> tiles_;  ///< exactly one of the two
};

}  // namespace papilio::runtime
