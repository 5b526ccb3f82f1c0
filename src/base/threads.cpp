// The static cut of a range, and who works on its parts.
#include "base/threads.h"

#include <algorithm>

#include "base/arena.h"

namespace papilio::base {
namespace {

struct Cut {
  std::int64_t count, grain;
  int parts;
  std::int64_t edge(int part) const {
    const std::int64_t grains = (count + grain - 1) / grain;
    return std::min(count, grains * part / parts * grain);
  }
};

Cut cut(std::int64_t count, std::int64_t grain, int threads) {
  const std::int64_t grains = (count + grain - 1) / grain;
  return {count, grain, static_cast<int>(std::min<std::int64_t>(threads, grains))};
}

}  // namespace

int hardware_threads() { return Arena::hardware_threads(); }

ThreadPool::ThreadPool(int threads)
    : size_(threads > 0 ? threads : hardware_threads()),
      arena_(size_ > 1 ? std::make_shared<Arena>(size_) : nullptr) {}

void ThreadPool::split(std::int64_t count, std::int64_t grain,
                       FunctionRef<void(int, std::int64_t, std::int64_t)> body) const {
  if (count <= 0) return;
  const Cut c = cut(count, grain, size_);
  if (c.parts == 1) return body(0, 0, count);
  arena_->run(c.parts, [&](int part) { body(part, c.edge(part), c.edge(part + 1)); });
}

void split(const ThreadPool* pool, std::int64_t count, std::int64_t grain,
           FunctionRef<void(int, std::int64_t, std::int64_t)> body) {
  if (pool != nullptr) return pool->split(count, grain, body);
  if (count > 0) body(0, 0, count);
}

}  // namespace papilio::base
