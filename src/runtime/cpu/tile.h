/// The working set of one visit: L items side by side in the lanes, [element][lane] throughout.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// No instruction set has more lanes.
inline constexpr std::size_t kMaxTileLanes = 64;

/// Where a node's values lie in a tile: slots are offsets in elements (of L lanes each).
struct Value {
  std::int64_t re = -1;
  std::int64_t im = -1;  ///< complex values, and the second frame of a pair
  std::int64_t length = 0;

  bool has_im() const { return im >= 0; }
};

/// One thread's tile.
template <typename T>
struct Tile {
  T* arena = nullptr;
  std::int64_t lanes = 0;
  const std::int64_t* row = nullptr;  ///< row of each lane; -1: the lane is idle
  std::span<const T* const> row_max;  ///< by stored value: the maximum of each row
  std::span<RowStatus> status;        ///< by row, or empty
  bool started = false;               ///< a fold has seen frames of this unit before

  T* at(std::int64_t slot) const { return arena + slot * lanes; }
};

/// One step of a program: a kernel bound to its tables and slots.
template <typename T>
using Step = std::function<void(Tile<T>&)>;

/// Hands out slots of a tile; first fit, so that a small working set stays in the cache.
class SlotAllocator {
 public:
  std::int64_t take(std::int64_t length);
  void give_back(std::int64_t slot);
  /// Elements that a tile must have.
  std::int64_t size() const { return size_; }

 private:
  struct Block {
    std::int64_t begin, length;
    bool free;
  };
  std::vector<Block> blocks_;
  std::int64_t size_ = 0;
};

}  // namespace papilio::runtime::cpu
