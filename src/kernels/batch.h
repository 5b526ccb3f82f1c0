/// Elementwise work on values as they lie in memory, item after item (row-major): what training
/// needs beside transforms. Complex values are (re, im) pairs. Plain loops that the compiler turns
/// into vectors of each instruction set, but where pairs meet single values. out may be the first
/// operand; alignment is free.
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

/// Rows `step` T apart; 0: the same row again and again.
template <typename T>
struct StackOf {
  const T* data = nullptr;
  std::int64_t step = 0;

  const T* row(std::int64_t i) const { return data + i * step; }
};

/// `count` is a number of elements (complex: pairs), or of T where a comment says so.
template <typename T>
struct BatchKernels {
  /// out = x + y; T.
  void (*add)(const T* x, const T* y, std::int64_t count, T* out);
  /// out = x + factor y; T.
  void (*add_scaled)(const T* x, const T* y, std::int64_t count, T factor, T* out);
  /// Complex x plus real y.
  void (*add_real)(const T* x, const T* y, std::int64_t count, T* out);
  /// out = x y; T.
  void (*mul)(const T* x, const T* y, std::int64_t count, T* out);
  void (*mul_complex)(const T* x, const T* y, std::int64_t count, T* out);
  /// Complex x times real y.
  void (*mul_real)(const T* x, const T* y, std::int64_t count, T* out);
  /// out = x m + factor y; x and y complex, m real.
  void (*mul_real_add)(const T* x, const T* m, const T* y, std::int64_t count, T factor, T* out);
  /// out = factor x + offset; T.
  void (*affine)(const T* x, std::int64_t count, T factor, T offset, T* out);
  void (*conj)(const T* x, std::int64_t count, T* out);
  /// Real parts of pairs.
  void (*real)(const T* x, std::int64_t count, T* out);
  /// Pairs with imaginary part 0; out is not x.
  void (*complex)(const T* x, std::int64_t count, T* out);
  /// 1 / x, and 0 where x is 0; T.
  void (*inverse)(const T* x, std::int64_t count, T* out);
  /// 1 above the threshold, else 0; NaN stays NaN.
  void (*step)(const T* x, std::int64_t count, T threshold, T* out);
  /// |x|^2 and |x| of pairs.
  void (*power)(const T* x, std::int64_t count, T* out);
  void (*magnitude)(const T* x, std::int64_t count, T* out);
  /// Whether every x is finite; T.
  bool (*finite)(const T* x, std::int64_t count);
  /// sums += x of each row in turn, in double; T.
  void (*sum_into)(StackOf<T> x, std::int64_t rows, std::int64_t count, double* sums);
  /// sums += Re(x conj(y)) of each row in turn, in double.
  void (*sum_pair_products)(StackOf<T> x, StackOf<T> y, std::int64_t rows, std::int64_t count,
                            double* sums);
  /// The sum of real parts x[0], x[step], ..., in double, in eight interleaved chains.
  double (*sum)(const T* x, std::int64_t count, std::int64_t step);
};

template <typename T>
const BatchKernels<T>& batch_kernels(Isa isa);

}  // namespace papilio::kernels
