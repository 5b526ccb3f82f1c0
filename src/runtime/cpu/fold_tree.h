/// Sums over the frames of a row that give the same bits however the frames arrive: units of 8
/// frames are summed in one lane, 8 units as a tree in the compute type, groups of 64 frames as a
/// tree in double. The tree is a binary counter over absolute group indices.
#pragma once

#include <array>
#include <cstdint>

#include "base/threads.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

enum class Combine : std::uint8_t { add, max };

/// Totals of [rows][length] values. All rows advance together.
template <typename T>
class FoldTree {
 public:
  /// Takes blocks `first_block` and above of `work`.
  FoldTree(Workspace& work, std::size_t first_block, std::int64_t rows, std::int64_t length,
           Combine combine);

  /// Adds the next units of every row: units[row][unit][length].
  void add(const T* units, std::int64_t units_per_row, const base::ThreadPool* pool);

  /// totals[row][length] of everything added (at least one unit). Nothing can be added afterwards.
  void total(T* totals, const base::ThreadPool* pool);

 private:
  static constexpr std::size_t kMaxLevels = 56;

  void add_row(const T* units, std::int64_t count, std::int64_t row) const;
  void close_group(std::int64_t row, std::int64_t units, std::int64_t index) const;
  void sum_levels(std::int64_t row, std::uint64_t groups, T* total) const;
  void ensure_levels(std::int64_t groups);
  T* pending(std::int64_t row) const;
  double* level(std::size_t number, std::int64_t row) const {
    return levels_[number] + row * length_;
  }

  Workspace& work_;
  std::size_t first_block_;
  std::int64_t rows_, length_;
  Combine combine_;
  std::int64_t units_ = 0;  ///< added so far to each row
  T* pending_;              ///< [rows][8 units][length]: the group that is not full yet
  std::array<double*, kMaxLevels> levels_{};
};

}  // namespace papilio::runtime::cpu
