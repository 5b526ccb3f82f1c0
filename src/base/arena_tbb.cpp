// Threads of oneTBB.
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "base/arena.h"

namespace papilio::base {

struct Arena::Impl {
  explicit Impl(int threads)
      : allowed(tbb::global_control::max_allowed_parallelism, allowance(threads)), arena(threads) {}

  // The least allowance of all arenas that live counts, so that none may be below the machine's.
  static std::size_t allowance(int threads) {
    return static_cast<std::size_t>(std::max(threads, hardware_threads()));
  }

  // More threads than the machine has are given only for as long as this asks for them.
  tbb::global_control allowed;
  tbb::task_arena arena;
};

Arena::Arena(int threads) : impl_(std::make_unique<Impl>(threads)) {}
Arena::~Arena() = default;

int Arena::hardware_threads() { return std::max(1, tbb::info::default_concurrency()); }

void Arena::run(int parts, FunctionRef<void(int)> part) const {
  const auto each = [&](int number) { part(number); };
  impl_->arena.execute([&] { tbb::parallel_for(0, parts, 1, each, tbb::static_partitioner()); });
}

}  // namespace papilio::base
