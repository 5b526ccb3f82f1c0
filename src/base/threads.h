/// Static parallelism: a range is cut into equal contiguous parts, one per thread. Which thread
/// does what never changes a result; the cut only depends on the count and the number of parts.
#pragma once

#include <cstdint>
#include <memory>

#include "base/function_ref.h"

namespace papilio::base {

class Arena;

/// Hardware threads this process may use.
int hardware_threads();

/// A pool of `threads` workers (0: all hardware threads). Copies share the pool. Thread-safe.
class ThreadPool {
 public:
  explicit ThreadPool(int threads = 1);
  int size() const { return size_; }

  /// Calls body(part, begin, end) for each of min(size(), ceil(count / grain)) contiguous parts
  /// of [0, count), whose inner edges are multiples of `grain`; returns when all are done. The
  /// first exception is rethrown.
  void split(std::int64_t count, std::int64_t grain,
             FunctionRef<void(int part, std::int64_t begin, std::int64_t end)> body) const;

 private:
  int size_;
  std::shared_ptr<Arena> arena_;
};

/// The same on `pool`, or on the calling thread alone where there is none.
void split(const ThreadPool* pool, std::int64_t count, std::int64_t grain,
           FunctionRef<void(int part, std::int64_t begin, std::int64_t end)> body);

}  // namespace papilio::base
