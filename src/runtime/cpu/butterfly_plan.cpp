// The choice between rows in memory and tiles, and the transposed network along rows.
#include "runtime/cpu/butterfly_plan.h"

#include <algorithm>

#include "transform/layout.h"

namespace papilio::runtime {
namespace {

/// The network that RowButterfly runs. Radix 2 knows no direction: its DFT is real.
template <typename T>
bool along_rows(const ir::ButterflyAttrs& attrs, kernels::Isa isa) {
  const auto stages = static_cast<int>(attrs.radices.size());
  const auto is_two = [](int radix) { return radix == 2; };
  if (attrs.block || attrs.linear || attrs.first != 0 || attrs.last != stages) return false;
  if (!std::all_of(attrs.radices.begin(), attrs.radices.end(), is_two)) return false;
  if (!kernels::RowButterfly<T>::possible(stages, isa) || attrs.permutation == nullptr) {
    return false;
  }
  return *attrs.permutation == transform::digit_reversal(transform::layout_of(attrs.radices));
}

}  // namespace

template <typename T>
ButterflyPlan<T>::ButterflyPlan(const ir::ButterflyAttrs& attrs, kernels::Isa isa)
    : n_(transform::layout_of(attrs.radices).n), transposed_(attrs.transposed) {
  if (runtime::along_rows<T>(attrs, isa)) {
    row_.emplace(static_cast<int>(attrs.radices.size()), isa);
  } else {
    tiles_.emplace(attrs, isa);
  }
}

template <typename T>
std::int64_t ButterflyPlan<T>::parameters() const {
  return row_ ? row_->weights() : tiles_->parameters();
}

// A transposed network along rows has a second table, of conj(w).
template <typename T>
std::int64_t ButterflyPlan<T>::table_size() const {
  return row_ ? (transposed_ ? 2 : 1) * row_->table_size() : tiles_->table_size();
}

template <typename T>
std::int64_t ButterflyPlan<T>::work_size() const {
  return row_ ? row_->work_size() : tiles_->work_size();
}

template <typename T>
std::int64_t ButterflyPlan<T>::backward_work_size() const {
  return row_ ? row_->backward_work_size() : tiles_->backward_work_size();
}

// The gradient of a transposed network runs another forward one.
template <typename T>
std::int64_t ButterflyPlan<T>::kept_size() const {
  return row_ && !transposed_ ? row_->kept_size() : 0;
}

template <typename T>
void ButterflyPlan<T>::pack(const std::complex<T>* p, T* table) const {
  if (!row_) return tiles_->pack(p, table);
  row_->pack(p, table);
  if (transposed_) row_->pack_conjugate(p, table + row_->table_size());
}

template <typename T>
void ButterflyPlan<T>::unpack_add(const T* gradient_table, std::complex<T>* dp) const {
  if (!row_) return tiles_->unpack_add(gradient_table, dp);
  if (transposed_) {
    row_->unpack_add_conjugate(gradient_table, dp);
  } else {
    row_->unpack_add(gradient_table, dp);
  }
}

template <typename T>
void ButterflyPlan<T>::forward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> y,
                               std::int64_t rows, T* work, kernels::Writes writes, T* kept) const {
  if (!row_) return tiles_->forward(table, x, y, rows, work);
  if (transposed_) {
    row_->transposed(table, x, y, rows, work, writes);
  } else {
    row_->forward(table, x, y, rows, work, writes, kept);
  }
}

template <typename T>
void ButterflyPlan<T>::backward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> g,
                                kernels::PairRows<T> dx, std::int64_t rows, T* gradient_table,
                                T* work, const T* kept) const {
  if (row_) return backward_along_rows(table, x, g, dx, rows, gradient_table, work, kept);
  tiles_->backward(table, x, g, dx, rows, gradient_table, work);
}

// With <a, b> = sum conj(a) b: Re <g, A(w)^T x> = Re <x, A(conj w) g>, as A(w) conjugated is
// A(conj w). So the gradient by conj(w) is that of the network of conj(w) whose input is g and
// whose upstream gradient is x, and dx = A(conj w) g is its result.
template <typename T>
void ButterflyPlan<T>::backward_along_rows(const T* table, kernels::PairRows<T> x,
                                           kernels::PairRows<T> g, kernels::PairRows<T> dx,
                                           std::int64_t rows, T* gradient_table, T* work,
                                           const T* kept) const {
  if (!transposed_) return row_->backward(table, x, g, dx, rows, gradient_table, work, kept);
  const T* conjugate = table + row_->table_size();
  row_->backward(conjugate, g, x, {}, rows, gradient_table, work);
  if (dx.values != nullptr) row_->forward(conjugate, g, dx, rows, work);
}

template class ButterflyPlan<float>;
template class ButterflyPlan<double>;

}  // namespace papilio::runtime
