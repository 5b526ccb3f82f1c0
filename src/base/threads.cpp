// Thread pool on oneTBB, or on std::thread (PAPILIO_STD_THREADS) where ThreadSanitizer must see
// every synchronisation: Debian's TBB is not instrumented.
#include "base/threads.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#if !defined(PAPILIO_STD_THREADS)
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

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

#if defined(PAPILIO_STD_THREADS)

int hardware_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

struct ThreadPool::Arena {
  explicit Arena(int) {}
  void run(int parts, FunctionRef<void(int)> part) const {
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(parts));
    std::vector<std::thread> threads;
    for (int p = 0; p < parts; ++p) {
      threads.emplace_back([&, p] {
        try {
          part(p);
        } catch (...) {
          errors[static_cast<std::size_t>(p)] = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  }
};

#else

int hardware_threads() { return std::max(1, tbb::info::default_concurrency()); }

struct ThreadPool::Arena {
  explicit Arena(int threads) : arena(threads) {}
  void run(int parts, FunctionRef<void(int)> part) {
    arena.execute([&] {
      tbb::parallel_for(0, parts, 1, [&](int p) { part(p); }, tbb::static_partitioner());
    });
  }
  tbb::task_arena arena;
};

#endif

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

}  // namespace papilio::base
