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
#include "kernels/row_fft.h"

namespace papilio::kernels {

/// Rows of n interleaved complex values, `step` values apart.
template <typename T>
struct PairRows {
  std::complex<T>* values = nullptr;
  std::int64_t step = 0;

  PairRows from(std::int64_t row) const { return {values + row * step, step}; }
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
  /// Values of T a row that forward can keep for backward, which spares it all passes but the last
  /// ones. Memory for them: this times the number of rows, rounded up to an even one; aligned.
  std::int64_t kept_size() const;

  void pack(const std::complex<T>* weights, T* table) const;
  /// weights += what a gradient table holds.
  void unpack_add(const T* table, std::complex<T>* weights) const;
  /// The same between a table and conjugated weights.
  void pack_conjugate(const std::complex<T>* weights, T* table) const;
  void unpack_add_conjugate(const T* table, std::complex<T>* weights) const;

  /// dst = network(src): decimation in time, natural order on both sides. src is only read.
  void forward(const T* table, PairRows<T> src, PairRows<T> dst, std::int64_t rows, T* work,
               Writes writes = Writes::cached, T* kept = nullptr) const;
  /// dst = the transposed network of src.
  void transposed(const T* table, PairRows<T> src, PairRows<T> dst, std::int64_t rows, T* work,
                  Writes writes = Writes::cached) const;
  /// From x and g = dL/dy: dx = dL/dx unless its values are nullptr, and dL/dw added to `gradient`,
  /// laid out as a table. `table` is that of the forward network; `kept` what forward kept of the
  /// same rows, or nullptr.
  void backward(const T* table, PairRows<T> x, PairRows<T> g, PairRows<T> dx, std::int64_t rows,
                T* gradient, T* work, const T* kept = nullptr) const;

 private:
  struct Pass {
    int stages = 0;
    ButterflyShape shape;
    std::int64_t table = 0;    ///< T before it
    std::int64_t visited = 0;  ///< visits of the passes between the first and this one
  };

  static std::vector<int> split(int stages, const ButterflyKernels<T>& kernels);
  void pack_signed(const std::complex<T>* weights, T* table, T sign) const;
  void unpack_add_signed(const T* table, std::complex<T>* weights, T sign) const;
  void map_pass(const Pass& pass, int done);
  /// Whether rows stay in registers.
  bool is_square() const { return 2 * kernels_.square.stages == stages_; }
  /// Rows that share the vectors of the first pass.
  std::int64_t abreast() const { return two_rows_ ? 2 : 1; }
  /// Rows that take turns, so that a table is read once for all of them.
  std::int64_t group() const;
  std::int64_t row_size() const;
  const ButterflyPasses<T>& wide(std::size_t pass) const;
  PairRows<T> beside_zeros(PairRows<T> row, T*& work) const;
  bool can_stream(PairRows<T> dst, Writes writes) const;
  /// At row `row` of `rows`: asks for what comes `group` rows later, where that pays.
  Ahead next_rows(PairRows<T> read, PairRows<T> written, std::int64_t group, std::int64_t row,
                  std::int64_t rows) const;
  /// What is done to the rows of a group.
  using Group = void (RowButterfly::*)(const T* table, PairRows<T> src, PairRows<T> dst,
                                       ButterflyCall call, T* work, T* kept) const;
  void each_group(Group run, const T* table, PairRows<T> src, PairRows<T> dst, std::int64_t rows,
                  T* work, Writes writes, T* kept) const;
  void forward_group(const T* table, PairRows<T> src, PairRows<T> dst, ButterflyCall call, T* work,
                     T* kept) const;
  void transposed_group(const T* table, PairRows<T> src, PairRows<T> dst, ButterflyCall call,
                        T* work, T* kept) const;
  void backward_group(const T* table, PairRows<T> x, PairRows<T> g, PairRows<T> dx,
                      ButterflyCall call, T* gradient, T* work, const T* kept) const;
  /// All passes but the last, each into a buffer of its own.
  void fill_buffers(const T* table, PairRows<T> x, ButterflyCall call, T* buffers) const;
  /// Split rows of one buffer lie row_size() apart.
  template <typename U>
  auto buffer(U* buffers, std::size_t index) const;
  const FirstButterflyPasses<T>& first() const;

  int stages_;
  const ButterflyKernels<T>& kernels_;
  bool two_rows_ = false;
  std::int64_t visits_ = 0;  ///< of the passes after the first
  std::vector<Pass> passes_;
  std::vector<std::int32_t> map_;  ///< by complex slot of the table: the weight
};

}  // namespace papilio::kernels
