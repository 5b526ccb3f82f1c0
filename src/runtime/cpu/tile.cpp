// First-fit slots.
#include "runtime/cpu/tile.h"

namespace papilio::runtime::cpu {

std::int64_t SlotAllocator::take(std::int64_t length) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (!blocks_[i].free || blocks_[i].length < length) continue;
    const Block found = blocks_[i];
    blocks_[i] = {found.begin, length, false};
    if (found.length > length) {
      blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                     {found.begin + length, found.length - length, true});
    }
    return found.begin;
  }
  blocks_.push_back({size_, length, false});
  size_ += length;
  return blocks_.back().begin;
}

void SlotAllocator::give_back(std::int64_t slot) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].begin != slot || blocks_[i].free) continue;
    blocks_[i].free = true;
    const auto merge = [&](std::size_t left) {
      if (!blocks_[left].free || !blocks_[left + 1].free) return;
      blocks_[left].length += blocks_[left + 1].length;
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(left) + 1);
    };
    if (i + 1 < blocks_.size()) merge(i);
    if (i > 0) merge(i - 1);
    return;
  }
}

}  // namespace papilio::runtime::cpu
