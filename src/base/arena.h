/// The threads behind a ThreadPool. Two implementations, chosen by the build: oneTBB, and
/// std::thread for ThreadSanitizer, which must see every synchronisation (Debian's TBB is not
/// instrumented).
#pragma once

#include <memory>

#include "base/function_ref.h"

namespace papilio::base {

class Arena {
 public:
  explicit Arena(int threads);
  ~Arena();

  /// Calls part(0) .. part(parts - 1) in parallel; returns when all are done. The first exception
  /// is rethrown.
  void run(int parts, FunctionRef<void(int)> part) const;

  /// Hardware threads this process may use.
  static int hardware_threads();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace papilio::base
