/// Learned radix-2 butterfly networks along rows in memory, lanes = columns within the transform:
/// what row_fft is to the exact FFT, with a twiddle of its own for every butterfly. Weights come
/// and go in the order of a network's parameters (stage, then block: n / 2 complex values a stage);
/// a packed table holds them as the kernels read them.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/butterfly_kernels.h"
#include "kernels/isa.h"

namespace papilio::kernels {

/// Rows of n interleaved complex values, `step` values apart.
template <typename T>
struct Rows {
  std::complex<T>* values = nullptr;
  std::int64_t step = 0;

  Rows from(std::int64_t row) const { return {values + row * step, step}; }
  Source<T> pairs() const { return {reinterpret_cast<const T*>(values), nullptr}; }
  Target<T> target() const { return {reinterpret_cast<T*>(values), nullptr}; }
};

/// Structure only: immutable, thread-safe, serves any weights. Rows are n interleaved complex
/// values; source, destination and work do not overlap.
template <typename T>
class RowButterfly {
 public:
  /// Whether rows of n = 2^stages elements can be run on this instruction set.
  static bool possible(int stages, Isa isa);
  RowButterfly(int stages, Isa isa);

  std::int64_t n() const { return std::int64_t{1} << stages_; }
  /// Complex values of all stages: n / 2 each.
  std::int64_t weights() const { return n() / 2 * stages_; }
  /// Values of T in a table, 64-byte aligned.
  std::int64_t table_size() const { return static_cast<std::int64_t>(map_.size()) * 2; }
  /// Values of T that forward and transposed need, and that backward needs; 64-byte aligned.
  std::int64_t work_size() const;
  std::int64_t backward_work_size() const;

  void pack(const std::complex<T>* weights, T* table) const;
  /// weights += what a gradient table holds.
  void unpack_add(const T* table, std::complex<T>* weights) const;

  /// dst = network(src): decimation in time, natural order on both sides. src is only read.
  void forward(const T* table, Rows<T> src, Rows<T> dst, std::int64_t rows, T* work) const;
  /// dst = the transposed network of src.
  void transposed(const T* table, Rows<T> src, Rows<T> dst, std::int64_t rows, T* work) const;
  /// From x and g = dL/dy: dx = dL/dx, and dL/dw added to `gradient`, laid out as a table. `table`
  /// is that of the forward network.
  void backward(const T* table, Rows<T> x, Rows<T> g, Rows<T> dx, std::int64_t rows, T* gradient,
                T* work) const;

 private:
  struct Pass {
    int stages = 0;
    ButterflyShape shape;
    std::int64_t table = 0;  ///< T before it
  };

  static std::vector<int> split(int stages, std::int64_t lanes);
  void map_pass(const Pass& pass, int done);
  /// Rows that share the vectors of the first pass.
  std::int64_t abreast() const { return two_rows_ ? 2 : 1; }
  std::int64_t row_size() const;
  const ButterflyPasses<T>& wide(std::size_t pass) const;
  Rows<T> beside_zeros(Rows<T> row, T*& work) const;
  void forward_group(const T* table, Rows<T> src, Rows<T> dst, T* work) const;
  void transposed_group(const T* table, Rows<T> src, Rows<T> dst, T* work) const;
  void backward_group(const T* table, Rows<T> x, Rows<T> g, Rows<T> dx, T* gradient, T* work) const;
  Target<T> buffer(T* work, std::int64_t index, std::int64_t row) const;
  const FirstButterflyPasses<T>& first() const;

  int stages_;
  const ButterflyKernels<T>& kernels_;
  bool two_rows_ = false;
  std::vector<Pass> passes_;
  std::vector<std::int32_t> map_;  ///< by complex slot of the table: the weight
};

}  // namespace papilio::kernels
