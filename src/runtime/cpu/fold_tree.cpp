// The binary counter: after g groups, level i holds a sum of 2^i groups where bit i of g is set.
#include "runtime/cpu/fold_tree.h"

#include <algorithm>
#include <bit>

#include "runtime/cpu/tile_program.h"

namespace papilio::runtime::cpu {
namespace {

template <typename V>
V joined(Combine combine, V left, V right) {
  return combine == Combine::add ? left + right : std::max(left, right);
}

}  // namespace

template <typename T>
FoldTree<T>::FoldTree(Workspace& work, std::size_t first_block, std::int64_t rows,
                      std::int64_t length, Combine combine)
    : work_(work),
      first_block_(first_block + 1),
      rows_(rows),
      length_(length),
      combine_(combine),
      pending_(work.get<T>(first_block, static_cast<std::size_t>(rows * length * kGroupUnits))) {}

template <typename T>
T* FoldTree<T>::pending(std::int64_t row) const {
  return pending_ + row * kGroupUnits * length_;
}

/// Sums the pending units of a row as a tree and adds the sum to the counter as group `index`.
template <typename T>
void FoldTree<T>::close_group(std::int64_t row, std::int64_t units, std::int64_t index) const {
  T* group = pending(row);
  for (std::int64_t step = 1; step < units; step *= 2) {
    for (std::int64_t u = 0; u + step < units; u += 2 * step) {
      T* left = group + u * length_;
      const T* right = left + step * length_;
      for (std::int64_t i = 0; i < length_; ++i) left[i] = joined(combine_, left[i], right[i]);
    }
  }
  const auto free = static_cast<std::size_t>(std::countr_one(static_cast<std::uint64_t>(index)));
  for (std::int64_t i = 0; i < length_; ++i) {
    double sum = group[i];
    for (std::size_t below = 0; below < free; ++below) {
      sum = joined(combine_, level(below, row)[i], sum);
    }
    level(free, row)[i] = sum;
  }
}

template <typename T>
void FoldTree<T>::add_row(const T* units, std::int64_t count, std::int64_t row) const {
  for (std::int64_t u = 0; u < count; ++u) {
    const std::int64_t slot = (units_ + u) % kGroupUnits;
    std::copy_n(units + u * length_, length_, pending(row) + slot * length_);
    if (slot == kGroupUnits - 1) close_group(row, kGroupUnits, (units_ + u) / kGroupUnits);
  }
}

template <typename T>
void FoldTree<T>::ensure_levels(std::int64_t groups) {
  const auto depth = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(groups)));
  for (std::size_t i = 0; i < depth; ++i) {
    if (levels_[i] != nullptr) continue;
    levels_[i] = work_.get<double>(first_block_ + i, static_cast<std::size_t>(rows_ * length_));
  }
}

template <typename T>
void FoldTree<T>::add(const T* units, std::int64_t units_per_row, const base::ThreadPool* pool) {
  ensure_levels((units_ + units_per_row + kGroupUnits - 1) / kGroupUnits);
  base::split(pool, rows_, 1, [&](int, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      add_row(units + row * units_per_row * length_, units_per_row, row);
    }
  });
  units_ += units_per_row;
}

template <typename T>
void FoldTree<T>::sum_levels(std::int64_t row, std::uint64_t groups, T* total) const {
  for (std::int64_t i = 0; i < length_; ++i) {
    double sum = level(static_cast<std::size_t>(std::countr_zero(groups)), row)[i];
    for (std::uint64_t rest = groups & (groups - 1); rest != 0; rest &= rest - 1) {
      sum = joined(combine_, level(static_cast<std::size_t>(std::countr_zero(rest)), row)[i], sum);
    }
    total[i] = static_cast<T>(sum);
  }
}

template <typename T>
void FoldTree<T>::total(T* totals, const base::ThreadPool* pool) {
  const std::int64_t open = units_ % kGroupUnits;
  const std::int64_t groups = (units_ + kGroupUnits - 1) / kGroupUnits;
  base::split(pool, rows_, 1, [&](int, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      if (open > 0) close_group(row, open, groups - 1);
      sum_levels(row, static_cast<std::uint64_t>(groups), totals + row * length_);
    }
  });
}

template class FoldTree<float>;
template class FoldTree<double>;

}  // namespace papilio::runtime::cpu
